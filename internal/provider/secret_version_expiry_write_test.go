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

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// expiryReadings are services that read the API's documentation of versions and their
// expiry differently where it is silent or contradicts itself.
func expiryReadings() map[string][]csmstest.Option {
	return map[string][]csmstest.Option{
		"as documented":         nil,
		"missing is 400":        {csmstest.WithNotFoundStatus(http.StatusBadRequest)},
		"answer without expiry": {csmstest.WithoutExpireTimeInAnswer()},
		"timestamps in seconds": {csmstest.WithSecondsTimestamps()},
		"no expiry is null":     {csmstest.WithNullExpireTime()},
		"0 clears an expiry":    {csmstest.WithExpiryClearing()},
		"newest first":          {csmstest.WithVersionOrder(csmstest.Descending)},
		"last marker null":      {csmstest.WithLastPageMarker(csmstest.MarkerNull)},
		"last marker empty":     {csmstest.WithLastPageMarker(csmstest.MarkerEmpty)},
		"last marker is an id":  {csmstest.WithLastPageMarker(csmstest.MarkerLastID)},
		"all at once": {
			csmstest.WithNotFoundStatus(http.StatusBadRequest), csmstest.WithoutExpireTimeInAnswer(), csmstest.WithSecondsTimestamps(),
			csmstest.WithNullExpireTime(), csmstest.WithVersionOrder(csmstest.Descending), csmstest.WithLastPageMarker(csmstest.MarkerLastID),
		},
	}
}

// eachReading runs a test against a service of each kind that has the secret "db".
func eachReading(t *testing.T, test func(t *testing.T, m *mock)) {
	t.Helper()
	for name, options := range expiryReadings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newSecret(t, options...))
		})
	}
}

// expiring sets the expiry of v1 of "db" and returns it as Terraform remembers it.
func (m *mock) expiring(t *testing.T) instance {
	t.Helper()
	i := newWalk(t, m).create(expiryType, expiry("v1", farAway))
	m.ResetRequests()
	return i
}

func TestExpiryIsSentOnceInMillisecondsAndThePlanAfterIsEmpty(t *testing.T) {
	t.Parallel()
	eachReading(t, func(t *testing.T, m *mock) {
		i := newWalk(t, m).create(expiryType, expiry("v1", farAway))
		w := newWalk(t, m)
		i, diagnostics := w.read(i)
		w.must(diagnostics)
		c, diagnostics := w.plan(i, expiry("v1", farAway))
		w.must(diagnostics)
		if !w.empty(c) {
			t.Errorf("the plan is not empty: %v", w.strings(c.planned, w.typeOf(expiryType)))
		}
		if got := m.bodies("UpdateVersion"); !slices.Equal(got, []string{`{"expire_time":3786912000000}`}) {
			t.Errorf("sent %q", got)
		}
		if n := m.Count("ListProjects"); n != 2 {
			t.Errorf("the project was looked up %d times in two walks", n)
		}
	})
}

func TestExpiryIsUpdatedWithOnePut(t *testing.T) {
	t.Parallel()
	eachReading(t, func(t *testing.T, m *mock) {
		i := m.expiring(t)
		i, diagnostics := newWalk(t, m).change(i, expiry("v1", farther))
		newWalk(t, m).must(diagnostics)
		if m.Count("UpdateVersion") != 1 || i.state["expire_time"] != farther || len(diagnostics) > 0 {
			t.Errorf("state %v after %d updates, %s", i.state, m.Count("UpdateVersion"), warningsOf(diagnostics))
		}
	})
}

func TestLatestTimeThatTheServiceTakesDoesNotOverflow(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	i := newWalk(t, m).create(expiryType, expiry("v1", "2286-11-20T17:46:39Z"))
	i, diagnostics := newWalk(t, m).read(i)
	if got := m.bodies("UpdateVersion"); !slices.Equal(got, []string{`{"expire_time":9999999999000}`}) || len(diagnostics) > 0 {
		t.Errorf("sent %q, %s", got, errorsOf(diagnostics))
	}
	if i.state["expire_time"] != "2286-11-20T17:46:39Z" {
		t.Error(i.state)
	}
}

func TestExpiryThatTheVersionHasAlreadyIsAdopted(t *testing.T) {
	t.Parallel()
	eachReading(t, func(t *testing.T, m *mock) {
		m.setExpiry(t, "v1", farAway)
		i := newWalk(t, m).create(expiryType, expiry("v1", "2090-01-01T08:00:00+08:00"))
		if n := m.Count("UpdateVersion"); n > 0 {
			t.Errorf("the expiry was sent %d times, want never", n)
		}
		if got := i.state["expire_time"]; got != "2090-01-01T08:00:00+08:00" {
			t.Errorf("the state has %v, want what the configuration says", got)
		}
	})
}

