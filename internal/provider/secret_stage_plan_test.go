package provider_test

import (
	"strings"
	"testing"
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
