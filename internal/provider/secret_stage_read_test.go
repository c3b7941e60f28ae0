package provider_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func TestSecretStage_RefreshOfAStageCostsOneListAndOneMoreCallIfItMoved(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		holder string
		calls  map[string]int
	}{
		"where it was": {holder: "v1", calls: map[string]int{"ListProjects": 1, "ListVersions": 1}},
		"elsewhere":    {holder: "v3", calls: map[string]int{"ListProjects": 1, "ListVersions": 1, "ShowStage": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			i := m.createStage(t, "GREEN", "v1")
			m.MoveStage("db", "GREEN", test.holder)
			newTFServer(t, m).read(i)
			m.assertRequests(t, test.calls)
		})
	}
}

func TestSecretStage_RefreshStoresWhereAStageIsAndSinceWhen(t *testing.T) {
	t.Parallel()
	forEachAPIVariant(t, func(t *testing.T, m *mock) {
		t.Helper()
		i := m.createStage(t, "GREEN", "v1")
		m.SetClock(func() time.Time { return time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC) })
		for _, version := range []string{"v1", "v3"} {
			since := i.state["update_time"]
			if version == "v3" {
				m.MoveStage("db", "GREEN", version)
				since = "2030-01-02T03:04:05Z"
			}
			after, diagnostics := newTFServer(t, m).read(i)
			if after.state["version_id"] != version || after.state["update_time"] != since {
				t.Errorf("the state has %v, want %s since %s", after.state, version, since)
			}
			if told := strings.Contains(warningsOf(diagnostics), `moved from version "v1" to "v3" at 2030-01-02T03:04:05Z`); told != (version == "v3") {
				t.Errorf("on %s the warnings are %q", version, warningsOf(diagnostics))
			}
		}
	})
}

func TestSecretStage_RefreshOfAStageThatIsGoneRemovesItAndSaysSo(t *testing.T) {
	t.Parallel()
	for name, act := range map[string]func(*mock){
		"stage":   func(m *mock) { m.DeleteStage("db", "GREEN") },
		"version": func(m *mock) { m.DeleteVersion("db", "v1") },
		"secret":  func(m *mock) { m.DeleteSecret("db") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachAPIVariant(t, func(t *testing.T, m *mock) {
				t.Helper()
				i := m.createStage(t, "GREEN", "v1")
				act(m)
				after, diagnostics := newTFServer(t, m).read(i)
				if after.state != nil || errorsOf(diagnostics) != "" {
					t.Errorf("the state has %v; %s", after.state, errorsOf(diagnostics))
				}
				assertContains(t, warningsOf(diagnostics), "was not found", `stage "GREEN"`, `secret "db"`, "removed from the state")
			})
		})
	}
}

func TestSecretStage_OfAVersionThatIsGoneCannotBeMadeAnew(t *testing.T) {
	t.Parallel()
	forEachAPIVariant(t, func(t *testing.T, m *mock) {
		t.Helper()
		i := m.createStage(t, "GREEN", "v1")
		m.DeleteVersion("db", "v1")
		r := m.plan(t, i, stage("GREEN", "v1"))
		if r.state != nil {
			t.Errorf("the plan starts from %v, want nothing", r.state)
		}
		_, diagnostics := r.apply()
		assertContains(t, errorsOf(diagnostics), `There is no version "v1"`, "the secret has v2, v3")
	})
}

func TestSecretStage_RefreshThatCannotTellIsAnErrorAndKeepsTheState(t *testing.T) {
	t.Parallel()
	html := http.Header{"Content-Type": {"text/html"}}
	for name, test := range map[string]struct {
		fault csmstest.Fault
		tells []string
	}{
		"unknown to the gateway": {
			fault: csmstest.Fault{Status: http.StatusNotFound, Body: `{"error_code":"APIGW.0101","error_msg":"The API does not exist"}`},
			tells: []string{"404", "APIGW.0101", "not from CSMS", "endpoint"},
		},
		"not found by a proxy": {
			fault: csmstest.Fault{Status: http.StatusNotFound, Header: html, Body: "<html><h1>Not Found</h1></html>"},
			tells: []string{"404", "not from CSMS"},
		},
		"not found without a word":  {fault: csmstest.Fault{Status: http.StatusNotFound}, tells: []string{"404", "not from CSMS"}},
		"a failure":                 {fault: csmstest.Fault{Status: http.StatusInternalServerError}, tells: []string{"500", "Apply again later"}},
		"a proxy's page":            {fault: csmstest.Fault{Status: http.StatusOK, Header: html, Body: "<html>Sign in</html>"}, tells: []string{"200"}},
		"an empty object":           {fault: csmstest.Fault{Status: http.StatusOK, Body: "{}"}, tells: []string{"200"}},
		"half an answer":            {fault: csmstest.Fault{Truncate: true}},
		"a lost connection":         {fault: csmstest.Fault{Reset: true}, tells: []string{"could not be reached"}},
		"a missing permission":      {fault: forbidden(""), tells: []string{"403", "IAM action csms:secret:"}},
		"credentials that are over": {fault: csmstest.Fault{Status: http.StatusUnauthorized, Body: `{"error_code":"APIGW.0301","error_msg":"token expires"}`}, tells: []string{"401", "did not accept the access key"}},
	} {
		for _, operation := range []string{"ListVersions", "ShowStage"} {
			t.Run(name+" to "+operation, func(t *testing.T) {
				t.Parallel()
				m := newSecret(t)
				i := m.createStage(t, "GREEN", "v1")
				if operation == "ShowStage" {
					m.DeleteStage("db", "GREEN") // so that the list alone does not tell
				}
				fault := on(operation, test.fault)
				fault.Times = -1 // net/http by itself tries again after a reset
				m.Fail(fault)
				after, diagnostics := newTFServerWith(t, m.withoutRetries()).read(i)
				assertContains(t, errorsOf(diagnostics), append(test.tells, "Unable to read CSMS secret stage", `secret "db", stage "GREEN"`)...)
				if after.state["version_id"] != "v1" {
					t.Errorf("the state has %v, want v1 as before", after.state)
				}
			})
		}
	}
}

func TestSecretStage_OfASecretThatIsNotEnabledIsRefreshedWithoutNoise(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"DISABLED", "FROZEN", "PENDING_DELETE"} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			forEachAPIVariant(t, func(t *testing.T, m *mock) {
				t.Helper()
				i := m.createStage(t, "GREEN", "v1")
				m.SetState("db", state)
				m.assertEmptyPlan(t, i, stage("GREEN", "v1"))
			})
		})
	}
}

func TestSecretStage_OfASecretThatIsNotEnabledIsKeptWhereItCannotBeRead(t *testing.T) {
	t.Parallel()
	for state, tell := range map[string]string{"DISABLED": "Make it ENABLED again", "FROZEN": "Make it ENABLED again", "PENDING_DELETE": "Cancel the deletion"} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t, csmstest.WithInactiveSecretReadsRefused())
			i := m.createStage(t, "GREEN", "v1")
			m.SetState("db", state)
			r := m.plan(t, i, stage("GREEN", "v1"))
			assertContains(t, r.warned, "not enabled", "What the state has is kept", tell, `stage "GREEN"`)
			if !newTFServer(t, m).empty(r.change) || r.state["version_id"] != "v1" {
				t.Errorf("the plan is not empty: %q", r.planned.MsgPack)
			}
		})
	}
}