func TestAnswerThatWasLostIsMadeUpForByTheNextApply(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	w := newWalkWith(t, m.impatient())
	c, diagnostics := w.plan(instance{typeName: expiryType}, expiry("v1", farAway))
	w.must(diagnostics)
	m.Fail(csmstest.Fault{Operation: "UpdateVersion", Reset: true, AfterProcessing: true})
	i, diagnostics := w.apply(c)
	if got := errorsOf(diagnostics); i.state != nil || !strings.Contains(got, "Unable to set expiry") {
		t.Fatalf("state %v, errors %q", i.state, got)
	}
	newWalk(t, m).create(expiryType, expiry("v1", farAway))
	if n := m.Count("UpdateVersion"); n != 1 {
		t.Errorf("the expiry was sent %d times, want once", n)
	}
}

func TestOtherSpellingsOfTheInstantPlanNothingAndKeepTheUsersText(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	const text = "2090-01-01T08:00:00+08:00"
	i := newWalk(t, m).create(expiryType, expiry("v1", text))
	for _, spelling := range []string{text, farAway, "2090-01-01T00:00:00+00:00", "2089-12-31T16:00:00-08:00", "2090-01-01T00:00:00.000Z"} {
		w := newWalk(t, m)
		i, diagnostics := w.read(i)
		w.must(diagnostics)
		c, diagnostics := w.plan(i, expiry("v1", spelling))
		if !w.empty(c) || len(diagnostics) > 0 || i.state["expire_time"] != text {
			t.Errorf("%s: empty %t, state %v, %s", spelling, w.empty(c), i.state["expire_time"], errorsOf(diagnostics))
		}
	}
	if n := m.Count("UpdateVersion"); n != 1 {
		t.Errorf("the expiry was sent %d times, want once", n)
	}
}

func TestUnknownTimeThatComesOutTheSameIsNotWritten(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	i := m.expiring(t)
	w := newWalk(t, m)
	config := expiry("v1", "2090-01-01T08:00:00+08:00")
	i, diagnostics := w.apply(change{instance: i, config: config, planned: w.dynamic(w.typeOf(expiryType), with(with(config, "region", "cn-north-4"), "id", "db/v1"))})
	w.must(diagnostics)
	m.counts(t, map[string]int{})
	if i.state["expire_time"] != config["expire_time"] {
		t.Error(i.state)
	}
}

func TestExpiryChangedByOthersIsShownInUTCAndMended(t *testing.T) {
	t.Parallel()
	for name, theirs := range map[string]string{"changed": "2091-06-01T12:00:00+08:00", "cleared": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachReading(t, func(t *testing.T, m *mock) {
				i := newWalk(t, m).create(expiryType, expiry("v1", farAway))
				m.setExpiry(t, "v1", theirs)
				w := newWalk(t, m)
				i, diagnostics := w.read(i)
				w.must(diagnostics)
				if got := i.state["expire_time"]; theirs == "" && got != nil || theirs != "" && got != "2091-06-01T04:00:00Z" {
					t.Errorf("the state has %v", got)
				}
				i, diagnostics = w.change(i, expiry("v1", farAway))
				if len(diagnostics) > 0 || i.state["expire_time"] != farAway || m.Count("UpdateVersion") != 2 {
					t.Errorf("state %v after %d updates, %s", i.state, m.Count("UpdateVersion"), errorsOf(diagnostics)+warningsOf(diagnostics))
				}
				if got := m.Expiry("db", "v1"); !got.Equal(time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC)) {
					t.Errorf("the service has %s", got)
				}
			})
		})
	}
}

func TestExpiryOfZeroIsNoneNot1970(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	i := newWalk(t, m).create(expiryType, expiry("v1", farAway))
	m.Fail(csmstest.Fault{Operation: "ListVersions", Status: http.StatusOK, Body: `{"version_metadatas":[{"id":"v1","create_time":1577836800000,"expire_time":0}]}`})
	w := newWalk(t, m)
	i, diagnostics := w.read(i)
	w.must(diagnostics)
	if got, ok := i.state["expire_time"]; ok || i.state["id"] != "db/v1" {
		t.Errorf("the state has %v, want null: %v", got, i.state)
	}
}

