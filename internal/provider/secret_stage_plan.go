package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	instance := instanceOf(ctx, req, resp)
	if req.Plan.Raw.IsNull() {
		r.planDelete(ctx, req, instance, resp)
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
	r.wantVersion(plan, instance, &resp.Diagnostics)
	switch {
	case req.State.Raw.IsNull():
		r.planCreate(ctx, &plan, instance, resp)
	case req.Plan.Raw.Equal(req.State.Raw):
		r.note(plan, instance, planKeeps, &resp.Diagnostics)
		return // nothing to write into the plan
	default:
		r.planUpdate(ctx, req, &plan, instance, resp)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// planDelete warns of what a destroy leaves behind.
func (r *secretStageResource) planDelete(ctx context.Context, req resource.ModifyPlanRequest, instance string, resp *resource.ModifyPlanResponse) {
	var state secretStageModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	r.session.notePlannedDeletion(ctx, state.key(r.session.region), resp)
	r.note(state, instance, planDeletes, &resp.Diagnostics)
	if csms.IsBuiltInStage(state.Name.ValueString()) {
		resp.Diagnostics.Append(builtInStaysWarning(state.object()))
		return
	}
	r.warnOfLastStage(ctx, state, "", &resp.Diagnostics)
}

// warnOfLastStage warns of a version whose last stage is deleted: the service may delete
// a version without any. Of several stages of a version that are deleted together, the
// one that is planned last says so.
func (r *secretStageResource) warnOfLastStage(ctx context.Context, state secretStageModel, advice string, diags *diag.Diagnostics) {
	key := state.key(r.session.region)
	if csms.IsBuiltInStage(key.stage) || r.session.journal.isStarted() {
		return
	}
	client, err := r.session.clientIn(state.Region)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lookUpTimeout)
	defer cancel()
	versions, err := client.PlannedVersions(ctx, key.secret)
	version := findVersion(versions, state.VersionID.ValueString())
	if err != nil || version == nil || !slices.Contains(version.Stages, key.stage) {
		return // not there any more, or nothing that a deletion could wait for
	}
	for _, stage := range version.Stages {
		key.stage = stage
		if csms.IsBuiltInStage(stage) || !r.session.conflicts.deletes(key) {
			return
		}
	}
	diags.Append(warning("CSMS secret version loses its last stage", state.object(),
		"no stage is left on version %q once this one is deleted. The service may delete a version without any. "+
			"Put another stage on it before, if it is still needed.%s", version.ID, advice))
}

// note notes what the plan of an instance does with the stage, and warns if another
// instance does what does not go with it.
func (r *secretStageResource) note(stage secretStageModel, instance string, role planRole, diags *diag.Diagnostics) {
	others := r.session.conflicts.note(stage.key(r.session.region), instance, role)
	builtIn := csms.IsBuiltInStage(stage.Name.ValueString()) // which nothing deletes
	switch {
	case r.session.journal.isStarted():
	case role == planDeletes && others&planKeeps != 0, role == planKeeps && others&planDeletes != 0:
		if !builtIn {
			diags.Append(inStateTwiceWarning(stage.object()))
		}
	case role == planDeletes && others&planCreates != 0, role == planCreates && others&planDeletes != 0:
		diags.Append(newAddressWarning(stage.object()))
	}
	if kept, ok := r.session.conflicts.keptAndDeleted(stage.key(r.session.region).ofSecret()); ok && !r.session.journal.isStarted() {
		diags.Append(keptAndDeletedError(kept))
	}
}

// newAddressWarning tells of a stage that leaves one resource for another. Terraform may
// carry out the two in any order.
func newAddressWarning(on object) diag.Diagnostic {
	return warning("CSMS secret stage is deleted and created again", on,
		"one resource of this plan deletes the stage, and another one creates it. If the resource only has a new address, tell Terraform, and nothing will happen to the stage:\n\n"+
			"  moved {\n    from = csms_secret_stage.<old name>\n    to   = csms_secret_stage.<new name>\n  }\n\n"+
			"Without that the stage may be missing for a moment, and a version without any stage may be deleted by the service.")
}

// inStateTwiceWarning tells of a stage that one instance keeps and another one deletes.
// The apply calls the provider for the second one only, so it cannot know then that the
// stage is still wanted.
func inStateTwiceWarning(on object) diag.Diagnostic {
	return warning("CSMS secret stage is in the state twice", on,
		"one resource keeps the stage, and another one, which is to be destroyed, has it too. If that is a deposed object of the same resource, the stage stays. "+
			"Otherwise it is deleted, and missing until the next apply. "+
			"To prevent that, let Terraform forget the other resource: with a removed block that has destroy = false, or terraform state rm.")
}

// keptAndDeletedError refuses a plan that keeps a stage, deletes it, and creates another
// one of the same secret. If what is deleted is a deposed object, isLeftover could take the
// created one for its replacement, and the stage would be deleted although it is wanted.
func keptAndDeletedError(kept objectKey) diag.Diagnostic {
	on := object{region: kept.region, secret: kept.secret, stage: kept.stage}
	return apiError("plan CSMS secret stage", on,
		errors.New("one object in the state keeps the stage, another one has it too and is to be destroyed, "+
			"and this plan creates another stage of the same secret"),
		"Apply the destruction alone first: terraform apply -target=<address of the object to be destroyed>. "+
			"A deposed object has the address of its resource. Then apply the rest.")
}

// wantVersion refuses two instances that want one stage on different versions.
func (r *secretStageResource) wantVersion(plan secretStageModel, instance string, diags *diag.Diagnostics) {
	if anyUnknown(plan.Region, plan.SecretName, plan.Name, plan.VersionID) {
		return
	}
	other, conflict := r.session.conflicts.want(plan.key(r.session.region), instance, plan.VersionID.ValueString())
	if conflict {
		diags.AddAttributeError(path.Root("version_id"), "CSMS secret stage is declared twice",
			fmt.Sprintf("On %s: this resource puts the stage on version %q, and another one in this configuration puts it on %q. "+
				"A stage is on one version at a time, so they would undo each other at every apply. Remove one of the two.",
				plan.object(), plan.VersionID.ValueString(), other))
	}
}

// planCreate fills in what is known before the stage exists, and warns if it does exist,
// on another version.
func (r *secretStageResource) planCreate(ctx context.Context, plan *secretStageModel, instance string, resp *resource.ModifyPlanResponse) {
	plan.ID = objectID(plan.SecretName, plan.Name)
	if anyUnknown(plan.Region, plan.SecretName, plan.Name) || resp.Diagnostics.HasError() {
		return
	}
	r.note(*plan, instance, planCreates, &resp.Diagnostics)
	client, err := r.session.clientIn(plan.Region)
	if err != nil {
		resp.Diagnostics.Append(regionError(plan.Region, r.session, err)...)
		return
	}
	if r.session.journal.isStarted() {
		return // the plan has been told
	}
	r.lookUp(ctx, client, plan, &resp.Diagnostics)
}

// lookUp warns of what the creation of a stage will meet.
func (r *secretStageResource) lookUp(ctx context.Context, client *csms.Client, plan *secretStageModel, diags *diag.Diagnostics) {
	ctx, cancel := context.WithTimeout(ctx, lookUpTimeout)
	defer cancel()
	versions, err := client.PlannedVersions(ctx, plan.SecretName.ValueString())
	switch {
	case csms.IsGone(err): // a secret that this very apply creates
	case csms.ReasonOf(err) == csms.ReasonCredentials:
		diags.Append(apiError("look up CSMS secret stage", plan.object(), err)) // nor will the apply get any further
	case err != nil:
		diags.Append(warning("Unable to look up CSMS secret stage", plan.object(),
			"%s So the plan cannot tell whether the stage is in use. %s", sentence(cause(err)), remedyFor(err)))
	default:
		r.warnOfTaking(plan, versions, diags)
		r.warnOfMissing(ctx, client, plan, versions, diags)
	}
}

// lookUpVersion warns of a version that a stage is to be moved to and that is not there.
func (r *secretStageResource) lookUpVersion(ctx context.Context, plan *secretStageModel, diags *diag.Diagnostics) {
	client, err := r.session.clientIn(plan.Region)
	if err != nil || r.session.journal.isStarted() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lookUpTimeout)
	defer cancel()
	if versions, err := client.PlannedVersions(ctx, plan.SecretName.ValueString()); err == nil {
		r.warnOfMissing(ctx, client, plan, versions, diags)
	}
}

