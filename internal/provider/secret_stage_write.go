package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

// What the two writes attempt, for their errors.
const (
	moveStage   = "move CSMS secret stage"
	deleteStage = "delete CSMS secret stage"
)

// putStage is a stage after a write, and the version it was taken from, nil if none.
type putStage struct {
	csms.Stage
	from *string
}

// decision looks at the version that carries a label right before the write, and says
// whether the label may be put on another one. An error means: write nothing. A nil
// decision lets a label be taken from anywhere.
type decision func(holder string) error

// put makes the label sit on the planned version. Reading the holder and writing are
// one critical section, so that no other instance moves the label in between; what
// others did since the plan is for may to judge. It returns nil after an error.
func (r *secretStageResource) put(ctx context.Context, plan secretStageModel, may decision, diags *diag.Diagnostics) *putStage {
	on, key := plan.object(), plan.key(r.session.region)
	on.version = plan.VersionID.ValueString()
	client, unlock, err := r.session.lock(ctx, plan.Region, on.secret)
	if err != nil {
		diags.Append(apiError(moveStage, on, err))
		return nil
	}
	defer unlock()
	if r.session.labels.isUndeleted(key) {
		diags.Append(apiError(moveStage, on, errUndeleted, "Apply again: the deletion is tried once more, then the stage is made anew."))
		return nil
	}
	holder, err := client.GetStage(ctx, on.secret, on.stage)
	switch {
	case csms.IsGone(err):
		holder = nil
	case err != nil:
		diags.Append(apiError(moveStage, on, err))
		return nil
	case holder.VersionID == on.version:
		r.session.labels.own(key)
		return &putStage{Stage: *holder}
	case may != nil:
		if err := may(holder.VersionID); err != nil {
			diags.Append(apiError(moveStage, on, err))
			return nil
		}
	}
	stage, err := client.PutStage(ctx, on.secret, on.stage, on.version)
	if err != nil {
		diags.Append(putError(ctx, client, on, err))
		return nil
	}
	r.session.labels.own(key)
	return r.moved(plan, stage, holder)
}

// errUndeleted is a label that another instance of this run could not delete.
var errUndeleted = errors.New("another resource of this run has the stage in its state and failed to delete it")

// moved notes where a label was taken from.
func (r *secretStageResource) moved(plan secretStageModel, stage, holder *csms.Stage) *putStage {
	if holder == nil {
		return &putStage{Stage: *stage}
	}
	if holder.Name == csms.StageCurrent {
		key := plan.key(r.session.region)
		r.session.labels.leave(key.region, key.secret, holder.VersionID)
	}
	return &putStage{Stage: *stage, from: &holder.VersionID}
}

// warnOfTaken tells where a new resource has taken its label from.
func (r *secretStageResource) warnOfTaken(plan secretStageModel, stage putStage, diags *diag.Diagnostics) {
	if stage.from == nil || r.isOwnDoing(plan, *stage.from) {
		return
	}
	diags.Append(warning("CSMS secret stage was taken from another version", plan.object(),
		"the stage was on version %q and was moved to %q. previous_version_id records where it was.", *stage.from, plan.VersionID.ValueString()))
}

// updateDecision lets a label be moved only from the version that the plan was made
// from.
func (r *secretStageResource) updateDecision(plan secretStageModel) decision {
	return func(holder string) error {
		expected := plan.PreviousVersionID.ValueString()
		if holder == expected || r.isOwnDoing(plan, holder) {
			return nil
		}
		return fmt.Errorf("somebody moved the stage after the plan was made: the plan moves it from version %q to %q, but it is on %q now. "+
			"The stage was left where it is. Make a new plan, and look at it before you apply it", expected, plan.VersionID.ValueString(), holder)
	}
}

// isOwnDoing tells whether a label that is not where the plan saw it was moved by this
// very run: when SYSCURRENT leaves a version, the service may put SYSPREVIOUS there.
func (r *secretStageResource) isOwnDoing(plan secretStageModel, holder string) bool {
	key := plan.key(r.session.region)
	return plan.Name.ValueString() == csms.StagePrevious && r.session.labels.isLeft(key.region, key.secret, holder)
}

// putError explains a refused write. Which version is missing or misspelt, and which
// stages fill a secret, can be told only with the list of versions.
func putError(ctx context.Context, client *csms.Client, on object, err error) diag.Diagnostic {
	reason := csms.ReasonOf(err)
	switch reason {
	case csms.ReasonGone, csms.ReasonStageLimit, csms.ReasonOther: // another code may mean a misspelt version
	default:
		return apiError(moveStage, on, err, refusalRemedy(ctx, client, on, err))
	}
	versions, listErr := client.ListVersions(ctx, on.secret)
	switch {
	case csms.IsGone(listErr):
		return apiError(moveStage, on, err, "The secret does not exist. Check its name, the region and the project; or let this resource depend on the one that creates it.")
	case listErr != nil:
		return apiError(moveStage, on, err)
	case reason == csms.ReasonStageLimit:
		return apiError(moveStage, on, err, sentence("A secret carries 12 stages at most; "+stageNames(versions)), "Remove one that is not needed any more.")
	case findVersion(versions, on.version) != nil:
		return apiError(moveStage, on, err, refusalRemedy(ctx, client, on, err))
	}
	return apiError(moveStage, on, err, missingVersionRemedy(on.version, versions))
}

// missingVersionRemedy names the versions there are.
func missingVersionRemedy(versionID string, versions []csms.Version) string {
	return fmt.Sprintf("There is no version %q: %s. Set version_id to one of them, or let this resource depend on the one that creates the version.",
		versionID, versionIDs(versions))
}

// remove deletes the label if it still is where the state has it.
func (r *secretStageResource) remove(ctx context.Context, state secretStageModel, diags *diag.Diagnostics) {
	on, key := state.object(), state.key(r.session.region)
	client, unlock, err := r.session.lock(ctx, state.Region, on.secret)
	if err != nil {
		r.session.labels.failToDelete(key)
		diags.Append(apiError(deleteStage, on, err))
		return
	}
	defer unlock()
	if r.session.labels.isOwned(key) {
		return
	}
	holder, err := client.GetStage(ctx, on.secret, on.stage)
	if err == nil && holder.VersionID != state.VersionID.ValueString() {
		diags.Append(warning("CSMS secret stage was moved and is left alone", on,
			"the state has it on version %q, but somebody moved it to %q since. It is dropped from the state and stays on the service.",
			state.VersionID.ValueString(), holder.VersionID))
		return
	}
	if err == nil {
		err = client.DeleteStage(ctx, on.secret, on.stage)
	}
	if err != nil && !csms.IsGone(err) {
		r.session.labels.failToDelete(key)
		diags.Append(apiError(deleteStage, on, err, refusalRemedy(ctx, client, on, err)))
	}
}

func builtInStaysWarning(on object) diag.Diagnostic {
	return warning("Built-in CSMS secret stage stays", on,
		"the service does not delete built-in stages. The stage is dropped from the state only, and stays on its version.")
}
