package provider_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func TestSecretStage_LivesItsWholeLifeInEveryReadingOfTheAPI(t *testing.T) {
	t.Parallel()
	forEachAPIVariant(t, func(t *testing.T, m *mock) {
		t.Helper()
		on1, on2 := stage("GREEN", "v1"), stage("GREEN", "v2")
		i, _ := m.plan(t, instance{typeName: stageType}, on1).mustApply()
		m.assertEmptyPlan(t, i, on1)
		i, _ = m.plan(t, i, on2).mustApply()
		m.assertEmptyPlan(t, i, on2)
		m.MoveStage("db", "GREEN", "v3")
		i, _ = m.plan(t, i, on2).mustApply()
		m.assertEmptyPlan(t, i, on2)
		m.assertHolder(t, "GREEN", "v2")
		if i.state["previous_version_id"] != "v3" {
			t.Errorf("previous_version_id is %v, want v3", i.state["previous_version_id"])
		}
		i, diagnostics := m.plan(t, i, nil).mustApply()
		if i.state != nil || len(diagnostics) > 0 {
			t.Errorf("after destroy there is %v and %s", i.state, warningsOf(diagnostics))
		}
		m.assertHolder(t, "GREEN", "")
	})
}

func TestSecretStage_BuiltInStageIsTakenMovedAndLeftInEveryReadingOfTheAPI(t *testing.T) {
	t.Parallel()
	forEachAPIVariant(t, func(t *testing.T, m *mock) {
		t.Helper()
		i, _ := m.plan(t, instance{typeName: stageType}, stage("SYSCURRENT", "v3")).mustApply()
		m.assertEmptyPlan(t, i, stage("SYSCURRENT", "v3"))
		if i.state["previous_version_id"] != "v2" {
			t.Errorf("previous_version_id is %v, want v2", i.state["previous_version_id"])
		}
		i, _ = m.plan(t, i, nil).mustApply()
		if i.state != nil || m.Count("DeleteStage") > 0 {
			t.Errorf("after destroy there is %v, and %d deletions were tried", i.state, m.Count("DeleteStage"))
		}
		m.assertHolder(t, "SYSCURRENT", "v3")
	})
}

func TestSecretStage_NewStage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		holder   string
		puts     int
		previous any
		warning  []string
	}{
		"is put where no version has the stage":      {holder: "", puts: 1},
		"is adopted where it is on the version":      {holder: "v3", puts: 0},
		"is taken from another version, and says so": {holder: "v1", puts: 1, previous: "v1", warning: []string{"was taken from another version", `was on version "v1" and was moved to "v3"`, "previous_version_id"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachAPIVariant(t, func(t *testing.T, m *mock) {
				t.Helper()
				r := m.plan(t, instance{typeName: stageType}, stage("GREEN", "v3"))
				if test.holder != "" {
					m.MoveStage("db", "GREEN", test.holder) // after the plan, so the plan cannot know
				}
				i, diagnostics := r.mustApply()
				m.assertChanges(t, test.puts)
				m.assertHolder(t, "GREEN", "v3")
				assertContains(t, warningsOf(diagnostics), test.warning...)
				if len(diagnostics) != min(len(test.warning), 1) || i.state["previous_version_id"] != test.previous {
					t.Errorf("previous_version_id is %v; warnings %q", i.state["previous_version_id"], warningsOf(diagnostics))
				}
				m.assertEmptyPlan(t, i, stage("GREEN", "v3"))
			})
		})
	}
}

