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
	actionMoveStage   = "move CSMS secret stage"
	actionDeleteStage = "delete CSMS secret stage"
)

// put makes the stage point at the planned version. It returns nil after an error.
func (r *secretStageResource) put(
	ctx context.Context, plan secretStageModel, guard csms.StageGuard, diags *diag.Diagnostics,
) *csms.StageMove {
	stage := plan.target(r.data.region)
	onVersion := stage
	onVersion.version = plan.VersionID.ValueString()
	client, err := r.data.clientIn(plan.Region)
	if err != nil {
		diags.Append(apiError(actionMoveStage, onVersion, err))
		return nil
	}
	var moved *csms.StageMove
	err = client.Write(ctx, stage.secret, func(w *csms.Writer) (err error) {
		if r.data.journal.hasDeleteFailed(stage) {
			return errDeleteFailed
		}
		if moved, err = w.MoveStage(ctx, stage.stage, onVersion.version, guard); err == nil {
			r.recordPlaced(stage, moved)
		}
		return err
	})
	if err != nil {
		diags.Append(putError(ctx, client, onVersion, err))
		return nil
	}
	return moved
}

func (r *secretStageResource) recordPlaced(stage target, moved *csms.StageMove) {
	r.data.journal.recordPlaced(stage)
	if moved.Name == csms.StageCurrent && moved.From != "" {
		r.data.journal.recordMovedFrom(stage.ofSecret(), moved.From)
	}
}

// errDeleteFailed is a stage that another instance of this run could not delete.
var errDeleteFailed = errors.New("another resource of this run has the stage in its state and failed to delete it. " +
	"Apply again: the deletion is tried once more, and then the stage is created")

// createGuard lets a new resource take the stage only from the version that expected_version_id
// names, and one that replaces another only from the version that the other one had. Without either
// it takes the stage from wherever it is, but not from where somebody put it while the write waited
// to be tried again.
func (r *secretStageResource) createGuard(plan secretStageModel) csms.StageGuard {
	stage := plan.target(r.data.region)
	return sinceFirstLook(func(found *csms.Stage) error {
		if found == nil {
			return nil
		}
		if replaced, ok := r.data.journal.deletedFrom(stage); ok {
			if err := r.expect(plan, replaced, found.VersionID); err != nil {
				return err
			}
		}
		return r.expectConfigured(plan, found.VersionID)
	})
}

// updateGuard lets the stage be moved only from the version that the plan was made from, and only
// from the one that expected_version_id names.
func (r *secretStageResource) updateGuard(plan, state secretStageModel) csms.StageGuard {
	return sinceFirstLook(func(found *csms.Stage) error {
		if found == nil {
			return nil
		}
		if err := r.expect(plan, state.VersionID.ValueString(), found.VersionID); err != nil {
			return err
		}
		return r.expectConfigured(plan, found.VersionID)
	})
}

// sinceFirstLook is a guard that also refuses a stage that somebody has touched since the first
// look, while the write waited to be tried again: also one that is where it was, but was put there
// again, perhaps to take back what a write whose answer was lost had done.
func sinceFirstLook(guard csms.StageGuard) csms.StageGuard {
	looked := false
	var first csms.Stage
	return func(found *csms.Stage) error {
		var now csms.Stage
		if found != nil {
			now = *found
		}
		if looked && (now.VersionID != first.VersionID || !now.UpdateTime.Equal(first.UpdateTime)) {
			return fmt.Errorf("somebody moved the stage while the write waited to be tried again: it was on %s, and is on %s "+
				"now. The stage was left where it is. Make a new plan, and review it before you apply it",
				holderSince(first), holderSince(now))
		}
		looked, first = true, now
		return guard(found)
	}
}

func holderSince(stage csms.Stage) string {
	switch {
	case stage.VersionID == "":
		return "no version"
	case stage.UpdateTime.IsZero():
		return fmt.Sprintf("version %q", stage.VersionID)
	default:
		return fmt.Sprintf("version %q (since %s)", stage.VersionID, formatTime(stage.UpdateTime))
	}
}

// expect refuses a stage that somebody moved from the version it was on.
func (r *secretStageResource) expect(plan secretStageModel, expected, holder string) error {
	if holder == expected || r.isMovedByThisRun(plan, holder) {
		return nil
	}
	planned := fmt.Sprintf("moves it from version %q to %q", expected, plan.VersionID.ValueString())
	if expected == plan.VersionID.ValueString() {
		planned = fmt.Sprintf("creates it again on version %q", expected)
	}
	return fmt.Errorf("somebody moved the stage after the plan was made: the plan %s, but it is on %q now. "+
		"The stage was left where it is. Make a new plan, and review it before you apply it", planned, holder)
}

// expectConfigured refuses a stage that is not where expected_version_id says.
func (r *secretStageResource) expectConfigured(plan secretStageModel, holder string) error {
	expected := plan.ExpectedVersionID
	if expected.IsNull() || expected.IsUnknown() || expected.ValueString() == holder || r.isMovedByThisRun(plan, holder) {
		return nil
	}
	const remedy = "The stage was left where it is. Make a new plan; if the stage is to be moved from where it is, " +
		"change expected_version_id"
	if expected.ValueString() == "" {
		return fmt.Errorf("the stage exists, on version %q, and expected_version_id = \"\" lets it only be created. %s",
			holder, remedy)
	}
	return fmt.Errorf("the stage is on version %q, and expected_version_id lets it be moved to %q only from %q. %s",
		holder, plan.VersionID.ValueString(), expected.ValueString(), remedy)
}