func TestExpiryChangedByOthersAfterThePlanStopsTheApply(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	i := newWalk(t, m).create(expiryType, expiry("v1", farAway))
	w := newWalk(t, m)
	c, diagnostics := w.plan(i, expiry("v1", farther))
	w.must(diagnostics)
	m.setExpiry(t, "v1", "2092-02-02T00:00:00Z")
	m.ResetRequests()
	i, diagnostics = newWalk(t, m).apply(c)
	tells(t, errorsOf(diagnostics), `version "v1"`, "somebody changed the expiry", farAway, "2092-02-02T00:00:00Z", "Make a new plan")
	if i.state["expire_time"] != farAway || m.Count("UpdateVersion") != 0 {
		t.Errorf("%d writes, state %v", m.Count("UpdateVersion"), i.state)
	}
}

func TestExpiryOfAMissingVersionNamesThoseThereAre(t *testing.T) {
	t.Parallel()
	eachReading(t, func(t *testing.T, m *mock) {
		w := newWalk(t, m)
		c, diagnostics := w.plan(instance{typeName: expiryType}, expiry("v9", farAway))
		w.must(diagnostics)
		i, diagnostics := w.apply(c)
		tells(t, errorsOf(diagnostics), `version "v9"`, "does not exist", "the secret has v1, v2, v3")
		if i.state != nil || m.Count("UpdateVersion") > 0 {
			t.Errorf("state %v after %d updates, want none", i.state, m.Count("UpdateVersion"))
		}
	})
}

func TestExpiryInAMissingSecretSaysSo(t *testing.T) {
	t.Parallel()
	eachReading(t, func(t *testing.T, m *mock) {
		m.DeleteSecret("db")
		i, diagnostics := newWalk(t, m).change(instance{typeName: expiryType}, expiry("v1", farAway))
		if got := errorsOf(diagnostics); i.state != nil || !strings.Contains(got, "CSMS.0106") || !strings.Contains(got, "The secret does not exist. Check its name") {
			t.Errorf("state %v, errors %q", i.state, got)
		}
	})
}

func TestVersionDeletedBetweenPlanAndApplyLeavesTheStateAlone(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	i := newWalk(t, m).create(expiryType, expiry("v3", farAway))
	c, diagnostics := newWalk(t, m).plan(i, expiry("v3", farther))
	newWalk(t, m).must(diagnostics)
	m.DeleteVersion("db", "v3")
	i, diagnostics = newWalk(t, m).apply(c)
	if got := errorsOf(diagnostics); !strings.Contains(got, "the secret has v1, v2.") || i.state["expire_time"] != farAway {
		t.Errorf("state %v, errors %q", i.state, got)
	}
}

func TestExpiryOfAVersionThatTheServiceCollectedLeavesTheState(t *testing.T) {
	t.Parallel()
	eachReading(t, func(t *testing.T, m *mock) {
		i := newWalk(t, m).create(expiryType, expiry("v3", farAway))
		m.DeleteVersion("db", "v3")
		w := newWalk(t, m)
		i, diagnostics := w.read(i)
		w.must(diagnostics)
		if i.state != nil || !strings.Contains(warningsOf(diagnostics), "CSMS object was not found") {
			t.Errorf("state %v, warnings %q", i.state, warningsOf(diagnostics))
		}
	})
}

func TestExpiryInASecretThatIsGoneLeavesTheState(t *testing.T) {
	t.Parallel()
	eachReading(t, func(t *testing.T, m *mock) {
		i := newWalk(t, m).create(expiryType, expiry("v1", farAway))
		m.DeleteSecret("db")
		w := newWalk(t, m)
		i, diagnostics := w.read(i)
		w.must(diagnostics)
		if i.state != nil {
			t.Error(i.state)
		}
	})
}

func TestServiceThatCollectsUnlabelledVersionsTakesTheirExpiriesAlong(t *testing.T) {
	t.Parallel()
	m := newSecret(t, csmstest.WithUnlabelledVersionCollection())
	m.MoveStage("db", "OLD", "v3")
	i := newWalk(t, m).create(expiryType, expiry("v3", farAway))
	m.DeleteStage("db", "OLD")
	w := newWalk(t, m)
	if i, diagnostics := w.read(i); i.state != nil || errorsOf(diagnostics) != "" {
		t.Error(i.state, errorsOf(diagnostics))
	}
}

