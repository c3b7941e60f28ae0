package provider_test

import (
	"net/http"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func TestDestroyedStage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before  func(*mock) // between plan and apply
		deletes int
		tells   []string
	}{
		"is deleted where it is":         {deletes: 1},
		"is done if somebody deleted it": {before: func(m *mock) { m.DeleteStage("db", "GREEN") }},
		"is done if the version is gone": {before: func(m *mock) { m.DeleteVersion("db", "v1") }},
		"is done if the secret is gone":  {before: func(m *mock) { m.DeleteSecret("db") }},
		"is left where somebody moved it": {
			before: func(m *mock) { m.MoveStage("db", "GREEN", "v3") },
			tells:  []string{"was moved and is left alone", `the state has it on version "v1"`, `moved it to "v3"`, `stage "GREEN"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inEveryReading(t, func(t *testing.T, m *mock) {
				t.Helper()
				r := m.rollOut(t, m.created(t, "GREEN", "v1"), nil)
				if test.before != nil {
					test.before(m)
				}
				i, diagnostics := r.mustApply()
				if i.state != nil || r.warned != "" || len(diagnostics) != min(len(test.tells), 1) {
					t.Errorf("the state has %v; %s %s", i.state, r.warned, warningsOf(diagnostics))
				}
				tells(t, warningsOf(diagnostics), test.tells...)
				if n := m.Count("DeleteStage"); n != test.deletes {
					t.Errorf("%d deletions were tried, want %d", n, test.deletes)
				}
				m.isLeftAlone(t, "GREEN", len(test.tells) > 0)
			})
		})
	}
}

func TestDestroyedStageIsDoneIfTheAnswerToItsDeletionIsLost(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]csmstest.Option{
		"then 404": csmstest.WithNotFoundStatus(http.StatusNotFound),
		"then 400": csmstest.WithNotFoundStatus(http.StatusBadRequest),
		"then 204": csmstest.WithMissingStageDeleteOK(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t, opt)
			r := m.rollOut(t, m.created(t, "GREEN", "v1"), nil)
			m.Fail(lostAnswer("DeleteStage"))
			i, diagnostics := r.mustApply()
			if i.state != nil || len(diagnostics) > 0 || m.Count("DeleteStage") != 1 {
				t.Errorf("%d deletions were tried; the state has %v; %s", m.Count("DeleteStage"), i.state, warningsOf(diagnostics))
			}
			m.onVersion(t, "GREEN", "")
		})
	}
}

// isLeftAlone fails the test unless "db", if it is there, has a label, or has it not.
func (m *mock) isLeftAlone(t *testing.T, label string, want bool) {
	t.Helper()
	if _, ok := m.Secret("db"); !ok {
		return
	}
	if holder := m.StageHolder("db", label); (holder != "") != want {
		t.Errorf("%s is on %q", label, holder)
	}
}

func TestDestroyedStageThatCannotBeDeletedStaysInTheState(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		wrong   func(*mock)
		deletes int
		tells   []string
	}{
		"the look before fails": {
			wrong: func(m *mock) {
				m.Fail(csmstest.Fault{Operation: "ShowStage", Times: -1, Status: http.StatusInternalServerError})
			},
			tells: []string{"500", "Apply again later"},
		},
		"the look before is not answered by CSMS": {
			wrong: func(m *mock) {
				m.Fail(csmstest.Fault{Operation: "ShowStage", Times: -1, Status: http.StatusNotFound, Body: "<html>nothing here</html>"})
			},
			tells: []string{"404", "not from CSMS"},
		},
		"the deletion is not answered by CSMS": {
			wrong: func(m *mock) {
				m.Fail(csmstest.Fault{Operation: "DeleteStage", Times: -1, Status: http.StatusNotFound})
			},
			deletes: 1, tells: []string{"404", "not from CSMS"},
		},
		"a missing permission": {
			wrong:   func(m *mock) { m.Fail(forbidden("DeleteStage")) },
			deletes: 1, tells: []string{"403", "csms:secret:deleteStage"},
		},
		"a disabled secret": {
			wrong:   func(m *mock) { m.SetState("db", "DISABLED") },
			deletes: 1, tells: []string{"CSMS.0109", "The secret is DISABLED", "Enable it"},
		},
		"a secret that is scheduled for deletion": {
			wrong:   func(m *mock) { m.SetState("db", "PENDING_DELETE") },
			deletes: 1, tells: []string{"CSMS.0103", "Cancel the deletion", "terraform state rm"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			r := m.rollOut(t, m.created(t, "GREEN", "v1"), nil)
			test.wrong(m)
			i, diagnostics := r.applyWith(m.impatient())
			tells(t, errorsOf(diagnostics), append(test.tells, "Unable to delete CSMS secret stage", `secret "db", stage "GREEN"`)...)
			if i.state["version_id"] != "v1" || m.Count("DeleteStage") != test.deletes {
				t.Errorf("%d deletions were tried, want %d; the state has %v", m.Count("DeleteStage"), test.deletes, i.state)
			}
			m.onVersion(t, "GREEN", "v1")
		})
	}
}

func TestLookBeforeADeletionIsTriedAgain(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	r := m.rollOut(t, m.created(t, "GREEN", "v1"), nil)
	m.Fail(csmstest.Fault{Operation: "ShowStage", Status: http.StatusInternalServerError})
	r.mustApply()
	m.counts(t, map[string]int{"ListProjects": 2, "ListVersions": 1, "ShowStage": 2, "DeleteStage": 1})
	m.onVersion(t, "GREEN", "")
}

func TestDestroyOfABuiltInStageAsksNothingAndWarnsAtPlanAndApply(t *testing.T) {
	t.Parallel()
	for label, version := range map[string]string{"SYSCURRENT": "v2", "SYSPREVIOUS": "v1"} {
		t.Run(label, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			r := m.rollOut(t, m.created(t, label, version), nil)
			m.ResetRequests()
			i, diagnostics := r.mustApply()
			m.counts(t, nil)
			for _, warned := range []string{r.warned, warningsOf(diagnostics)} {
				tells(t, warned, "Built-in CSMS secret stage stays", label, "dropped from the state only")
			}
			if i.state != nil {
				t.Errorf("the state has %v", i.state)
			}
			m.onVersion(t, label, version)
		})
	}
}

func TestStageThatThisRunGaveToAnotherAddressIsNotDeleted(t *testing.T) {
	t.Parallel()
	for name, version := range map[string]string{"on the same version": "v1", "on another version": "v2"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inEveryReading(t, func(t *testing.T, m *mock) {
				t.Helper()
				old := m.rollOut(t, m.created(t, "GREEN", "v1"), nil)
				created, diagnostics := newWalk(t, m).plan(instance{typeName: stageType}, stage("GREEN", version))
				newWalk(t, m).must(diagnostics)
				w := newWalk(t, m)
				_, diagnostics = w.apply(created)
				w.must(diagnostics)
				i, diagnostics := w.apply(old.change)
				if i.state != nil || len(diagnostics) > 0 || m.Count("DeleteStage") > 0 {
					t.Errorf("%d deletions were tried; the state has %v; %s", m.Count("DeleteStage"), i.state, warningsOf(diagnostics))
				}
				m.onVersion(t, "GREEN", version)
			})
		})
	}
}

func TestStageThatThisRunGaveToAnotherSecretOrRegionIsDeletedHere(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	other := secretDB()
	other.Name = "other"
	m.PutSecret(other)
	old := m.rollOut(t, m.created(t, "GREEN", "v1"), nil)
	w := newWalk(t, m)
	w.create(stageType, with(stage("GREEN", "v1"), "secret_name", "other"))
	_, diagnostics := w.apply(old.change)
	w.must(diagnostics)
	m.onVersion(t, "GREEN", "")
}
