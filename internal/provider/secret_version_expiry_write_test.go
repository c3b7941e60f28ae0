package provider_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func TestSecretVersionExpiry_IsSentOnceInMillisecondsAndThePlanAfterIsEmpty(t *testing.T) {
	t.Parallel()
	forEachExpiryVariant(t, func(t *testing.T, m *mock) {
		i := newTFServer(t, m).create(expiryType, expiry("v1", year2090))
		s := newTFServer(t, m)
		i, diagnostics := s.read(i)
		s.must(diagnostics)
		c, diagnostics := s.plan(i, expiry("v1", year2090))
		s.must(diagnostics)
		if !s.empty(c) {
			t.Errorf("the plan is not empty: %v", s.strings(c.planned, s.typeOf(expiryType)))
		}
		if got := m.bodies("UpdateVersion"); !slices.Equal(got, []string{`{"expire_time":3786912000000}`}) {
			t.Errorf("sent %q", got)
		}
		if n := m.Count("ListProjects"); n != 2 {
			t.Errorf("the project was looked up %d times in two walks", n)
		}
	})
}

func TestSecretVersionExpiry_IsUpdatedWithOnePut(t *testing.T) {
	t.Parallel()
	forEachExpiryVariant(t, func(t *testing.T, m *mock) {
		i := m.createExpiry(t)
		i, diagnostics := newTFServer(t, m).change(i, expiry("v1", farther))
		newTFServer(t, m).must(diagnostics)
		if m.Count("UpdateVersion") != 1 || i.state["expire_time"] != farther || len(diagnostics) > 0 {
			t.Errorf("state %v after %d updates, %s", i.state, m.Count("UpdateVersion"), warningsOf(diagnostics))
		}
	})
}

func TestSecretVersionExpiry_LatestTimeThatTheServiceTakesDoesNotOverflow(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	i := newTFServer(t, m).create(expiryType, expiry("v1", "2286-11-20T17:46:39Z"))
	i, diagnostics := newTFServer(t, m).read(i)
	if got := m.bodies("UpdateVersion"); !slices.Equal(got, []string{`{"expire_time":9999999999000}`}) || len(diagnostics) > 0 {
		t.Errorf("sent %q, %s", got, errorsOf(diagnostics))
	}
	if i.state["expire_time"] != "2286-11-20T17:46:39Z" {
		t.Error(i.state)
	}
}

func TestSecretVersionExpiry_ThatTheVersionHasAlreadyIsAdopted(t *testing.T) {
	t.Parallel()
	forEachExpiryVariant(t, func(t *testing.T, m *mock) {
		m.setExpiry(t, "v1", year2090)
		i := newTFServer(t, m).create(expiryType, expiry("v1", "2090-01-01T08:00:00+08:00"))
		if n := m.Count("UpdateVersion"); n > 0 {
			t.Errorf("the expiry was sent %d times, want never", n)
		}
		if got := i.state["expire_time"]; got != "2090-01-01T08:00:00+08:00" {
			t.Errorf("the state has %v, want what the configuration says", got)
		}
	})
}

func TestSecretVersionExpiry_AnswerThatWasLostIsMadeUpForByTheNextApply(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	s := newTFServerWith(t, m.withoutRetries())
	c, diagnostics := s.plan(instance{typeName: expiryType}, expiry("v1", year2090))
	s.must(diagnostics)
	m.Fail(csmstest.Fault{Operation: "UpdateVersion", Reset: true, AfterProcessing: true})
	i, diagnostics := s.apply(c)
	if got := errorsOf(diagnostics); i.state != nil || !strings.Contains(got, "Unable to set expiry") {
		t.Fatalf("state %v, errors %q", i.state, got)
	}
	newTFServer(t, m).create(expiryType, expiry("v1", year2090))
	if n := m.Count("UpdateVersion"); n != 1 {
		t.Errorf("the expiry was sent %d times, want once", n)
	}
}

func TestSecretVersionExpiry_OtherSpellingsOfTheInstantPlanNothingAndKeepTheUsersText(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	const text = "2090-01-01T08:00:00+08:00"
	i := newTFServer(t, m).create(expiryType, expiry("v1", text))
	for _, spelling := range []string{text, year2090, "2090-01-01T00:00:00+00:00", "2089-12-31T16:00:00-08:00", "2090-01-01T00:00:00.000Z"} {
		s := newTFServer(t, m)
		i, diagnostics := s.read(i)
		s.must(diagnostics)
		c, diagnostics := s.plan(i, expiry("v1", spelling))
		if !s.empty(c) || len(diagnostics) > 0 || i.state["expire_time"] != text {
			t.Errorf("%s: empty %t, state %v, %s", spelling, s.empty(c), i.state["expire_time"], errorsOf(diagnostics))
		}
	}
	if n := m.Count("UpdateVersion"); n != 1 {
		t.Errorf("the expiry was sent %d times, want once", n)
	}
}