func TestSecretStage_ThatMovesAfterThePlan(t *testing.T) {
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
			forEachAPIVariant(t, func(t *testing.T, m *mock) {
				t.Helper()
				r := m.plan(t, m.createStage(t, "GREEN", v1), stage("GREEN", v2))
				m.DeleteStage("db", "GREEN")
				if test.holder != "" {
					m.MoveStage("db", "GREEN", test.holder)
				}
				i, diagnostics := r.apply()
				m.assertChanges(t, test.puts)
				m.assertHolder(t, "GREEN", test.after)
				assertContains(t, errorsOf(diagnostics), test.errors...)
				if failed := errorsOf(diagnostics) != ""; failed != (len(test.errors) > 0) {
					t.Fatalf("errors: %q", errorsOf(diagnostics))
				}
				if len(test.errors) > 0 {
					if i.state["version_id"] != v1 {
						t.Errorf("the state has %v, want v1 as before", i.state["version_id"])
					}
					return
				}
				m.assertEmptyPlan(t, i, stage("GREEN", v2))
				if i.state["previous_version_id"] != v1 {
					t.Errorf("previous_version_id is %v, want v1", i.state["previous_version_id"])
				}
			})
		})
	}
}

func TestSecretStage_StaleStateDoesNotMoveAStageBack(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	i := m.createStage(t, "GREEN", "v1")
	m.MoveStage("db", "GREEN", "v3")
	s := newTFServer(t, m) // as with -refresh=false
	c, diagnostics := s.plan(i, stage("GREEN", "v2"))
	s.must(diagnostics)
	_, diagnostics = newTFServer(t, m).apply(c)
	assertContains(t, errorsOf(diagnostics), `from version "v1" to "v2"`, `it is on "v3" now`)
	m.assertHolder(t, "GREEN", "v3")
}

// rotation rolls SYSCURRENT from v2 on to v3 and SYSPREVIOUS to another version, in one apply and
// in the order that is worst for SYSPREVIOUS.
func rotation(t *testing.T, m *mock, previous instance, to string) (instance, []*tfprotov6.Diagnostic) {
	t.Helper()
	current := m.createStage(t, "SYSCURRENT", "v2")
	s := newTFServer(t, m)
	first, diagnostics := s.plan(current, stage("SYSCURRENT", "v3"))
	s.must(diagnostics)
	second, diagnostics := s.plan(previous, stage("SYSPREVIOUS", to))
	s.must(diagnostics)
	s = newTFServer(t, m)
	_, diagnostics = s.apply(first)
	s.must(diagnostics)
	return s.apply(second)
}

func TestSecretStage_SYSPREVIOUSThatTheServiceMovedForThisRunIsNotSomebodyElses(t *testing.T) {
	t.Parallel()
	for name, to := range map[string]string{"to where it followed to": "v2", "to another version": "v4"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachAPIVariant(t, func(t *testing.T, m *mock) {
				t.Helper()
				m.AddVersion("db", "ANOTHER")
				m.MoveStage("db", "STAYS", "v2") // or nothing would keep v2 in between
				after, diagnostics := rotation(t, m, m.createStage(t, "SYSPREVIOUS", "v1"), to)
				newTFServer(t, m).must(diagnostics)
				m.assertHolder(t, "SYSPREVIOUS", to)
				m.assertEmptyPlan(t, after, stage("SYSPREVIOUS", to))
				if after.state["previous_version_id"] != "v1" {
					t.Errorf("previous_version_id is %v, want v1", after.state["previous_version_id"])
				}
			})
		})
	}
}

func TestSecretStage_NewSYSPREVIOUSDoesNotWarnOfWhatThisRunDid(t *testing.T) {
	t.Parallel()
	m := newSecret(t, csmstest.WithPreviousFollowingCurrent())
	m.AddVersion("db", "ANOTHER")
	_, diagnostics := rotation(t, m, instance{typeName: stageType}, "v4")
	if len(diagnostics) > 0 {
		t.Error(warningsOf(diagnostics), errorsOf(diagnostics))
	}
	m.assertHolder(t, "SYSPREVIOUS", "v4")
}

