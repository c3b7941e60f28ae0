package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

// planDelete warns of what a destroy leaves behind.
func (r *secretStageResource) planDelete(
	ctx context.Context, req resource.ModifyPlanRequest, instance string, resp *resource.ModifyPlanResponse,
) {
	var state secretStageModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	stage := state.target(r.data.region)
	r.data.recordPlannedDeletion(ctx, resp)
	r.checkPlanConflicts(stage, instance, planDeletes|planDestroys, &resp.Diagnostics)
	if csms.IsBuiltInStage(stage.stage) {
		resp.Diagnostics.Append(builtInNotDeletedWarning(stage))
		return
	}
	r.warnLastStage(ctx, state, "", &resp.Diagnostics)
}

// planCreate sets what is known before the stage exists, and warns if it does exist, on another
// version.
func (r *secretStageResource) planCreate(
	ctx context.Context, plan *secretStageModel, instance string, resp *resource.ModifyPlanResponse,
) {
	plan.ID = objectID(plan.SecretName, plan.Name)
	r.checkPlanConflicts(plan.target(r.data.region), instance, planCreates, &resp.Diagnostics)
	if anyUnknown(plan.Region, plan.SecretName, plan.Name) || resp.Diagnostics.HasError() {
		return
	}
	client, err := r.data.clientIn(plan.Region)
	if err != nil {
		resp.Diagnostics.Append(regionError(plan.Region, r.data, err)...)
		return
	}
	if r.data.journal.isStarted() {
		return // the plan has warned already
	}
	r.lookUpForCreate(ctx, client, plan, &resp.Diagnostics)
}

// planUpdate sets from where the stage is taken if it moves, and that nothing else changes if it
// does not.
func (r *secretStageResource) planUpdate(
	ctx context.Context, req resource.ModifyPlanRequest, plan *secretStageModel, instance string,
	resp *resource.ModifyPlanResponse,
) {
	var state secretStageModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if state.Region.IsNull() {
		state.Region = plan.Region
	}
	stage := state.target(r.data.region)
	if plan.identity() != state.identity() { // a replacement: planned again as a creation
		refuseAssumedRegion(ctx, req, resp, plan.Region, state.Region, stage.name())
		r.checkPlanConflicts(stage, instance, planDeletes, &resp.Diagnostics)
		r.warnLastStage(ctx, state, replacementAdvice, &resp.Diagnostics)
		return
	}
	switch {
	case plan.VersionID.IsUnknown():
		plan.PreviousVersionID = types.StringUnknown()
		plan.UpdateTime = instant{types.StringUnknown()}
		r.checkPlanConflicts(stage, instance, planKeeps, &resp.Diagnostics)
	case plan.VersionID.Equal(state.VersionID):
		plan.PreviousVersionID = state.PreviousVersionID
		plan.UpdateTime = state.UpdateTime
		if !plan.ExpectedVersionID.IsNull() && !state.ExpectedVersionID.IsNull() {
			plan.ExpectedVersionID = state.ExpectedVersionID // it has a meaning only for a move
		}
		r.checkPlanConflicts(stage, instance, planKeeps, &resp.Diagnostics)
	default:
		plan.PreviousVersionID = state.VersionID
		plan.UpdateTime = instant{types.StringUnknown()}
		r.checkPlanConflicts(stage, instance, planKeeps, &resp.Diagnostics)
		r.warnMovesBack(plan, state.VersionID.ValueString(), &resp.Diagnostics)
		r.warnNotExpected(plan, state.VersionID.ValueString(), &resp.Diagnostics)
		r.lookUpForMove(ctx, plan, &resp.Diagnostics)
	}
}

// checkDeclaredOnce refuses two instances that want one stage on different versions.
func (r *secretStageResource) checkDeclaredOnce(plan secretStageModel, instance string, diags *diag.Diagnostics) {
	if anyUnknown(plan.Region, plan.SecretName, plan.Name, plan.VersionID) {
		return
	}
	stage, wanted := plan.target(r.data.region), plan.VersionID.ValueString()
	if other, conflict := r.data.conflicts.recordWanted(stage, instance, wanted); conflict {
		diags.AddAttributeError(path.Root("version_id"), "CSMS secret stage is declared twice", fmt.Sprintf(
			"On %s: this resource puts the stage on version %q, and another one in this configuration puts it on %q. "+
				"A stage is on one version at a time, so they would undo each other at every apply. Remove one of the two.",
			stage, wanted, other))
	}
}

