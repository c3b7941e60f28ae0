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

// ModifyPlan refuses a time that has passed where it is about to be written, and tells
// which expiry stays after a destroy. An expiry that was written and has passed since
// is left in peace.
func (r *secretVersionExpiryResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.session == nil {
		return
	}
	if req.Plan.Raw.IsNull() {
		r.planDelete(ctx, req, resp)
		return
	}
	var plan, state secretVersionExpiryModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	creating := req.State.Raw.IsNull()
	if creating {
		resp.Diagnostics.Append(plannedRegion(ctx, req.Config, r.session, &plan.Region)...)
		plan.ID = objectID(plan.SecretName, plan.VersionID)
	} else {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	r.wantExpiry(plan, instanceOf(ctx, req, resp), &resp.Diagnostics)
	if req.Plan.Raw.Equal(req.State.Raw) {
		return // nothing to write into the plan
	}
	if _, err := r.session.clientIn(plan.Region); creating && err != nil {
		resp.Diagnostics.Append(regionError(plan.Region, r.session, err)...)
	}
	replacing := !creating && plan.identity() != state.identity() // planned again as a creation
	if replacing {
		refuseAssumedRegion(ctx, req, resp, plan.Region, state.Region, state.object().name())
	}
	if !replacing && !plan.ExpireTime.isSame(state.ExpireTime) {
		r.planWrite(ctx, plan, &resp.Diagnostics)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// planDelete tells which expiry a destroy leaves. Terraform plans the deletion half of
// a replacement without asking the provider, so a rotation that replaces this resource
// is not told every time.
func (r *secretVersionExpiryResource) planDelete(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var state secretVersionExpiryModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if state.ExpireTime.IsNull() {
		return
	}
	resp.Diagnostics.Append(warning("Expiry of CSMS secret version stays", state.object(),
		"the service cannot clear an expiry. The version still expires at %s after the resource is destroyed.", state.ExpireTime.ValueString()))
}

// wantExpiry refuses two instances that want different times for one version.
func (r *secretVersionExpiryResource) wantExpiry(plan secretVersionExpiryModel, instance string, diags *diag.Diagnostics) {
	wanted, known := plan.ExpireTime.time()
	if !known || anyUnknown(plan.Region, plan.SecretName, plan.VersionID) {
		return
	}
	key := objectKey{region: plan.Region.ValueString(), secret: plan.SecretName.ValueString(), version: plan.VersionID.ValueString()}
	other, conflict := r.session.conflicts.want(key, instance, formatTime(wanted))
	if conflict {
		diags.AddAttributeError(path.Root("expire_time"), "Expiry of CSMS secret version is declared twice",
			fmt.Sprintf("On %s: this resource sets %s, and another one in this configuration sets %s. "+
				"A version has one expiry, so they would undo each other at every apply. Remove one of the two.", plan.object(), formatTime(wanted), other))
	}
}

// planWrite refuses a time that has passed, unless the version already has it. Whether
// a version that is not known yet has it, only apply can tell: it may be the one that
// the state has, read again in the same apply.
func (r *secretVersionExpiryResource) planWrite(ctx context.Context, plan secretVersionExpiryModel, diags *diag.Diagnostics) {
	wanted, known := plan.ExpireTime.time()
	if !known || wanted.After(r.session.now()) {
		return
	}
	if anyUnknown(plan.Region, plan.SecretName, plan.VersionID) {
		diags.Append(warning("Expiry of CSMS secret version has passed", plan.object(),
			"expire_time %s has passed. The apply fails unless the version, which is not known yet, has that expiry already.", formatTime(wanted)))
		return
	}
	stored, err := r.storedExpiry(ctx, plan)
	if err != nil || stored.Equal(wanted) {
		return // apply looks again before it writes
	}
	past := pastError(wanted, stored)
	refusal := apiError(setExpiry, plan.object(), past, past.remedy)
	diags.AddAttributeError(path.Root("expire_time"), refusal.Summary(), refusal.Detail())
}

// storedExpiry looks up what the version has; zero if that is nothing, or if the
// version is not there yet.
func (r *secretVersionExpiryResource) storedExpiry(ctx context.Context, plan secretVersionExpiryModel) (time.Time, error) {
	client, err := r.session.clientIn(plan.Region)
	if err != nil {
		return time.Time{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, lookUpTimeout)
	defer cancel()
	versions, err := client.PlannedVersions(ctx, plan.SecretName.ValueString())
	if err == nil && findVersion(versions, plan.VersionID.ValueString()) == nil {
		// The memory may be older than the version, and this refuses.
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