func TestChangeOfASecretThatIsNotEnabledSaysItsStateAndWhatToDo(t *testing.T) {
	t.Parallel()
	for state, remedy := range map[string]string{
		"DISABLED":       "The secret is DISABLED: this is its state, not a missing permission. Enable it",
		"FROZEN":         "The secret is FROZEN: this is its state, not a missing permission. Enable it",
		"PENDING_DELETE": "The secret is PENDING_DELETE. The secret is scheduled for deletion. Cancel the deletion",
	} {
		for name, managed := range map[string]instance{"create": {typeName: expiryType}, "update": managedExpiry(farAway)} {
			t.Run(state+" "+name, func(t *testing.T) {
				t.Parallel()
				m := newSecret(t)
				if managed.state != nil {
					m.setExpiry(t, "v1", farAway)
				}
				m.SetState("db", state)
				i, diagnostics := newWalk(t, m).change(managed, expiry("v1", farther))
				got := errorsOf(diagnostics)
				if !strings.Contains(got, remedy) || !strings.Contains(got, "CSMS.01") || strings.Contains(got, "IAM action") {
					t.Errorf("errors %q do not say %q", got, remedy)
				}
				if fmt.Sprint(i.state) != fmt.Sprint(managed.state) {
					t.Errorf("the state is %v, want as before: %v", i.state, managed.state)
				}
				m.counts(t, map[string]int{"ListProjects": 1, "ListVersions": 1, "UpdateVersion": 1, "ShowSecret": 1})
			})
		}
	}
}

func TestStateThatTheServiceNamesByAnUnknownCodeIsStillTold(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	m.SetState("db", "DISABLED")
	m.Fail(csmstest.Fault{Operation: "UpdateVersion", Status: http.StatusForbidden, Body: `{"error_code":"CSMS.0999","error_msg":"No."}`})
	_, diagnostics := newWalk(t, m).change(instance{typeName: expiryType}, expiry("v1", farAway))
	tells(t, errorsOf(diagnostics), "The secret is DISABLED", "CSMS.0999")
}

func TestRefreshAndDestroyWorkInEveryStateOfTheSecret(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"ENABLED", "DISABLED", "FROZEN", "PENDING_DELETE"} {
		for name, options := range map[string][]csmstest.Option{"readable": nil, "reads refused": {csmstest.WithInactiveSecretReadsRefused()}} {
			t.Run(state+" "+name, func(t *testing.T) {
				t.Parallel()
				m := newSecret(t, options...)
				i := newWalk(t, m).create(expiryType, expiry("v1", farAway))
				m.SetState("db", state)
				w := newWalk(t, m)
				i, diagnostics := w.read(i)
				w.must(diagnostics)
				c, diagnostics := w.plan(i, expiry("v1", farAway))
				w.must(diagnostics)
				if !w.empty(c) {
					t.Errorf("the plan is not empty: %v", i.state)
				}
				if i, diagnostics = w.change(i, nil); i.state != nil || errorsOf(diagnostics) != "" {
					t.Error(i.state, errorsOf(diagnostics))
				}
			})
		}
	}
}

func TestDestroyOfAnExpiryMakesNoCall(t *testing.T) {
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
			i := newWalk(t, m).create(expiryType, expiry("v1", farAway))
			before(m)
			m.ResetRequests()
			i, diagnostics := newWalk(t, m).change(i, nil)
			if i.state != nil || errorsOf(diagnostics) != "" {
				t.Error(i.state, errorsOf(diagnostics))
			}
			m.counts(t, map[string]int{})
		})
	}
}

func TestExpiryThatIsStoredOtherwiseThanSentIsAnError(t *testing.T) {
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
			i, diagnostics := newWalk(t, m).change(instance{typeName: expiryType}, expiry("v1", farAway))
			if got := errorsOf(diagnostics); i.state != nil || !strings.Contains(got, tt.says) {
				t.Errorf("state %v, errors %q do not say %q", i.state, got, tt.says)
			}
		})
	}
}

func TestVersionThatGoesWhileItsExpiryIsSetIsTold(t *testing.T) {
	t.Parallel()
	m := newSecret(t, csmstest.WithoutExpireTimeInAnswer())
	var lists atomic.Int32
	m.Fail(csmstest.Fault{Operation: "ListVersions"}) // the look before the write
	m.Fail(csmstest.Fault{Operation: "ListVersions", Do: func() { lists.Add(1); m.DeleteVersion("db", "v3") }})
	_, diagnostics := newWalk(t, m).change(instance{typeName: expiryType}, expiry("v3", farAway))
	if got := errorsOf(diagnostics); lists.Load() != 1 || !strings.Contains(got, "but the version is gone") {
		t.Errorf("errors %q do not say that the version is gone", got)
	}
}

