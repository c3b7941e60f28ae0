package provider_test

import (
	"net/http"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func TestSecretStage_DestroyedStage(t *testing.T) {
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
			forEachAPIVariant(t, func(t *testing.T, m *mock) {
				t.Helper()
				r := m.plan(t, m.createStage(t, "GREEN", "v1"), nil)
				if test.before != nil {
					test.before(m)
				}
				i, diagnostics := r.mustApply()
				if i.state != nil || r.warned != "" || len(diagnostics) != min(len(test.tells), 1) {
					t.Errorf("the state has %v; %s %s", i.state, r.warned, warningsOf(diagnostics))
				}
				assertContains(t, warningsOf(diagnostics), test.tells...)
				if n := m.Count("DeleteStage"); n != test.deletes {
					t.Errorf("%d deletions were tried, want %d", n, test.deletes)
				}
				m.assertStageExists(t, "GREEN", len(test.tells) > 0)
			})
		})
	}
}

func TestSecretStage_DestroyedStageIsDoneIfTheAnswerToItsDeletionIsLost(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]csmstest.Option{
		"then 404": csmstest.WithNotFoundStatus(http.StatusNotFound),
		"then 400": csmstest.WithNotFoundStatus(http.StatusBadRequest),
		"then 204": csmstest.WithMissingStageDeleteOK(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t, opt)
			r := m.plan(t, m.createStage(t, "GREEN", "v1"), nil)
			m.Fail(lostAnswer("DeleteStage"))
			i, diagnostics := r.mustApply()
			if i.state != nil || len(diagnostics) > 0 || m.Count("DeleteStage") != 1 {
				t.Errorf("%d deletions were tried; the state has %v; %s", m.Count("DeleteStage"), i.state, warningsOf(diagnostics))
			}
			m.assertHolder(t, "GREEN", "")
		})
	}
}

func TestSecretStage_DestroyedStageThatCannotBeDeletedStaysInTheState(t *testing.T) {
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
			r := m.plan(t, m.createStage(t, "GREEN", "v1"), nil)
			test.wrong(m)
			i, diagnostics := r.applyWith(m.withoutRetries())
			assertContains(t, errorsOf(diagnostics), append(test.tells, "Unable to delete CSMS secret stage", `secret "db", stage "GREEN"`)...)
			if i.state["version_id"] != "v1" || m.Count("DeleteStage") != test.deletes {
				t.Errorf("%d deletions were tried, want %d; the state has %v", m.Count("DeleteStage"), test.deletes, i.state)
			}
			m.assertHolder(t, "GREEN", "v1")
		})
	}
}

func TestSecretStage_LookBeforeADeletionIsTriedAgain(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	r := m.plan(t, m.createStage(t, "GREEN", "v1"), nil)
	m.Fail(csmstest.Fault{Operation: "ShowStage", Status: http.StatusInternalServerError})
	r.mustApply()
	m.assertRequests(t, map[string]int{"ListProjects": 2, "ListVersions": 1, "ShowStage": 2, "DeleteStage": 1})
	m.assertHolder(t, "GREEN", "")
}

func TestSecretStage_DestroyOfABuiltInStageAsksNothingAndWarnsAtPlanAndApply(t *testing.T) {
	t.Parallel()
	for name, version := range map[string]string{"SYSCURRENT": "v2", "SYSPREVIOUS": "v1"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			r := m.plan(t, m.createStage(t, name, version), nil)
			m.ResetRequests()
			i, diagnostics := r.mustApply()
			m.assertRequests(t, nil)
			for _, warned := range []string{r.warned, warningsOf(diagnostics)} {
				assertContains(t, warned, "Built-in CSMS secret stage is not deleted", name, "dropped from the state only")
			}
			if i.state != nil {
				t.Errorf("the state has %v", i.state)
			}
			m.assertHolder(t, name, version)
		})
	}
}

func TestSecretStage_ThatThisRunGaveToAnotherAddressIsNotDeleted(t *testing.T) {
	t.Parallel()
	for name, version := range map[string]string{"on the same version": "v1", "on another version": "v2"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachAPIVariant(t, func(t *testing.T, m *mock) {
				t.Helper()
				old := m.plan(t, m.createStage(t, "GREEN", "v1"), nil)
				created, diagnostics := newTFServer(t, m).plan(instance{typeName: stageType}, stage("GREEN", version))
				newTFServer(t, m).must(diagnostics)
				s := newTFServer(t, m)
				_, diagnostics = s.apply(created)
				s.must(diagnostics)
				i, diagnostics := s.apply(old.change)
				if i.state != nil || len(diagnostics) > 0 || m.Count("DeleteStage") > 0 {
					t.Errorf("%d deletions were tried; the state has %v; %s", m.Count("DeleteStage"), i.state, warningsOf(diagnostics))
				}
				m.assertHolder(t, "GREEN", version)
			})
		})
	}
}

func TestSecretStage_ThatThisRunGaveToAnotherSecretOrRegionIsDeletedHere(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	other := secretDB()
	other.Name = "other"
	m.PutSecret(other)
	old := m.plan(t, m.createStage(t, "GREEN", "v1"), nil)
	s := newTFServer(t, m)
	s.create(stageType, with(stage("GREEN", "v1"), "secret_name", "other"))
	_, diagnostics := s.apply(old.change)
	s.must(diagnostics)
	m.assertHolder(t, "GREEN", "")
}