func TestSecretVersionExpiry_UnknownTimeThatComesOutTheSameIsNotWritten(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	i := m.createExpiry(t)
	s := newTFServer(t, m)
	config := expiry("v1", "2090-01-01T08:00:00+08:00")
	i, diagnostics := s.apply(change{instance: i, config: config, planned: s.dynamic(s.typeOf(expiryType), with(with(config, "region", "cn-north-4"), "id", "db/v1"))})
	s.must(diagnostics)
	m.assertRequests(t, map[string]int{})
	if i.state["expire_time"] != config["expire_time"] {
		t.Error(i.state)
	}
}

func TestSecretVersionExpiry_ChangedByOthersIsShownInUTCAndMended(t *testing.T) {
	t.Parallel()
	for name, theirs := range map[string]string{"changed": "2091-06-01T12:00:00+08:00", "cleared": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachExpiryVariant(t, func(t *testing.T, m *mock) {
				i := newTFServer(t, m).create(expiryType, expiry("v1", year2090))
				m.setExpiry(t, "v1", theirs)
				s := newTFServer(t, m)
				i, diagnostics := s.read(i)
				s.must(diagnostics)
				if got := i.state["expire_time"]; theirs == "" && got != nil || theirs != "" && got != "2091-06-01T04:00:00Z" {
					t.Errorf("the state has %v", got)
				}
				i, diagnostics = s.change(i, expiry("v1", year2090))
				if len(diagnostics) > 0 || i.state["expire_time"] != year2090 || m.Count("UpdateVersion") != 2 {
					t.Errorf("state %v after %d updates, %s", i.state, m.Count("UpdateVersion"), errorsOf(diagnostics)+warningsOf(diagnostics))
				}
				if got := m.Expiry("db", "v1"); !got.Equal(time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC)) {
					t.Errorf("the service has %s", got)
				}
			})
		})
	}
}

func TestSecretVersionExpiry_OfZeroIsNoneNot1970(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	i := newTFServer(t, m).create(expiryType, expiry("v1", year2090))
	m.Fail(csmstest.Fault{Operation: "ListVersions", Status: http.StatusOK, Body: `{"version_metadatas":[{"id":"v1","create_time":1577836800000,"expire_time":0}]}`})
	s := newTFServer(t, m)
	i, diagnostics := s.read(i)
	s.must(diagnostics)
	if got, ok := i.state["expire_time"]; ok || i.state["id"] != "db/v1" {
		t.Errorf("the state has %v, want null: %v", got, i.state)
	}
}

func TestSecretVersionExpiry_ChangedByOthersAfterThePlanStopsTheApply(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	i := newTFServer(t, m).create(expiryType, expiry("v1", year2090))
	s := newTFServer(t, m)
	c, diagnostics := s.plan(i, expiry("v1", farther))
	s.must(diagnostics)
	m.setExpiry(t, "v1", "2092-02-02T00:00:00Z")
	m.ResetRequests()
	i, diagnostics = newTFServer(t, m).apply(c)
	assertContains(t, errorsOf(diagnostics), `version "v1"`, "somebody changed the expiry", year2090, "2092-02-02T00:00:00Z", "Make a new plan")
	if i.state["expire_time"] != year2090 || m.Count("UpdateVersion") != 0 {
		t.Errorf("%d writes, state %v", m.Count("UpdateVersion"), i.state)
	}
}

func TestSecretVersionExpiry_OfAMissingVersionNamesThoseThereAre(t *testing.T) {
	t.Parallel()
	forEachExpiryVariant(t, func(t *testing.T, m *mock) {
		s := newTFServer(t, m)
		c, diagnostics := s.plan(instance{typeName: expiryType}, expiry("v9", year2090))
		s.must(diagnostics)
		i, diagnostics := s.apply(c)
		assertContains(t, errorsOf(diagnostics), `version "v9"`, "does not exist", "the secret has v1, v2, v3")
		if i.state != nil || m.Count("UpdateVersion") > 0 {
			t.Errorf("state %v after %d updates, want none", i.state, m.Count("UpdateVersion"))
		}
	})
}