func TestSecretStage_SYSPREVIOUSThatSomebodyElseMovedStopsTheApply(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	m.AddVersion("db", "ANOTHER")
	previous := m.createStage(t, "SYSPREVIOUS", "v1")
	m.MoveStage("db", "SYSPREVIOUS", "v4")
	_, diagnostics := rotation(t, m, previous, "v2")
	assertContains(t, errorsOf(diagnostics), `from version "v1" to "v2"`, `it is on "v4" now`)
	m.assertHolder(t, "SYSPREVIOUS", "v4")
}

func TestSecretStage_OnlySYSPREVIOUSIsExcusedForBeingWhereSYSCURRENTWas(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	current, old := m.createStage(t, "SYSCURRENT", "v2"), m.createStage(t, "GREEN", "v1")
	s := newTFServer(t, m)
	first, second := mustPlan(s, current, stage("SYSCURRENT", "v3")), mustPlan(s, old, stage("GREEN", "v3"))
	m.MoveStage("db", "GREEN", "v2") // somebody else
	s = newTFServer(t, m)
	_, diagnostics := s.apply(first)
	s.must(diagnostics)
	_, diagnostics = s.apply(second)
	assertContains(t, errorsOf(diagnostics), `from version "v1" to "v3"`, `it is on "v2" now`)
	m.assertHolder(t, "GREEN", "v2")
}

func TestSecretStage_SYSPREVIOUSThatFollowsAfterItWasPutIsPutBackByTheNextApply(t *testing.T) {
	t.Parallel()
	forEachAPIVariant(t, func(t *testing.T, m *mock) {
		t.Helper()
		m.MoveStage("db", "STAYS", "v2") // or nothing would keep v2
		previous, current := m.createStage(t, "SYSPREVIOUS", "v1"), m.createStage(t, "SYSCURRENT", "v2")
		previous, _ = m.plan(t, previous, stage("SYSPREVIOUS", "v3")).mustApply()
		m.plan(t, current, stage("SYSCURRENT", "v3")).mustApply()
		previous, diagnostics := m.plan(t, previous, stage("SYSPREVIOUS", "v3")).mustApply()
		if len(diagnostics) > 0 {
			t.Error(warningsOf(diagnostics))
		}
		m.assertHolder(t, "SYSPREVIOUS", "v3")
		m.assertEmptyPlan(t, previous, stage("SYSPREVIOUS", "v3"))
	})
}

func TestSecretStage_WhoseAnswerWasLostIsAdoptedByTheNextRun(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	r := m.plan(t, instance{typeName: stageType}, stage("GREEN", "v1"))
	m.Fail(lostAnswer("PutStage"))
	i, diagnostics := r.applyWith(m.withoutRetries())
	assertContains(t, errorsOf(diagnostics), "Unable to move CSMS secret stage", "504", "Apply again later")
	if i.state != nil {
		t.Errorf("the state has %v after a failed creation", i.state)
	}
	m.ResetRequests()
	again := m.plan(t, i, stage("GREEN", "v1"))
	i, diagnostics = again.mustApply()
	if again.warned != "" || len(diagnostics) > 0 {
		t.Error(again.warned, warningsOf(diagnostics))
	}
	m.assertChanges(t, 0)
	m.assertEmptyPlan(t, i, stage("GREEN", "v1"))
}

func TestSecretStage_RefusedStageTellsWhyAndKeepsTheState(t *testing.T) {
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
					i = m.createStage(t, "GREEN", prior)
				}
				r := m.plan(t, i, stage("GREEN", test.to))
				if test.wrong != nil {
					test.wrong(m)
				}
				i, diagnostics := r.apply()
				m.assertChanges(t, 0)
				assertContains(t, errorsOf(diagnostics), append(test.tells, "Unable to move CSMS secret stage", `stage "GREEN"`)...)
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