func TestChangeOfTimeoutsAloneMakesNoCall(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	i := m.expiring(t)
	config := expiry("v1", farAway)
	config["timeouts"] = map[string]any{"update": "30s"}
	_, diagnostics := newWalk(t, m).change(i, config)
	newWalk(t, m).must(diagnostics)
	m.counts(t, map[string]int{})
}

func TestTimeoutEndsTheWaitThatTheServiceAsksFor(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	throttled := csmstest.Throttled("3600")
	throttled.Times = -1
	m.Fail(throttled)
	config := expiry("v1", farAway)
	config["timeouts"] = map[string]any{"create": soon}
	_, diagnostics := newWalk(t, m).change(instance{typeName: expiryType}, config)
	got := errorsOf(diagnostics)
	tells(t, got, "429", "APIGW.0308", "raise the limit in the resource's timeouts")
	if n := len(m.Requests()); n != 1 {
		t.Errorf("%d requests were sent, want none after the time is over", n)
	}
}

func TestTimeoutEndsARefreshThatHangs(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	m.Fail(csmstest.Fault{Operation: "ListVersions", Hang: true, Times: -1})
	hanging := managedExpiry(farAway)
	hanging.state["timeouts"] = map[string]any{"read": soon}
	i, diagnostics := newWalk(t, m).read(hanging)
	if got := errorsOf(diagnostics); i.state == nil || !strings.Contains(got, "ran out of time") || !strings.Contains(got, `version "v1"`) {
		t.Errorf("state %v, errors %q", i.state, got)
	}
	m.counts(t, map[string]int{"ListProjects": 1, "ListVersions": 1})
}

func TestInterruptedApplyKeepsTheStateAndSaysSo(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	m.setExpiry(t, "v1", farAway)
	m.Fail(csmstest.Fault{Operation: "UpdateVersion", Do: interrupt, Hang: true})
	w := newWalk(t, m)
	c, diagnostics := w.plan(managedExpiry(farAway), expiry("v1", farther))
	w.must(diagnostics)
	i, diagnostics := w.applyWithin(ctx, c)
	if got := errorsOf(diagnostics); i.state["expire_time"] != farAway || !strings.Contains(got, "The operation was interrupted") {
		t.Errorf("state %v, errors %q", i.state, got)
	}
}

func TestWritesToAnotherSecretDoNotWait(t *testing.T) {
	t.Parallel()
	m := newSecrets(t)
	arrived, release := make(chan struct{}), make(chan struct{})
	m.Fail(csmstest.Fault{Operation: "UpdateVersion", Do: func() { close(arrived); <-release }})
	w := newWalk(t, m)
	var done sync.WaitGroup
	done.Go(func() { w.create(expiryType, expiry("v2", farAway)) })
	<-arrived
	w.create(expiryType, with(expiry("v1", farther), "secret_name", "api"))
	close(release)
	done.Wait()
}

func TestWritesToOneSecretTakeTurns(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	m.Fail(csmstest.Fault{Operation: "UpdateVersion", Delay: 50 * time.Millisecond, Times: -1})
	w := newWalk(t, m)
	var done sync.WaitGroup
	for _, version := range []string{"v1", "v2", "v3"} {
		done.Go(func() { w.create(expiryType, expiry(version, farAway)) })
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

// bodies are the bodies of the requests of an operation.
func (m *mock) bodies(operation string) []string {
	var all []string
	for _, r := range m.Requests() {
		if r.Operation == operation {
			all = append(all, strings.TrimSpace(string(r.Body)))
		}
	}
	return all
}

// change plans and applies; nil destroys. A plan that is refused is not applied.
func (w *walk) change(i instance, config map[string]any) (instance, []*tfprotov6.Diagnostic) {
	w.t.Helper()
	plan := w.plan
	if config == nil {
		plan = w.planBefore
	}
	c, planned := plan(i, config)
	if errorsOf(planned) != "" {
		return i, planned
	}
	i, applied := w.apply(c)
	return i, append(planned, applied...)
}

func TestNewExpiryThatOverwritesAnotherOneWarns(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	m.setExpiry(t, "v1", "2092-02-02T00:00:00Z")
	w := newWalk(t, m)
	c, diagnostics := w.plan(instance{typeName: expiryType}, expiry("v1", farAway))
	w.must(diagnostics)
	_, diagnostics = newWalk(t, m).apply(c)
	w.must(diagnostics)
	tells(t, warningsOf(diagnostics), "was overwritten: db/v1", "2092-02-02T00:00:00Z")
}