func TestSecretVersionExpiry_InAMissingSecretSaysSo(t *testing.T) {
	t.Parallel()
	forEachExpiryVariant(t, func(t *testing.T, m *mock) {
		m.DeleteSecret("db")
		i, diagnostics := newTFServer(t, m).change(instance{typeName: expiryType}, expiry("v1", year2090))
		if got := errorsOf(diagnostics); i.state != nil || !strings.Contains(got, "CSMS.0106") || !strings.Contains(got, "The secret does not exist. Check its name") {
			t.Errorf("state %v, errors %q", i.state, got)
		}
	})
}

func TestSecretVersionExpiry_VersionDeletedBetweenPlanAndApplyLeavesTheStateAlone(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	i := newTFServer(t, m).create(expiryType, expiry("v3", year2090))
	c, diagnostics := newTFServer(t, m).plan(i, expiry("v3", farther))
	newTFServer(t, m).must(diagnostics)
	m.DeleteVersion("db", "v3")
	i, diagnostics = newTFServer(t, m).apply(c)
	if got := errorsOf(diagnostics); !strings.Contains(got, "the secret has v1, v2.") || i.state["expire_time"] != year2090 {
		t.Errorf("state %v, errors %q", i.state, got)
	}
}

func TestSecretVersionExpiry_OfAVersionThatTheServiceCollectedLeavesTheState(t *testing.T) {
	t.Parallel()
	forEachExpiryVariant(t, func(t *testing.T, m *mock) {
		i := newTFServer(t, m).create(expiryType, expiry("v3", year2090))
		m.DeleteVersion("db", "v3")
		s := newTFServer(t, m)
		i, diagnostics := s.read(i)
		s.must(diagnostics)
		if i.state != nil || !strings.Contains(warningsOf(diagnostics), "CSMS object was not found") {
			t.Errorf("state %v, warnings %q", i.state, warningsOf(diagnostics))
		}
	})
}

func TestSecretVersionExpiry_InASecretThatIsGoneLeavesTheState(t *testing.T) {
	t.Parallel()
	forEachExpiryVariant(t, func(t *testing.T, m *mock) {
		i := newTFServer(t, m).create(expiryType, expiry("v1", year2090))
		m.DeleteSecret("db")
		s := newTFServer(t, m)
		i, diagnostics := s.read(i)
		s.must(diagnostics)
		if i.state != nil {
			t.Error(i.state)
		}
	})
}

func TestSecretVersionExpiry_ServiceThatCollectsVersionsWithoutAStageTakesTheirExpiriesAlong(t *testing.T) {
	t.Parallel()
	m := newSecret(t, csmstest.WithUnlabelledVersionCollection())
	m.MoveStage("db", "OLD", "v3")
	i := newTFServer(t, m).create(expiryType, expiry("v3", year2090))
	m.DeleteStage("db", "OLD")
	s := newTFServer(t, m)
	if i, diagnostics := s.read(i); i.state != nil || errorsOf(diagnostics) != "" {
		t.Error(i.state, errorsOf(diagnostics))
	}
}

func TestSecretVersionExpiry_ChangeOfASecretThatIsNotEnabledSaysItsStateAndWhatToDo(t *testing.T) {
	t.Parallel()
	for state, remedy := range map[string]string{
		"DISABLED":       "The secret is DISABLED: this is its state, not a missing permission. Enable it",
		"FROZEN":         "The secret is FROZEN: this is its state, not a missing permission. Enable it",
		"PENDING_DELETE": "The secret is PENDING_DELETE. The secret is scheduled for deletion. Cancel the deletion",
	} {
		for name, managed := range map[string]instance{"create": {typeName: expiryType}, "update": managedExpiry(year2090)} {
			t.Run(state+" "+name, func(t *testing.T) {
				t.Parallel()
				m := newSecret(t)
				if managed.state != nil {
					m.setExpiry(t, "v1", year2090)
				}
				m.SetState("db", state)
				i, diagnostics := newTFServer(t, m).change(managed, expiry("v1", farther))
				got := errorsOf(diagnostics)
				if !strings.Contains(got, remedy) || !strings.Contains(got, "CSMS.01") || strings.Contains(got, "IAM action") {
					t.Errorf("errors %q do not say %q", got, remedy)
				}
				if fmt.Sprint(i.state) != fmt.Sprint(managed.state) {
					t.Errorf("the state is %v, want as before: %v", i.state, managed.state)
				}
				m.assertRequests(t, map[string]int{"ListProjects": 1, "ListVersions": 1, "UpdateVersion": 1, "ShowSecret": 1})
			})
		}
	}
}