// checkPlanConflicts records what the plan of an instance does with the stage, and warns if the
// plan of another instance does what conflicts with it.
func (r *secretStageResource) checkPlanConflicts(
	stage target, instance string, role planRole, diags *diag.Diagnostics,
) {
	others := r.data.conflicts.recordRole(stage, instance, role)
	builtIn := csms.IsBuiltInStage(stage.stage) // which nothing deletes
	switch {
	case r.data.journal.isStarted(): // the plan has warned already
	case builtIn, stage.stage == "":
	case role&planDeletes != 0 && others&planKeeps != 0, role == planKeeps && others&planDeletes != 0:
		diags.Append(inStateTwiceWarning(stage))
	case role&planDeletes != 0 && others&planCreates != 0, role == planCreates && others&planDeletes != 0:
		diags.Append(newAddressWarning(stage))
	}
	kept, ok := r.data.conflicts.keptAndDestroyed()
	if ok && !r.data.journal.isStarted() {
		diags.Append(keptAndDestroyedError(kept))
	}
}

// newAddressWarning is for a stage that leaves one resource for another. Terraform may carry out
// the two in any order.
func newAddressWarning(stage target) diag.Diagnostic {
	return warning("CSMS secret stage is deleted and created again", stage,
		"one resource of this plan deletes the stage, and another one creates it. If the resource only has a new "+
			"address, tell Terraform, and nothing will happen to the stage:\n\n"+
			"  moved {\n    from = csms_secret_stage.<old name>\n    to   = csms_secret_stage.<new name>\n  }\n\n"+
			"Without that the stage may be missing for a moment, and a version without any stage may be deleted by the service.")
}

// inStateTwiceWarning is for a stage that one instance keeps and another one deletes. The apply
// calls the provider for the second one only, so it cannot know then that the stage is still
// wanted.
func inStateTwiceWarning(stage target) diag.Diagnostic {
	return warning("CSMS secret stage is in the state twice", stage,
		"one resource keeps the stage, and another one, which is to be destroyed, has it too. If that is a deposed "+
			"object of the same resource, the stage stays. Otherwise it is deleted, and missing until the next apply. "+
			"To prevent that, let Terraform forget the other resource: with a removed block that has destroy = false, "+
			"or terraform state rm.")
}

// keptAndDestroyedError refuses a plan that keeps a stage, destroys it, and creates another one. If
// what is deleted is a deposed object, isLeftover could take the created one for its replacement,
// and the stage would be deleted although it is wanted.
func keptAndDestroyedError(kept target) diag.Diagnostic {
	return apiError("plan CSMS secret stage", kept,
		errors.New("one object in the state keeps the stage, another one has it too and is to be destroyed, "+
			"and this plan creates another stage"),
		"Apply the destruction alone first: terraform apply -target=<address of the object to be destroyed>. "+
			"A deposed object has the address of its resource. Then apply the rest.")
}

// warnLastStage warns of a version whose last stage is deleted: the service may delete a version
// without any. Of several stages of a version that are deleted together, the one that is planned
// last carries the warning.
func (r *secretStageResource) warnLastStage(
	ctx context.Context, state secretStageModel, advice string, diags *diag.Diagnostics,
) {
	stage := state.target(r.data.region)
	if csms.IsBuiltInStage(stage.stage) || r.data.journal.isStarted() {
		return
	}
	client, err := r.data.clientIn(state.Region)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lookUpTimeout)
	defer cancel()
	versions, err := client.PlannedVersions(ctx, stage.secret)
	version := findVersion(versions, state.VersionID.ValueString())
	if err != nil || version == nil || !slices.Contains(version.Stages, stage.stage) {
		return // not there any more, or nothing that a deletion could wait for
	}
	for _, name := range version.Stages {
		other := target{region: stage.region, secret: stage.secret, stage: name}
		if csms.IsBuiltInStage(name) || !r.data.conflicts.deletes(other) {
			return
		}
	}
	diags.Append(lastStageWarning(stage, version.ID, advice))
}

// replacementAdvice is how a replacement leaves no version without a stage.
const replacementAdvice = " Or let the resource have lifecycle { create_before_destroy = true }, " +
	"which puts the new stage on it before the old one goes."

func lastStageWarning(stage target, versionID, advice string) diag.Diagnostic {
	return warning("CSMS secret version loses its last stage", stage,
		"no stage is left on version %q once this one is deleted. The service may delete a version without any. "+
			"Put another stage on it before, if it is still needed.%s", versionID, advice)
}

