package provider_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func TestStageLivesItsWholeLifeInEveryReadingOfTheAPI(t *testing.T) {
	t.Parallel()
	inEveryReading(t, func(t *testing.T, m *mock) {
		t.Helper()
		on1, on2 := stage("GREEN", "v1"), stage("GREEN", "v2")
		i, _ := m.rollOut(t, instance{typeName: stageType}, on1).mustApply()
		m.settled(t, i, on1)
		i, _ = m.rollOut(t, i, on2).mustApply()
		m.settled(t, i, on2)
		m.MoveStage("db", "GREEN", "v3")
		i, _ = m.rollOut(t, i, on2).mustApply()
		m.settled(t, i, on2)
		m.onVersion(t, "GREEN", "v2")
		if i.state["previous_version_id"] != "v3" {
			t.Errorf("previous_version_id is %v, want v3", i.state["previous_version_id"])
		}
		i, diagnostics := m.rollOut(t, i, nil).mustApply()
		if i.state != nil || len(diagnostics) > 0 {
			t.Errorf("after destroy there is %v and %s", i.state, warningsOf(diagnostics))
		}
		m.onVersion(t, "GREEN", "")
	})
}

func TestBuiltInStageIsTakenMovedAndLeftInEveryReadingOfTheAPI(t *testing.T) {
	t.Parallel()
	inEveryReading(t, func(t *testing.T, m *mock) {
		t.Helper()
		i, _ := m.rollOut(t, instance{typeName: stageType}, stage("SYSCURRENT", "v3")).mustApply()
		m.settled(t, i, stage("SYSCURRENT", "v3"))
		if i.state["previous_version_id"] != "v2" {
			t.Errorf("previous_version_id is %v, want v2", i.state["previous_version_id"])
		}
		i, _ = m.rollOut(t, i, nil).mustApply()
		if i.state != nil || m.Count("DeleteStage") > 0 {
			t.Errorf("after destroy there is %v, and %d deletions were tried", i.state, m.Count("DeleteStage"))
		}
		m.onVersion(t, "SYSCURRENT", "v3")
	})
}

func TestNewStage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		holder   string
		puts     int
		previous any
		warning  []string
	}{
		"is put where no version has the label":      {holder: "", puts: 1},
		"is adopted where it is on the version":      {holder: "v3", puts: 0},
		"is taken from another version, and says so": {holder: "v1", puts: 1, previous: "v1", warning: []string{"was taken from another version", `was on version "v1" and was moved to "v3"`, "previous_version_id"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inEveryReading(t, func(t *testing.T, m *mock) {
				t.Helper()
				r := m.rollOut(t, instance{typeName: stageType}, stage("GREEN", "v3"))
				if test.holder != "" {
					m.MoveStage("db", "GREEN", test.holder) // after the plan, so the plan cannot know
				}
				i, diagnostics := r.mustApply()
				m.moved(t, test.puts)
				m.onVersion(t, "GREEN", "v3")
				tells(t, warningsOf(diagnostics), test.warning...)
				if len(diagnostics) != min(len(test.warning), 1) || i.state["previous_version_id"] != test.previous {
					t.Errorf("previous_version_id is %v; warnings %q", i.state["previous_version_id"], warningsOf(diagnostics))
				}
				m.settled(t, i, stage("GREEN", "v3"))
			})
		})
	}
}

// moved fails the test unless so many writes have changed the secret, and none has been
// needless.
func (m *mock) moved(t *testing.T, want int) {
	t.Helper()
	changed := 0
	for _, r := range m.Requests() {
		if r.Changed {
			changed++
		} else if r.Method != http.MethodGet && r.Status < http.StatusBadRequest {
			t.Errorf("%s changed nothing", r)
		}
	}
	if changed != want {
		t.Errorf("%d writes have changed the secret, want %d", changed, want)
	}
}