func TestSecretVersionExpiry_StateThatTheServiceNamesByAnUnknownCodeIsStillTold(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	m.SetState("db", "DISABLED")
	m.Fail(csmstest.Fault{Operation: "UpdateVersion", Status: http.StatusForbidden, Body: `{"error_code":"CSMS.0999","error_msg":"No."}`})
	_, diagnostics := newTFServer(t, m).change(instance{typeName: expiryType}, expiry("v1", year2090))
	assertContains(t, errorsOf(diagnostics), "The secret is DISABLED", "CSMS.0999")
}

func TestSecretVersionExpiry_RefreshAndDestroyWorkInEveryStateOfTheSecret(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"ENABLED", "DISABLED", "FROZEN", "PENDING_DELETE"} {
		for name, options := range map[string][]csmstest.Option{"readable": nil, "reads refused": {csmstest.WithInactiveSecretReadsRefused()}} {
			t.Run(state+" "+name, func(t *testing.T) {
				t.Parallel()
				m := newSecret(t, options...)
				i := newTFServer(t, m).create(expiryType, expiry("v1", year2090))
				m.SetState("db", state)
				s := newTFServer(t, m)
				i, diagnostics := s.read(i)
				s.must(diagnostics)
				c, diagnostics := s.plan(i, expiry("v1", year2090))
				s.must(diagnostics)
				if !s.empty(c) {
					t.Errorf("the plan is not empty: %v", i.state)
				}
				if i, diagnostics = s.change(i, nil); i.state != nil || errorsOf(diagnostics) != "" {
					t.Error(i.state, errorsOf(diagnostics))
				}
			})
		}
	}
}

func TestSecretVersionExpiry_DestroyOfAnExpiryMakesNoCall(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]func(*mock){
		"as it is":       func(*mock) {},
		"version gone":   func(m *mock) { m.DeleteVersion("db", "v1") },
		"secret gone":    func(m *mock) { m.DeleteSecret("db") },
		"service broken": func(m *mock) { m.Fail(csmstest.Fault{Status: http.StatusInternalServerError, Times: -1}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			i := newTFServer(t, m).create(expiryType, expiry("v1", year2090))
			before(m)
			m.ResetRequests()
			i, diagnostics := newTFServer(t, m).change(i, nil)
			if i.state != nil || errorsOf(diagnostics) != "" {
				t.Error(i.state, errorsOf(diagnostics))
			}
			m.assertRequests(t, map[string]int{})
		})
	}
}

func TestSecretVersionExpiry_ThatIsStoredOtherwiseThanSentIsAnError(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ answer, says string }{
		"another time":    {`{"version_metadata":{"id":"v1","expire_time":3786912001000}}`, "but stored 2090-01-01T00:00:01Z"},
		"nothing":         {`{"version_metadata":{"id":"v1"}}`, "but stored no expiry"},
		"another version": {`{"version_metadata":{"id":"v2","expire_time":3786912000000}}`, "about the version v2"},
		"no version":      {`{}`, "no version"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			m.Fail(csmstest.Fault{Operation: "UpdateVersion", Status: http.StatusOK, Body: tt.answer})
			i, diagnostics := newTFServer(t, m).change(instance{typeName: expiryType}, expiry("v1", year2090))
			if got := errorsOf(diagnostics); i.state != nil || !strings.Contains(got, tt.says) {
				t.Errorf("state %v, errors %q do not say %q", i.state, got, tt.says)
			}
		})
	}
}

func TestSecretVersionExpiry_VersionThatGoesWhileItsExpiryIsSetIsTold(t *testing.T) {
	t.Parallel()
	m := newSecret(t, csmstest.WithoutExpireTimeInAnswer())
	var lists atomic.Int32
	m.Fail(csmstest.Fault{Operation: "ListVersions"}) // the look before the write
	m.Fail(csmstest.Fault{Operation: "ListVersions", Do: func() { lists.Add(1); m.DeleteVersion("db", "v3") }})
	_, diagnostics := newTFServer(t, m).change(instance{typeName: expiryType}, expiry("v3", year2090))
	if got := errorsOf(diagnostics); lists.Load() != 1 || !strings.Contains(got, "but the version is gone") {
		t.Errorf("errors %q do not say that the version is gone", got)
	}
}

