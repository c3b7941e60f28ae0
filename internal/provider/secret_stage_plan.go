package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

// ModifyPlan fills in what a change means and warns where it may surprise. Terraform
// plans again during apply and insists on the same result, so only what follows from
// configuration and state goes into the plan; what was looked up goes into warnings.
func (r *secretStageResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.session == nil {
		return
	}
	if req.Plan.Raw.IsNull() {
		r.planDelete(ctx, req, resp)
		return
	}
	var plan secretStageModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if req.State.Raw.IsNull() {
		resp.Diagnostics.Append(plannedRegion(ctx, req.Config, r.session, &plan.Region)...)
	}
	if plan.Region.IsNull() { // a state that was moved here and not refreshed since
		plan.Region = r.session.region
	}
	r.claim(plan, instanceOf(ctx, req, resp), &resp.Diagnostics)
	switch {
	case req.State.Raw.IsNull():
		r.planCreate(ctx, &plan, resp)
	case req.Plan.Raw.Equal(req.State.Raw):
		r.claimKept(plan, &resp.Diagnostics)
		return // nothing to write into the plan
	default:
		r.planUpdate(ctx, req, &plan, resp)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// planDelete warns of what a destroy leaves behind.
func (r *secretStageResource) planDelete(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var state secretStageModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if csms.IsBuiltInStage(state.Name.ValueString()) {
		resp.Diagnostics.Append(builtInStaysWarning(state.object()))
		return
	}
	r.claimDeletion(state, &resp.Diagnostics)
	r.warnOfUnlabelled(state, "", &resp.Diagnostics)
}

// warnOfUnlabelled warns of a version whose only label goes: the service may delete it.
// It knows the versions from the refresh that came before.
func (r *secretStageResource) warnOfUnlabelled(state secretStageModel, advice string, diags *diag.Diagnostics) {
	client, err := r.session.clientIn(state.Region)
	if err != nil || csms.IsBuiltInStage(state.Name.ValueString()) {
		return
	}
	version := findVersion(client.RememberedVersions(state.SecretName.ValueString()), state.VersionID.ValueString())
	if version != nil && len(version.Stages) == 1 && version.Stages[0] == state.Name.ValueString() {
		diags.Append(warning("CSMS secret version loses its only label", state.object(),
			"version %q has no other label than this one, which goes. The service may delete a version without any. Put another label on it before, if it is still needed.%s",
			version.ID, advice))
	}
}

// claimDeletion warns if the label that goes is one that another instance keeps.
func (r *secretStageResource) claimDeletion(state secretStageModel, diags *diag.Diagnostics) {
	if !csms.IsBuiltInStage(state.Name.ValueString()) && r.session.claims.delete(state.key(r.session.region)) {
		diags.Append(inStateTwiceWarning(state.object()))
	}
}

// claimKept warns if the label that stays goes with another instance.
func (r *secretStageResource) claimKept(plan secretStageModel, diags *diag.Diagnostics) {
	if !csms.IsBuiltInStage(plan.Name.ValueString()) && r.session.claims.keep(plan.key(r.session.region)) {
		diags.Append(inStateTwiceWarning(plan.object()))
	}
}

// inStateTwiceWarning tells of a label that one instance keeps and another one is to be
// destroyed with. The apply calls the provider for the second one only, so it cannot
// know then that the label is still wanted.
func inStateTwiceWarning(on object) diag.Diagnostic {
	return warning("CSMS secret stage is in the state twice", on,
		"one resource keeps the stage, and another one, which is to be destroyed, has it too. The stage will be deleted with it, "+
			"and be missing until the next apply. To prevent that, let Terraform forget the other resource: with a removed block that has destroy = false, or terraform state rm.")
}

// claim refuses two instances that want one label on different versions.
func (r *secretStageResource) claim(plan secretStageModel, instance string, diags *diag.Diagnostics) {
	if anyUnknown(plan.Region, plan.SecretName, plan.Name, plan.VersionID) {
		return
	}
	other, conflict := r.session.claims.claim(plan.key(r.session.region), instance, plan.VersionID.ValueString())
	if conflict {
		diags.AddAttributeError(path.Root("version_id"), "CSMS secret stage is declared twice",
			fmt.Sprintf("On %s: this resource puts the stage on version %q, and another one in this configuration puts it on %q. "+
				"A stage is on one version at a time, so they would undo each other at every apply. Remove one of the two.",
				plan.object(), plan.VersionID.ValueString(), other))
	}
}

// planCreate fills in what is known before the label exists, and warns if it does
// exist, on another version.
func (r *secretStageResource) planCreate(ctx context.Context, plan *secretStageModel, resp *resource.ModifyPlanResponse) {
	plan.ID = objectID(plan.SecretName, plan.Name)
	if anyUnknown(plan.Region, plan.SecretName, plan.Name) || resp.Diagnostics.HasError() {
		return
	}
	client, err := r.session.clientIn(plan.Region)
	if err != nil {
		resp.Diagnostics.Append(regionError(plan.Region, r.session, err)...)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lookUpTimeout)
	defer cancel()
	versions, err := client.PlannedVersions(ctx, plan.SecretName.ValueString())
	if csms.IsGone(err) {
		return // a secret that this very apply creates
	}
	if csms.ReasonOf(err) == csms.ReasonCredentials {
		resp.Diagnostics.Append(apiError("look up CSMS secret stage", plan.object(), err)) // nor will the apply get any further
		return
	}
	if err != nil {
		resp.Diagnostics.Append(warning("Unable to look up CSMS secret stage", plan.object(),
			"%s So the plan cannot tell whether the stage is in use. %s", sentence(cause(err)), remedyFor(err)))
		return
	}
	r.warnOfTaking(plan, versions, &resp.Diagnostics)
	r.warnOfMissing(ctx, client, plan, versions, &resp.Diagnostics)
}

// warnOfMissing warns of a version that is not there. The list may be older than the
// version, so before that the service is asked again; and the apply may yet make it, so
// that it is no error.
func (r *secretStageResource) warnOfMissing(ctx context.Context, client *csms.Client, plan *secretStageModel, versions []csms.Version, diags *diag.Diagnostics) {
	ctx, cancel := context.WithTimeout(ctx, lookUpTimeout)
	defer cancel()
	id := plan.VersionID.ValueString()
	if plan.VersionID.IsUnknown() || versions == nil || findVersion(versions, id) != nil {
		return
	}
	versions, err := client.ListVersions(ctx, plan.SecretName.ValueString())
	if err == nil && findVersion(versions, id) == nil {
		diags.Append(warning("CSMS secret version does not exist", plan.object(),
			"there is no version %q, %s. Unless this apply makes it before, the apply will fail.", id, versionIDs(versions)))
	}
}

// warnOfTaking warns where a new resource will take a label from.
func (r *secretStageResource) warnOfTaking(plan *secretStageModel, versions []csms.Version, diags *diag.Diagnostics) {
	holder := holderOf(versions, plan.Name.ValueString())
	switch {
	case holder == "" || holder == plan.VersionID.ValueString():
	case plan.VersionID.IsUnknown():
		diags.Append(warning("CSMS secret stage is in use", plan.object(),
			"the stage is on version %q now, and will be taken from there if the version known after apply is another one.", holder))
	default:
		diags.Append(warning("CSMS secret stage will be taken from another version", plan.object(),
			"the stage is on version %q now, and will be moved to %q. To leave it there, set version_id = %q.", holder, plan.VersionID.ValueString(), holder))
		r.warnOfMovingBack(plan, holder, diags)
	}
}

// planUpdate says where the label is taken from if it moves, and that nothing else
// changes if it does not.
func (r *secretStageResource) planUpdate(ctx context.Context, req resource.ModifyPlanRequest, plan *secretStageModel, resp *resource.ModifyPlanResponse) {
	var state secretStageModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if state.Region.IsNull() {
		state.Region = plan.Region
	}
	if plan.identity() != state.identity() { // a replacement: planned again as a creation
		r.claimDeletion(state, &resp.Diagnostics)
		r.warnOfUnlabelled(state, " Or let the resource have lifecycle { create_before_destroy = true }, which puts the new label on it before the old one goes.", &resp.Diagnostics)
		return
	}
	switch {
	case plan.VersionID.IsUnknown():
		plan.PreviousVersionID = types.StringUnknown()
		plan.UpdateTime = instant{types.StringUnknown()}
	case plan.VersionID.Equal(state.VersionID):
		plan.PreviousVersionID = state.PreviousVersionID
		plan.UpdateTime = state.UpdateTime
		r.claimKept(*plan, &resp.Diagnostics)
	default:
		plan.PreviousVersionID = state.VersionID
		plan.UpdateTime = instant{types.StringUnknown()}
		r.warnOfMovingBack(plan, state.VersionID.ValueString(), &resp.Diagnostics)
		if client, err := r.session.clientIn(plan.Region); err == nil {
			r.warnOfMissing(ctx, client, plan, client.RememberedVersions(plan.SecretName.ValueString()), &resp.Diagnostics)
		}
	}
}

// warnOfMovingBack warns when SYSCURRENT moves to an older version: a roll-back that
// is meant, or a configuration that has not heard of the last rotation.
func (r *secretStageResource) warnOfMovingBack(plan *secretStageModel, from string, diags *diag.Diagnostics) {
	wanted := plan.VersionID.ValueString()
	old, okOld := csms.VersionNumber(from)
	target, okTarget := csms.VersionNumber(wanted)
	if plan.Name.ValueString() == csms.StageCurrent && okOld && okTarget && target < old {
		diags.Append(warning("SYSCURRENT moves back to an older version", plan.object(),
			"the stage moves from version %q back to %q, so readers of the secret get an older value again. "+
				"If somebody rotated the secret outside Terraform, set version_id to %q instead.", from, wanted, from))
	}
}

// MoveState takes over the state of huaweicloud_csms_secret_version_state, without a
// call: the Read that follows fills in the rest.
func (r *secretStageResource) MoveState(context.Context) []resource.StateMover {
	source := schema.Schema{Attributes: map[string]schema.Attribute{
		"region":      schema.StringAttribute{Optional: true, Computed: true},
		"secret_name": schema.StringAttribute{Required: true},
		"name":        schema.StringAttribute{Required: true},
		"version_id":  schema.StringAttribute{Required: true},
	}}
	return []resource.StateMover{{SourceSchema: &source, StateMover: moveVersionState}}
}

func moveVersionState(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	if req.SourceTypeName != "huaweicloud_csms_secret_version_state" ||
		!strings.HasSuffix(req.SourceProviderAddress, "/huaweicloud/huaweicloud") || req.SourceState == nil {
		return
	}
	target := secretStageModel{Timeouts: noTimeouts()}
	for name, value := range map[string]*types.String{
		"region": &target.Region, "secret_name": &target.SecretName, "name": &target.Name, "version_id": &target.VersionID,
	} {
		resp.Diagnostics.Append(req.SourceState.GetAttribute(ctx, path.Root(name), value)...)
	}
	target.ID = objectID(target.SecretName, target.Name)
	resp.Diagnostics.Append(resp.TargetState.Set(ctx, target)...)
}