// warnOfMissing warns of a version that is not there. The list may be older than the
// version, so before that the service is asked again; and the apply may yet make it, so
// that it is no error.
func (r *secretStageResource) warnOfMissing(ctx context.Context, client *csms.Client, plan *secretStageModel, versions []csms.Version, diags *diag.Diagnostics) {
	id := plan.VersionID.ValueString()
	if plan.VersionID.IsUnknown() || findVersion(versions, id) != nil {
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
	holder, expected := holderOf(versions, plan.Name.ValueString()), plan.ExpectedVersionID
	switch {
	case holder == "" || holder == plan.VersionID.ValueString():
	case !expected.IsNull() && !expected.IsUnknown() && holder != expected.ValueString():
		diags.Append(warning("CSMS secret stage is not where it is expected", plan.object(),
			"the stage is on version %q now, and expected_version_id is %q. Unless this apply moves it there before, the apply will fail.",
			holder, expected.ValueString()))
	case plan.VersionID.IsUnknown():
		diags.Append(warning("CSMS secret stage is in use", plan.object(),
			"the stage is on version %q now, and will be taken from there if the version known after apply is another one.", holder))
	default:
		diags.Append(warning("CSMS secret stage will be taken from another version", plan.object(),
			"the stage is on version %q now, and will be moved to %q. To leave it there, set version_id = %q.", holder, plan.VersionID.ValueString(), holder))
		r.warnOfMovingBack(plan, holder, diags)
	}
}

// planUpdate says where the stage is taken from if it moves, and that nothing else
// changes if it does not.
func (r *secretStageResource) planUpdate(ctx context.Context, req resource.ModifyPlanRequest, plan *secretStageModel, instance string, resp *resource.ModifyPlanResponse) {
	var state secretStageModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if state.Region.IsNull() {
		state.Region = plan.Region
	}
	if plan.identity() != state.identity() { // a replacement: planned again as a creation
		refuseAssumedRegion(ctx, req, resp, plan.Region, state.Region, state.object().name())
		r.note(state, instance, planDeletes, &resp.Diagnostics)
		r.warnOfLastStage(ctx, state, " Or let the resource have lifecycle { create_before_destroy = true }, which puts the new label on it before the old one goes.", &resp.Diagnostics)
		return
	}
	switch {
	case plan.VersionID.IsUnknown():
		plan.PreviousVersionID = types.StringUnknown()
		plan.UpdateTime = instant{types.StringUnknown()}
		r.note(*plan, instance, planKeeps, &resp.Diagnostics)
	case plan.VersionID.Equal(state.VersionID):
		plan.PreviousVersionID = state.PreviousVersionID
		plan.UpdateTime = state.UpdateTime
		if !plan.ExpectedVersionID.IsNull() && !state.ExpectedVersionID.IsNull() {
			plan.ExpectedVersionID = state.ExpectedVersionID // it has a meaning only for a move
		}
		r.note(*plan, instance, planKeeps, &resp.Diagnostics)
	default:
		plan.PreviousVersionID = state.VersionID
		plan.UpdateTime = instant{types.StringUnknown()}
		r.note(*plan, instance, planKeeps, &resp.Diagnostics)
		r.warnOfMovingBack(plan, state.VersionID.ValueString(), &resp.Diagnostics)
		r.lookUpVersion(ctx, plan, &resp.Diagnostics)
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

// isMoveSource reports whether a state is one of the main provider's resource. From the
// second moved block of one resource on, Terraform names either its type or its provider
// as this one's.
func isMoveSource(typeName, address string) bool {
	const main = "huaweicloud_csms_secret_version_state"
	fromMain := strings.HasSuffix(address, "/huaweicloud/huaweicloud")
	switch typeName {
	case main:
		return fromMain || strings.HasSuffix(address, "/"+providerName+"/"+providerName)
	case providerName + "_secret_stage":
		return fromMain
	default:
		return false
	}
}

func moveVersionState(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	if req.SourceState == nil || !isMoveSource(req.SourceTypeName, req.SourceProviderAddress) {
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