func TestSecretStage_ThirteenthStageIsRefusedWithTheTwelveThatThereAre(t *testing.T) {
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
			i, diagnostics := m.plan(t, instance{typeName: stageType}, stage("GREEN", "v1")).apply()
			assertContains(t, errorsOf(diagnostics), "CSMS.0203", "12 stages at most", test.tells, "La (on v1)", "Lj (on v1)", "SYSCURRENT (on v2)", "SYSPREVIOUS (on v1)", "Remove one")
			if i.state != nil || m.Count("PutStage") != 1 {
				t.Errorf("%d writes were tried, state %v", m.Count("PutStage"), i.state)
			}
			_, diagnostics = m.plan(t, instance{typeName: stageType}, stage("La", "v2")).apply()
			newTFServer(t, m).must(diagnostics) // a stage that is there already can still be moved
		})
	}
}

func TestSecretStage_SYSPREVIOUSOfASecretWithOneVersionIsCreated(t *testing.T) {
	t.Parallel()
	for name, opts := range stageVariants() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, opts...)
			m.PutSecret(csmstest.Secret{Name: "db"})
			r := m.plan(t, instance{typeName: stageType}, stage("SYSPREVIOUS", "v1"))
			i, diagnostics := r.mustApply()
			if r.warned != "" || len(diagnostics) > 0 {
				t.Error(r.warned, warningsOf(diagnostics))
			}
			m.assertEmptyPlan(t, i, stage("SYSPREVIOUS", "v1"))
		})
	}
}

func TestSecretStage_OnlyTimeoutsChangedWritesNothing(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	i := m.createStage(t, "GREEN", "v1")
	r := m.plan(t, i, with(stage("GREEN", "v1"), "timeouts", map[string]any{"update": "1m"}))
	if newTFServer(t, m).empty(r.change) {
		t.Error("the plan is empty")
	}
	m.ResetRequests()
	after, _ := r.mustApply()
	m.assertRequests(t, nil)
	if after.state["update_time"] != i.state["update_time"] || after.state["version_id"] != "v1" {
		t.Errorf("the state was %v and is %v", i.state, after.state)
	}
}

func TestSecretStage_ARefusedMoveDoesNotSayThatTheStageWasTaken(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	s := newTFServer(t, m)
	c, _ := s.plan(instance{typeName: stageType}, stage("SYSCURRENT", "v3"))
	m.Fail(csmstest.Fault{Operation: "PutStage", Status: 403, Body: `{"error_code":"APIGW.0302","error_msg":"no"}`})
	_, diagnostics := s.apply(c)
	if got := warningsOf(diagnostics); errorsOf(diagnostics) == "" || strings.Contains(got, "was taken") {
		t.Errorf("errors %q, warnings %q", errorsOf(diagnostics), got)
	}
}

func TestSecretStage_MoveWhoseAnswerWasLostIsNotRepeatedIfSomebodyTookItBack(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	s := newTFServer(t, m)
	created := s.create(stageType, stage("GREEN", "v1"))
	c := mustPlan(newTFServer(t, m), created, stage("GREEN", "v2"))
	at := time.Now().Add(time.Hour)
	m.Fail(lostAnswer("PutStage"))
	m.Fail(csmstest.Fault{Operation: "ShowStage"})
	m.Fail(csmstest.Fault{Operation: "ShowStage", Do: func() {
		m.SetClock(func() time.Time { return at })
		m.MoveStage("db", "GREEN", "v3")
		m.MoveStage("db", "GREEN", "v1")
	}})
	m.ResetRequests()
	_, diagnostics := newTFServer(t, m).apply(c)
	assertContains(t, errorsOf(diagnostics), "somebody moved the stage while the write waited", `version "v1"`, "Make a new plan")
	if n := m.Count("PutStage"); n != 1 {
		t.Errorf("%d writes", n)
	}
}

func TestSecretStage_UpdateThatIsExpectedElsewhereIsWarnedOf(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	created := newTFServer(t, m).create(stageType, stage("GREEN", "v1"))
	_, diagnostics := newTFServer(t, m).plan(created, with(stage("GREEN", "v2"), "expected_version_id", "v3"))
	assertContains(t, warningsOf(diagnostics), "is not where it is expected", `"v1"`, `"v3"`)
}
