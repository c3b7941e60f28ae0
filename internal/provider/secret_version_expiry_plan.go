package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

// planDelete warns which expiry a destroy leaves. Terraform plans the deletion half of a
// replacement without asking the provider, so a rotation that replaces this resource does
// not warn every time.
func (r *secretVersionExpiryResource) planDelete(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	var state secretVersionExpiryModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if state.ExpireTime.IsNull() {
		return
	}
	resp.Diagnostics.Append(warning("Expiry of CSMS secret version is not cleared", state.target(r.data.region),
		"the service cannot clear an expiry. The version still expires at %s after the resource is destroyed.",
		state.ExpireTime.ValueString()))
}

// checkDeclaredOnce refuses two instances that want different times for one version.
func (r *secretVersionExpiryResource) checkDeclaredOnce(
	plan secretVersionExpiryModel, instance string, diags *diag.Diagnostics,
) {
	wanted, known := plan.ExpireTime.time()
	if !known || anyUnknown(plan.Region, plan.SecretName, plan.VersionID) {
		return
	}
	version := plan.target(r.data.region)
	if other, conflict := r.data.conflicts.recordWanted(version, instance, formatTime(wanted)); conflict {
		diags.AddAttributeError(path.Root("expire_time"), "Expiry of CSMS secret version is declared twice", fmt.Sprintf(
			"On %s: this resource sets %s, and another one in this configuration sets %s. "+
				"A version has one expiry, so they would undo each other at every apply. Remove one of the two.",
			version, formatTime(wanted), other))
	}
}

// planWrite refuses a time that has passed, unless the version already has it. Whether a version
// that is not known yet has it, only apply can tell: it may be the one that the state has, read
// again in the same apply.
func (r *secretVersionExpiryResource) planWrite(
	ctx context.Context, plan secretVersionExpiryModel, diags *diag.Diagnostics,
) {
	wanted, known := plan.ExpireTime.time()
	if !known || wanted.After(r.data.now()) {
		return
	}
	if anyUnknown(plan.Region, plan.SecretName, plan.VersionID) {
		diags.Append(warning("Expiry of CSMS secret version has passed", plan.target(r.data.region),
			"expire_time %s has passed. The apply fails unless the version, which is not known yet, has that expiry "+
				"already.", formatTime(wanted)))
		return
	}
	stored, err := r.storedExpiry(ctx, plan)
	if err != nil || stored.Equal(wanted) {
		return // apply looks again before it writes
	}
	past := pastError(wanted, stored)
	refusal := apiError(actionSetExpiry, plan.target(r.data.region), past, past.remedy)
	diags.AddAttributeError(path.Root("expire_time"), refusal.Summary(), refusal.Detail())
}

// storedExpiry looks up what the version has; zero if that is nothing, or if the version is not
// there yet.
func (r *secretVersionExpiryResource) storedExpiry(
	ctx context.Context, plan secretVersionExpiryModel,
) (time.Time, error) {
	client, err := r.data.clientIn(plan.Region)
	if err != nil {
		return time.Time{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, lookUpTimeout)
	defer cancel()
	versions, err := client.PlannedVersions(ctx, plan.SecretName.ValueString())
	if err == nil && findVersion(versions, plan.VersionID.ValueString()) == nil {
		// The list may be older than the version, and this refuses.
		versions, err = client.ListVersions(ctx, plan.SecretName.ValueString())
	}
	if err != nil && !csms.IsGone(err) {
		return time.Time{}, err
	}
	if version := findVersion(versions, plan.VersionID.ValueString()); version != nil {
		return version.ExpireTime, nil
	}
	return time.Time{}, nil
}