func TestSecretVersionExpiry_ChangeOfTimeoutsAloneMakesNoCall(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	i := m.createExpiry(t)
	config := expiry("v1", year2090)
	config["timeouts"] = map[string]any{"update": "30s"}
	_, diagnostics := newTFServer(t, m).change(i, config)
	newTFServer(t, m).must(diagnostics)
	m.assertRequests(t, map[string]int{})
}

func TestSecretVersionExpiry_TimeoutEndsTheWaitThatTheServiceAsksFor(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	throttled := csmstest.Throttled("3600")
	throttled.Times = -1
	m.Fail(throttled)
	config := expiry("v1", year2090)
	config["timeouts"] = map[string]any{"create": shortTimeout}
	_, diagnostics := newTFServer(t, m).change(instance{typeName: expiryType}, config)
	got := errorsOf(diagnostics)
	assertContains(t, got, "429", "APIGW.0308", "raise the limit in the resource's timeouts")
	if n := len(m.Requests()); n != 1 {
		t.Errorf("%d requests were sent, want none after the time is over", n)
	}
}

func TestSecretVersionExpiry_TimeoutEndsARefreshThatHangs(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	m.Fail(csmstest.Fault{Operation: "ListVersions", Hang: true, Times: -1})
	hanging := managedExpiry(year2090)
	hanging.state["timeouts"] = map[string]any{"read": shortTimeout}
	i, diagnostics := newTFServer(t, m).read(hanging)
	if got := errorsOf(diagnostics); i.state == nil || !strings.Contains(got, "ran out of time") || !strings.Contains(got, `version "v1"`) {
		t.Errorf("state %v, errors %q", i.state, got)
	}
	m.assertRequests(t, map[string]int{"ListProjects": 1, "ListVersions": 1})
}

func TestSecretVersionExpiry_InterruptedApplyKeepsTheStateAndSaysSo(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	m.setExpiry(t, "v1", year2090)
	m.Fail(csmstest.Fault{Operation: "UpdateVersion", Do: interrupt, Hang: true})
	s := newTFServer(t, m)
	c, diagnostics := s.plan(managedExpiry(year2090), expiry("v1", farther))
	s.must(diagnostics)
	i, diagnostics := s.applyWithin(ctx, c)
	if got := errorsOf(diagnostics); i.state["expire_time"] != year2090 || !strings.Contains(got, "The operation was interrupted") {
		t.Errorf("state %v, errors %q", i.state, got)
	}
}

func TestSecretVersionExpiry_WritesToAnotherSecretDoNotWait(t *testing.T) {
	t.Parallel()
	m := newSecrets(t)
	arrived, release := make(chan struct{}), make(chan struct{})
	m.Fail(csmstest.Fault{Operation: "UpdateVersion", Do: func() { close(arrived); <-release }})
	s := newTFServer(t, m)
	var done sync.WaitGroup
	done.Go(func() { s.create(expiryType, expiry("v2", year2090)) })
	<-arrived
	s.create(expiryType, with(expiry("v1", farther), "secret_name", "api"))
	close(release)
	done.Wait()
}

func TestSecretVersionExpiry_WritesToOneSecretTakeTurns(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	m.Fail(csmstest.Fault{Operation: "UpdateVersion", Delay: 50 * time.Millisecond, Times: -1})
	s := newTFServer(t, m)
	var done sync.WaitGroup
	for _, version := range []string{"v1", "v2", "v3"} {
		done.Go(func() { s.create(expiryType, expiry(version, year2090)) })
	}
	done.Wait()
	var operations []string
	for _, r := range m.Requests() {
		if r.Operation != "ListProjects" {
			operations = append(operations, r.Operation)
		}
	}
	turn := []string{"ListVersions", "UpdateVersion"}
	if want := slices.Repeat(turn, 3); !slices.Equal(operations, want) {
		t.Errorf("the service saw %v, want %v", operations, want)
	}
}

func TestSecretVersionExpiry_NewExpiryThatOverwritesAnotherOneWarns(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	m.setExpiry(t, "v1", "2092-02-02T00:00:00Z")
	s := newTFServer(t, m)
	c, diagnostics := s.plan(instance{typeName: expiryType}, expiry("v1", year2090))
	s.must(diagnostics)
	_, diagnostics = newTFServer(t, m).apply(c)
	s.must(diagnostics)
	assertContains(t, warningsOf(diagnostics), "was overwritten: db/v1", "2092-02-02T00:00:00Z")
}