func TestStageThatMovesAfterThePlan(t *testing.T) {
	t.Parallel()
	const v1, v2, v3 = "v1", "v2", "v3"
	for name, test := range map[string]struct {
		holder string // when the plan v1 → v2 is applied
		after  string
		puts   int
		errors []string
	}{
		"is moved from where the plan saw it":            {holder: v1, after: v2, puts: 1},
		"is made anew if somebody deleted it":            {holder: "", after: v2, puts: 1},
		"is adopted if somebody did the same":            {holder: v2, after: v2, puts: 0},
		"stops the apply if somebody moved it elsewhere": {holder: v3, after: v3, puts: 0, errors: []string{"Unable to move CSMS secret stage", `from version "v1" to "v2"`, `it is on "v3" now`, "was left where it is", "Make a new plan", `stage "GREEN"`, `secret "db"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inEveryReading(t, func(t *testing.T, m *mock) {
				t.Helper()
				r := m.rollOut(t, m.created(t, "GREEN", v1), stage("GREEN", v2))
				m.DeleteStage("db", "GREEN")
				if test.holder != "" {
					m.MoveStage("db", "GREEN", test.holder)
				}
				i, diagnostics := r.apply()
				m.moved(t, test.puts)
				m.onVersion(t, "GREEN", test.after)
				tells(t, errorsOf(diagnostics), test.errors...)
				if failed := errorsOf(diagnostics) != ""; failed != (len(test.errors) > 0) {
					t.Fatalf("errors: %q", errorsOf(diagnostics))
				}
				if len(test.errors) > 0 {
					if i.state["version_id"] != v1 {
						t.Errorf("the state has %v, want v1 as before", i.state["version_id"])
					}
					return
				}
				m.settled(t, i, stage("GREEN", v2))
				if i.state["previous_version_id"] != v1 {
					t.Errorf("previous_version_id is %v, want v1", i.state["previous_version_id"])
				}
			})
		})
	}
}

func TestStaleStateDoesNotMoveAStageBack(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	i := m.created(t, "GREEN", "v1")
	m.MoveStage("db", "GREEN", "v3")
	w := newWalk(t, m) // as with -refresh=false
	c, diagnostics := w.plan(i, stage("GREEN", "v2"))
	w.must(diagnostics)
	_, diagnostics = newWalk(t, m).apply(c)
	tells(t, errorsOf(diagnostics), `from version "v1" to "v2"`, `it is on "v3" now`)
	m.onVersion(t, "GREEN", "v3")
}

// rotation rolls SYSCURRENT from v2 on to v3 and SYSPREVIOUS to another version, in
// one apply and in the order that is worst for SYSPREVIOUS.
func rotation(t *testing.T, m *mock, previous instance, to string) (instance, []*tfprotov6.Diagnostic) {
	t.Helper()
	current := m.created(t, "SYSCURRENT", "v2")
	w := newWalk(t, m)
	first, diagnostics := w.plan(current, stage("SYSCURRENT", "v3"))
	w.must(diagnostics)
	second, diagnostics := w.plan(previous, stage("SYSPREVIOUS", to))
	w.must(diagnostics)
	w = newWalk(t, m)
	_, diagnostics = w.apply(first)
	w.must(diagnostics)
	return w.apply(second)
}

func TestSYSPREVIOUSThatTheServiceMovedForThisRunIsNotSomebodyElses(t *testing.T) {
	t.Parallel()
	for name, to := range map[string]string{"to where it followed to": "v2", "to another version": "v4"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inEveryReading(t, func(t *testing.T, m *mock) {
				t.Helper()
				m.AddVersion("db", "ANOTHER")
				m.MoveStage("db", "STAYS", "v2") // or nothing would keep v2 in between
				after, diagnostics := rotation(t, m, m.created(t, "SYSPREVIOUS", "v1"), to)
				newWalk(t, m).must(diagnostics)
				m.onVersion(t, "SYSPREVIOUS", to)
				m.settled(t, after, stage("SYSPREVIOUS", to))
				if after.state["previous_version_id"] != "v1" {
					t.Errorf("previous_version_id is %v, want v1", after.state["previous_version_id"])
				}
			})
		})
	}
}

func TestNewSYSPREVIOUSDoesNotWarnOfWhatThisRunDid(t *testing.T) {
	t.Parallel()
	m := newSecret(t, csmstest.WithPreviousFollowingCurrent())
	m.AddVersion("db", "ANOTHER")
	_, diagnostics := rotation(t, m, instance{typeName: stageType}, "v4")
	if len(diagnostics) > 0 {
		t.Error(warningsOf(diagnostics), errorsOf(diagnostics))
	}
	m.onVersion(t, "SYSPREVIOUS", "v4")
}

func TestSYSPREVIOUSThatSomebodyElseMovedStopsTheApply(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	m.AddVersion("db", "ANOTHER")
	previous := m.created(t, "SYSPREVIOUS", "v1")
	m.MoveStage("db", "SYSPREVIOUS", "v4")
	_, diagnostics := rotation(t, m, previous, "v2")
	tells(t, errorsOf(diagnostics), `from version "v1" to "v2"`, `it is on "v4" now`)
	m.onVersion(t, "SYSPREVIOUS", "v4")
}

func TestOnlySYSPREVIOUSIsExcusedForBeingWhereSYSCURRENTWas(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	current, old := m.created(t, "SYSCURRENT", "v2"), m.created(t, "GREEN", "v1")
	w := newWalk(t, m)
	first, second := mustPlan(w, current, stage("SYSCURRENT", "v3")), mustPlan(w, old, stage("GREEN", "v3"))
	m.MoveStage("db", "GREEN", "v2") // somebody else
	w = newWalk(t, m)
	_, diagnostics := w.apply(first)
	w.must(diagnostics)
	_, diagnostics = w.apply(second)
	tells(t, errorsOf(diagnostics), `from version "v1" to "v3"`, `it is on "v2" now`)
	m.onVersion(t, "GREEN", "v2")
}

func TestSYSPREVIOUSThatFollowsAfterItWasPutIsPutBackByTheNextApply(t *testing.T) {
	t.Parallel()
	inEveryReading(t, func(t *testing.T, m *mock) {
		t.Helper()
		m.MoveStage("db", "STAYS", "v2") // or nothing would keep v2
		previous, current := m.created(t, "SYSPREVIOUS", "v1"), m.created(t, "SYSCURRENT", "v2")
		previous, _ = m.rollOut(t, previous, stage("SYSPREVIOUS", "v3")).mustApply()
		m.rollOut(t, current, stage("SYSCURRENT", "v3")).mustApply()
		previous, diagnostics := m.rollOut(t, previous, stage("SYSPREVIOUS", "v3")).mustApply()
		if len(diagnostics) > 0 {
			t.Error(warningsOf(diagnostics))
		}
		m.onVersion(t, "SYSPREVIOUS", "v3")
		m.settled(t, previous, stage("SYSPREVIOUS", "v3"))
	})
}

// lostAnswer lets a write happen, but not its answer arrive.
func lostAnswer(operation string) csmstest.Fault {
	return csmstest.Fault{Operation: operation, Status: http.StatusGatewayTimeout, AfterProcessing: true}
}

func TestStageWhoseAnswerWasLost(t *testing.T) {
	t.Parallel()
	t.Run("is adopted in the same run", func(t *testing.T) {
		t.Parallel()
		m := newSecret(t)
		r := m.rollOut(t, m.created(t, "GREEN", "v1"), stage("GREEN", "v2"))
		m.Fail(lostAnswer("PutStage"))
		i, _ := r.mustApply()
		if i.state["previous_version_id"] != "v1" || m.Count("PutStage") != 1 {
			t.Errorf("%d writes, state %v", m.Count("PutStage"), i.state)
		}
		m.settled(t, i, stage("GREEN", "v2"))
	})
	t.Run("is adopted by the next run", func(t *testing.T) {
		t.Parallel()
		m := newSecret(t)
		r := m.rollOut(t, instance{typeName: stageType}, stage("GREEN", "v1"))
		m.Fail(lostAnswer("PutStage"))
		i, diagnostics := r.applyWith(m.impatient())
		tells(t, errorsOf(diagnostics), "Unable to move CSMS secret stage", "504", "Apply again later")
		if i.state != nil {
			t.Errorf("the state has %v after a failed creation", i.state)
		}
		m.ResetRequests()
		again := m.rollOut(t, i, stage("GREEN", "v1"))
		i, diagnostics = again.mustApply()
		if again.warned != "" || len(diagnostics) > 0 {
			t.Error(again.warned, warningsOf(diagnostics))
		}
		m.moved(t, 0)
		m.settled(t, i, stage("GREEN", "v1"))
	})
}

func TestRefusedStageTellsWhyAndKeepsTheState(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		opts  []csmstest.Option
		wrong func(*mock)
		to    string
		tells []string
		not   string
		tries int
	}{
		"no such version": {
			to: "v99", tries: 1,
			tells: []string{`There is no version "v99"`, "the secret has v1, v2, v3", "CSMS.0005", "request id"},
		},
		"no such version, answered with 400": {
			opts: []csmstest.Option{csmstest.WithNotFoundStatus(http.StatusBadRequest)},
			to:   "v99", tries: 1,
			tells: []string{`There is no version "v99"`, "the secret has v1, v2, v3", "CSMS.0005"},
		},
		"no such version where PUT does not create": {
			opts: []csmstest.Option{csmstest.WithStageCreationByPostOnly()},
			to:   "v99", tries: 1,
			tells: []string{`There is no version "v99"`, "the secret has v1, v2, v3"},
		},
		"something that is no version id to the service": {
			to: "V2", tries: 1,
			tells: []string{`There is no version "V2"`, "the secret has v1, v2, v3", "CSMS.0002"},
		},
		"no such secret": {
			wrong: func(m *mock) { m.DeleteSecret("db") }, to: "v2", tries: 1,
			tells: []string{"The secret does not exist", "region and the project", "let this resource depend on the one that creates it", `secret "db"`, "CSMS.0106"},
		},
		"a disabled secret": {
			wrong: func(m *mock) { m.SetState("db", "DISABLED") }, to: "v2", tries: 1,
			tells: []string{"CSMS.0109", "The secret is DISABLED", "not a missing permission", "Enable it"}, not: "csms:secret:updateStage",
		},
		"a frozen secret": {
			wrong: func(m *mock) { m.SetState("db", "FROZEN") }, to: "v2", tries: 1,
			tells: []string{"CSMS.0109", "The secret is FROZEN"}, not: "IAM action",
		},
		"a secret that is scheduled for deletion": {
			wrong: func(m *mock) { m.SetState("db", "PENDING_DELETE") }, to: "v2", tries: 1,
			tells: []string{"CSMS.0103", "The secret is PENDING_DELETE", "scheduled for deletion", "Cancel the deletion", "terraform state rm"},
		},
		"a missing permission": {
			wrong: func(m *mock) { m.Fail(forbidden("PutStage")) }, to: "v2", tries: 1,
			tells: []string{"403", "KMS.0307", "csms:secret:updateStage"},
		},
		"a missing permission to look first": {
			wrong: func(m *mock) { m.Fail(forbidden("ShowStage")) }, to: "v2", tries: 0,
			tells: []string{"403", "KMS.0307", "csms:secret:getStage"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, prior := range []string{"v1", ""} {
				m := newSecret(t, test.opts...)
				i := instance{typeName: stageType}
				if prior != "" {
					i = m.created(t, "GREEN", prior)
				}
				r := m.rollOut(t, i, stage("GREEN", test.to))
				if test.wrong != nil {
					test.wrong(m)
				}
				i, diagnostics := r.apply()
				m.moved(t, 0)
				tells(t, errorsOf(diagnostics), append(test.tells, "Unable to move CSMS secret stage", `stage "GREEN"`)...)
				if test.not != "" && strings.Contains(errorsOf(diagnostics), test.not) {
					t.Errorf("%q tells of %q", errorsOf(diagnostics), test.not)
				}
				if got, _ := i.state["version_id"].(string); got != prior || m.Count("PutStage") != test.tries {
					t.Errorf("the state has %q, want %q as before; %d writes were tried, want %d", got, prior, m.Count("PutStage"), test.tries)
				}
			}
		})
	}
}

// forbidden is the answer to whoever lacks the permission for an operation.
func forbidden(operation string) csmstest.Fault {
	return csmstest.Fault{
		Operation: operation, Times: -1, Status: http.StatusForbidden,
		Body: `{"error_code":"KMS.0307","error_msg":"Your permissions are insufficient.","request_id":"{request_id}"}`,
	}
}

func TestThirteenthStageIsRefusedWithTheTwelveThatThereAre(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		opts   []csmstest.Option
		custom int
		tells  string
	}{
		"built-in ones counted":     {custom: 10, tells: "12 of at most 12"},
		"built-in ones not counted": {opts: []csmstest.Option{csmstest.WithBuiltInsOutsideStageLimit()}, custom: 12, tells: "the secret has 14 stages"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t, test.opts...)
			for i := range test.custom {
				m.MoveStage("db", "L"+string(rune('a'+i)), "v1")
			}
			i, diagnostics := m.rollOut(t, instance{typeName: stageType}, stage("GREEN", "v1")).apply()
			tells(t, errorsOf(diagnostics), "CSMS.0203", "12 stages at most", test.tells, "La (on v1)", "Lj (on v1)", "SYSCURRENT (on v2)", "SYSPREVIOUS (on v1)", "Remove one")
			if i.state != nil || m.Count("PutStage") != 1 {
				t.Errorf("%d writes were tried, state %v", m.Count("PutStage"), i.state)
			}
			_, diagnostics = m.rollOut(t, instance{typeName: stageType}, stage("La", "v2")).apply()
			newWalk(t, m).must(diagnostics) // a label that is there already can still be moved
		})
	}
}

func TestSYSPREVIOUSOfASecretWithOneVersionIsCreated(t *testing.T) {
	t.Parallel()
	for name, opts := range stageReadings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, opts...)
			m.PutSecret(csmstest.Secret{Name: "db"})
			r := m.rollOut(t, instance{typeName: stageType}, stage("SYSPREVIOUS", "v1"))
			i, diagnostics := r.mustApply()
			if r.warned != "" || len(diagnostics) > 0 {
				t.Error(r.warned, warningsOf(diagnostics))
			}
			m.settled(t, i, stage("SYSPREVIOUS", "v1"))
		})
	}
}

func TestOnlyTimeoutsChangedWritesNothing(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	i := m.created(t, "GREEN", "v1")
	r := m.rollOut(t, i, with(stage("GREEN", "v1"), "timeouts", map[string]any{"update": "1m"}))
	if newWalk(t, m).empty(r.change) {
		t.Error("the plan is empty")
	}
	m.ResetRequests()
	after, _ := r.mustApply()
	m.counts(t, nil)
	if after.state["update_time"] != i.state["update_time"] || after.state["version_id"] != "v1" {
		t.Errorf("the state was %v and is %v", i.state, after.state)
	}
}