// lookUpForCreate warns of what the creation of a stage will meet.
func (r *secretStageResource) lookUpForCreate(
	ctx context.Context, client *csms.Client, plan *secretStageModel, diags *diag.Diagnostics,
) {
	ctx, cancel := context.WithTimeout(ctx, lookUpTimeout)
	defer cancel()
	stage := plan.target(r.data.region)
	versions, err := client.PlannedVersions(ctx, stage.secret)
	switch {
	case csms.IsGone(err): // a secret that this very apply creates
	case csms.ReasonOf(err) == csms.ReasonCredentials: // with which the apply will not get any further
		diags.Append(apiError("look up CSMS secret stage", stage, err))
	case err != nil:
		diags.Append(warning("Unable to look up CSMS secret stage", stage,
			"%s So the plan cannot tell whether the stage is in use. %s", sentence(cause(err)), remedyFor(err)))
	default:
		r.warnStageWillMove(plan, versions, diags)
		r.warnVersionMissing(ctx, client, plan, versions, diags)
	}
}

// lookUpForMove warns if the version that a stage is to be moved to is not there.
func (r *secretStageResource) lookUpForMove(ctx context.Context, plan *secretStageModel, diags *diag.Diagnostics) {
	client, err := r.data.clientIn(plan.Region)
	if err != nil || r.data.journal.isStarted() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lookUpTimeout)
	defer cancel()
	if versions, err := client.PlannedVersions(ctx, plan.SecretName.ValueString()); err == nil {
		r.warnVersionMissing(ctx, client, plan, versions, diags)
	}
}

// warnVersionMissing warns of a version that is not there. The list may be older than the version,
// so the service is asked again before. It is no error, because the apply may yet create the
// version.
func (r *secretStageResource) warnVersionMissing(
	ctx context.Context, client *csms.Client, plan *secretStageModel, versions []csms.Version, diags *diag.Diagnostics,
) {
	id := plan.VersionID.ValueString()
	if plan.VersionID.IsUnknown() || findVersion(versions, id) != nil {
		return
	}
	versions, err := client.ListVersions(ctx, plan.SecretName.ValueString())
	if err == nil && findVersion(versions, id) == nil {
		diags.Append(warning("CSMS secret version does not exist", plan.target(r.data.region),
			"there is no version %q, %s. Unless this apply makes it before, the apply will fail.", id, versionIDs(versions)))
	}
}

// warnStageWillMove warns where a new resource will take its stage from.
func (r *secretStageResource) warnStageWillMove(
	plan *secretStageModel, versions []csms.Version, diags *diag.Diagnostics,
) {
	stage := plan.target(r.data.region)
	holder := holderOf(versions, stage.stage)
	switch {
	case holder == "" || holder == plan.VersionID.ValueString():
	case r.warnNotExpected(plan, holder, diags):
	case plan.VersionID.IsUnknown():
		diags.Append(warning("CSMS secret stage is in use", stage, "the stage is on version %q now, "+
			"and will be taken from there if the version known after apply is another one.", holder))
	default:
		diags.Append(warning("CSMS secret stage will be taken from another version", stage,
			"the stage is on version %q now, and will be moved to %q. To leave it there, set version_id = %q.",
			holder, plan.VersionID.ValueString(), holder))
		r.warnMovesBack(plan, holder, diags)
	}
}

// warnNotExpected warns, and reports, that the stage is not where expected_version_id says.
func (r *secretStageResource) warnNotExpected(plan *secretStageModel, holder string, diags *diag.Diagnostics) bool {
	expected := plan.ExpectedVersionID
	if expected.IsNull() || expected.IsUnknown() || holder == expected.ValueString() || r.data.journal.isStarted() {
		return false
	}
	diags.Append(warning("CSMS secret stage is not where it is expected", plan.target(r.data.region),
		"the stage is on version %q now, and expected_version_id is %q. "+
			"Unless this apply moves it there before, the apply will fail.", holder, expected.ValueString()))
	return true
}

// warnMovesBack warns if SYSCURRENT moves to an older version: either a roll-back, or a
// configuration that does not know of the last rotation.
func (r *secretStageResource) warnMovesBack(plan *secretStageModel, from string, diags *diag.Diagnostics) {
	to := plan.VersionID.ValueString()
	fromNumber, okFrom := csms.VersionNumber(from)
	toNumber, okTo := csms.VersionNumber(to)
	if plan.Name.ValueString() == csms.StageCurrent && okFrom && okTo && toNumber < fromNumber {
		diags.Append(warning("SYSCURRENT moves back to an older version", plan.target(r.data.region),
			"the stage moves from version %q back to %q, so readers of the secret get an older value again. "+
				"If somebody rotated the secret outside Terraform, set version_id to %q instead.", from, to, from))
	}
}
