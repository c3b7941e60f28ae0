package provider_test

import (
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

const stageType = "csms_secret_stage"

func TestPlanOfANewStageWarnsWhereTheLabelWillBeTakenFrom(t *testing.T) {
	t.Parallel()
	w := newWalk(t, newSecret(t))
	_, diagnostics := w.plan(instance{typeName: stageType}, stage("SYSPREVIOUS", "v3"))
	w.must(diagnostics)
	for _, want := range []string{"will be taken from another version", `on version "v1" now`, `moved to "v3"`, `import it with the id "db/SYSPREVIOUS"`} {
		if got := warningsOf(diagnostics); !strings.Contains(got, want) {
			t.Errorf("warnings %q do not tell %q", got, want)
		}
	}
}

func TestPlanOfAFreeLabelDoesNotWarn(t *testing.T) {
	t.Parallel()
	w := newWalk(t, newSecret(t))
	_, diagnostics := w.plan(instance{typeName: stageType}, stage("GREEN", "v3"))
	if len(diagnostics) > 0 {
		t.Error(warningsOf(diagnostics), errorsOf(diagnostics))
	}
}

func TestMovingSYSCURRENTToAnOlderVersionWarns(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	current := newWalk(t, m).create(stageType, stage("SYSCURRENT", "v2"))
	w := newWalk(t, m)
	_, diagnostics := w.plan(current, stage("SYSCURRENT", "v1"))
	w.must(diagnostics)
	if got := warningsOf(diagnostics); !strings.Contains(got, `moves from version "v2" back to "v1"`) {
		t.Errorf("warnings %q do not tell of the way back", got)
	}
}

func TestTwoInstancesThatClaimOneLabelForDifferentVersionsAreRefused(t *testing.T) {
	t.Parallel()
	w := newWalk(t, newSecret(t))
	_, diagnostics := w.plan(instance{typeName: stageType}, stage("GREEN", "v1"))
	w.must(diagnostics)
	_, diagnostics = w.plan(instance{typeName: stageType}, stage("GREEN", "v2"))
	if got := errorsOf(diagnostics); !strings.Contains(got, "declared twice") || !strings.Contains(got, `"v1"`) || !strings.Contains(got, `"v2"`) {
		t.Errorf("errors %q do not tell of both versions", got)
	}
}

func TestPlanAgainDuringApplyComesOutTheSame(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	created := newWalk(t, m).create(stageType, stage("GREEN", "v1"))
	first, diagnostics := newWalk(t, m).plan(created, stage("GREEN", "v2"))
	newWalk(t, m).must(diagnostics)
	m.MoveStage("db", "GREEN", "v3") // somebody else, in between
	w := newWalk(t, m)
	second, diagnostics := w.plan(created, stage("GREEN", "v2"))
	w.must(diagnostics)
	if string(first.planned.MsgPack) != string(second.planned.MsgPack) {
		t.Errorf("the plan of the apply differs: %q, then %q", first.planned.MsgPack, second.planned.MsgPack)
	}
}

func TestALabelThatOneInstanceKeepsAndAnotherIsDestroyedWithIsWarnedOf(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	kept := newWalk(t, m).create(stageType, stage("GREEN", "v1"))
	for name, inOrder := range map[string]func(w *walk) string{
		"kept first": func(w *walk) string {
			_, first := w.plan(kept, stage("GREEN", "v1"))
			_, second := w.plan(kept, nil)
			return warningsOf(first) + "|" + warningsOf(second)
		},
		"destroyed first": func(w *walk) string {
			_, first := w.plan(kept, nil)
			_, second := w.plan(kept, stage("GREEN", "v1"))
			return warningsOf(first) + "|" + warningsOf(second)
		},
	} {
		if got := inOrder(newWalk(t, m)); !strings.HasPrefix(got, "|") || !strings.Contains(got, "in the state twice") {
			t.Errorf("%s: warnings are %q, want one at the second", name, got)
		}
	}
}

func TestALabelWhoseDeletionFailedIsNotTakenOverInTheSameRun(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	old := newWalk(t, m).create(stageType, stage("GREEN", "v1"))
	w := newWalkWith(t, with(m.settings(), "max_retries", 0))
	deletion, _ := w.plan(old, nil)
	creation, _ := w.plan(instance{typeName: stageType}, stage("GREEN", "v1"))
	m.Fail(csmstest.Fault{Operation: "DeleteStage", Status: 503, AfterProcessing: true})
	if _, diagnostics := w.apply(deletion); errorsOf(diagnostics) == "" {
		t.Fatal("the deletion did not fail")
	}
	if _, diagnostics := w.apply(creation); !strings.Contains(errorsOf(diagnostics), "failed to delete it") {
		t.Errorf("errors are %q, want a refusal", errorsOf(diagnostics))
	}
	if holder := m.StageHolder("db", "GREEN"); holder != "" {
		t.Errorf("GREEN is on %q, want nowhere until the next run", holder)
	}
}