// isMovedByThisRun reports whether a stage that is not where the plan saw it was moved by this very
// run: when SYSCURRENT leaves a version, the service may put SYSPREVIOUS there.
func (r *secretStageResource) isMovedByThisRun(plan secretStageModel, holder string) bool {
	return plan.Name.ValueString() == csms.StagePrevious &&
		r.data.journal.hasMovedFrom(plan.target(r.data.region).ofSecret(), holder)
}

// warnStageMoved says where a new resource has taken its stage from.
func (r *secretStageResource) warnStageMoved(
	plan secretStageModel, moved csms.StageMove, diags *diag.Diagnostics,
) {
	if moved.From == "" || r.isMovedByThisRun(plan, moved.From) {
		return
	}
	diags.Append(warning("CSMS secret stage was taken from another version", plan.target(r.data.region),
		"the stage was on version %q and was moved to %q. previous_version_id records where it was.",
		moved.From, moved.VersionID))
}

// putError explains a refused write. Which version is missing or misspelt, and which stages fill a
// secret, can be told only with the list of versions.
func putError(ctx context.Context, client *csms.Client, t target, err error) diag.Diagnostic {
	if _, ok := errors.AsType[*csms.Error](err); !ok {
		return apiError(actionMoveStage, t, err) // a guard's, which says all
	}
	reason := csms.ReasonOf(err)
	switch reason {
	case csms.ReasonGone, csms.ReasonStageLimit, csms.ReasonOther: // another code may mean a misspelt version
	default:
		return apiError(actionMoveStage, t, err, refusalRemedy(ctx, client, t, err))
	}
	versions, listErr := client.ListVersions(ctx, t.secret)
	switch {
	case csms.IsGone(listErr):
		return apiError(actionMoveStage, t, err, "The secret does not exist. Check its name, the region and the project; "+
			"or let this resource depend on the one that creates it.")
	case listErr != nil:
		return apiError(actionMoveStage, t, err)
	case reason == csms.ReasonStageLimit:
		return apiError(actionMoveStage, t, err,
			sentence("A secret has 12 stages at most; "+stageNames(versions)), "Remove one that is not needed any more.")
	case findVersion(versions, t.version) != nil:
		return apiError(actionMoveStage, t, err, refusalRemedy(ctx, client, t, err))
	}
	return apiError(actionMoveStage, t, err, missingVersionRemedy(t.version, versions))
}

// stageKeptError is a stage that a Delete leaves as it is, and why.
type stageKeptError struct{ why string }

func (e stageKeptError) Error() string { return e.why }

// deleteGuard lets the stage be deleted only where the state has it, and not if somebody put it
// there again while the deletion waited to be tried again.
func deleteGuard(state secretStageModel) csms.StageGuard {
	var first *csms.Stage
	return func(found *csms.Stage) error {
		expected := state.VersionID.ValueString()
		switch {
		case found.VersionID != expected:
			return stageKeptError{fmt.Sprintf("the state has it on version %q, but somebody moved it to %q since",
				expected, found.VersionID)}
		case first != nil && !found.UpdateTime.Equal(first.UpdateTime):
			return stageKeptError{fmt.Sprintf("while its deletion waited to be tried again, somebody put it on version %q "+
				"once more", expected)}
		}
		first = found
		return nil
	}
}

// deleteStage deletes the stage if it still is where the state has it.
func (r *secretStageResource) deleteStage(ctx context.Context, state secretStageModel, diags *diag.Diagnostics) {
	stage := state.target(r.data.region)
	if r.data.journal.isPlaced(stage) {
		return // also if there is no time left to wait for the secret
	}
	client, err := r.data.clientIn(state.Region)
	if err != nil {
		diags.Append(apiError(actionDeleteStage, stage, err))
		return
	}
	err = client.Write(ctx, stage.secret, func(w *csms.Writer) error {
		if r.data.journal.isPlaced(stage) {
			return nil
		}
		r.data.journal.recordDeleted(stage, state.VersionID.ValueString())
		err := w.DeleteStage(ctx, stage.stage, deleteGuard(state))
		if _, kept := errors.AsType[stageKeptError](err); err != nil && !kept {
			r.data.journal.recordDeleteFailed(stage)
		}
		return err
	})
	if kept, ok := errors.AsType[stageKeptError](err); ok {
		diags.Append(warning("CSMS secret stage was moved and is left alone", stage,
			"%s. It is dropped from the state and stays on the service.", kept.why))
		return
	}
	if err != nil {
		// Once more for the case that the wait for the secret ended before the deletion began.
		r.data.journal.recordDeleteFailed(stage)
		diags.Append(apiError(actionDeleteStage, stage, err, refusalRemedy(ctx, client, stage, err)))
	}
}

func builtInNotDeletedWarning(stage target) diag.Diagnostic {
	return warning("Built-in CSMS secret stage is not deleted", stage,
		"the service does not delete built-in stages. The stage is dropped from the state only, and stays on its version.")
}

func deposedNotDeletedWarning(stage target, versionID string) diag.Diagnostic {
	return warning("CSMS secret stage of a deposed object is not deleted", stage,
		"Terraform deletes a deposed object, which an earlier run has replaced and not deleted. The object that "+
			"replaced it, or another one, may have the same stage by now, so the stage is left on version %q. If "+
			"nothing needs it, delete it yourself.", versionID)
}
