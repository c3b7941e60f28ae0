package provider_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

const (
	expiryType = "csms_secret_version_expiry"
	farAway    = "2090-01-01T00:00:00Z"
	farther    = "2091-01-01T00:00:00Z"
	longAgo    = "2020-01-01T00:00:00Z"
)

func TestTimeThatTheServiceCannotKeepIsRefusedBeforeThePlan(t *testing.T) {
	t.Parallel()
	for text, remedy := range map[string]string{
		"2090-01-01T00:00:00.5Z": "write 2090-01-01T00:00:00Z",
		"2090-01-01T00:00:00":    "such as 2030-01-31T00:00:00Z",
		"2090-01-01":             "such as 2030-01-31T00:00:00Z",
		"3786912000000":          "such as 2030-01-31T00:00:00Z",
		"9999-12-31T23:59:59Z":   "write 2286-11-20T17:46:39Z at the latest",
	} {
		got := newUnconfiguredWalk(t).validate(expiryType, expiry("v1", text))
		if !strings.Contains(got, "Invalid time") || !strings.Contains(got, text) || !strings.Contains(got, remedy) {
			t.Errorf("%s: errors %q do not say %q", text, got, remedy)
		}
	}
}

func TestTimeThatTheServiceKeepsIsValid(t *testing.T) {
	t.Parallel()
	for _, value := range []any{"2286-11-20T17:46:39Z", "2090-01-01T08:00:00.000+08:00", longAgo, unknown} {
		config := expiry("v1", "")
		config["expire_time"] = value
		if got := newUnconfiguredWalk(t).validate(expiryType, config); got != "" {
			t.Errorf("%v is refused: %s", value, got)
		}
	}
}

func TestMistypedKeysOfAnExpiryAreRefused(t *testing.T) {
	t.Parallel()
	tooLong := strings.Repeat("x", 65)
	for name, tt := range map[string]struct {
		attribute string
		value     any
		says      string
	}{
		"timeout in words":   {"timeouts", map[string]any{"create": "soon"}, `"soon"`},
		"version latest":     {"version_id", "latest", "latest_version_id of the data source csms_secret_versions"},
		"empty version":      {"version_id", "", "such as v3"},
		"version with slash": {"version_id", "v1/v2", "such as v3"},
		"secret with slash":  {"secret_name", "team/db", "such as db-password"},
		"long secret":        {"secret_name", tooLong, "1 to 64"},
		"empty secret":       {"secret_name", "", "1 to 64"},
		"secret that climbs": {"secret_name", "..", "such as db-password"},
		"no region":          {"region", "", "such as cn-north-4"},
		"region as URL":      {"region", "https://kms", "such as cn-north-4"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := with(expiry("v1", farAway), tt.attribute, tt.value)
			tells(t, newUnconfiguredWalk(t).validate(expiryType, config), tt.says)
		})
	}
}

func TestEverythingUnknownIsValidAndPlanned(t *testing.T) {
	t.Parallel()
	config := map[string]any{"secret_name": unknown, "version_id": unknown, "expire_time": unknown, "region": unknown, "timeouts": unknown}
	w := newWalk(t, newSecret(t))
	if got := w.validate(expiryType, config); got != "" {
		t.Error(got)
	}
	c, diagnostics := w.plan(instance{typeName: expiryType}, config)
	if len(diagnostics) > 0 || len(w.strings(c.planned, w.typeOf(expiryType))) > 0 {
		t.Error(errorsOf(diagnostics), warningsOf(diagnostics), w.strings(c.planned, w.typeOf(expiryType)))
	}
}

func TestPlanOfANewExpiryKnowsItsIDAndRegion(t *testing.T) {
	t.Parallel()
	w := newWalk(t, newSecret(t))
	c, diagnostics := w.plan(instance{typeName: expiryType}, expiry("v1", farAway))
	w.must(diagnostics)
	planned := w.strings(c.planned, w.typeOf(expiryType))
	if planned["id"] != "db/v1" || planned["region"] != "cn-north-4" || len(diagnostics) > 0 {
		t.Error(planned, warningsOf(diagnostics))
	}
}

func TestPastTimeIsRefusedAtPlanOnlyWhereItWouldBeWritten(t *testing.T) {
	t.Parallel()
	absent := instance{typeName: expiryType}
	tests := map[string]struct {
		stored  string   // what v1 has on the service, "" for none
		managed instance // what the state has
		refused bool
	}{
		"new":                              {managed: absent, refused: true},
		"new, the version has another one": {stored: farAway, managed: absent, refused: true},
		"new, the version has that time":   {stored: longAgo, managed: absent},
		"changed":                          {stored: farAway, managed: managedExpiry(farAway), refused: true},
		"changed to what the version has":  {stored: longAgo, managed: managedExpiry(farAway)},
		"managed, and passed since":        {stored: longAgo, managed: managedExpiry(longAgo)},
		"managed, spelt otherwise":         {stored: longAgo, managed: managedExpiry("2020-01-01T08:00:00+08:00")},
		"managed, and cleared by others":   {managed: managedExpiry(""), refused: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			m.setExpiry(t, "v1", tt.stored)
			w := newWalk(t, m)
			c, diagnostics := w.plan(tt.managed, expiry("v1", longAgo))
			got := errorsOf(diagnostics)
			if refused := strings.Contains(got, "expire_time 2020-01-01T00:00:00Z has passed"); refused != tt.refused {
				t.Errorf("refused %t, want %t: %q", refused, tt.refused, got)
			}
			if tt.refused && !strings.Contains(got, "Set expire_time to a later time") {
				t.Errorf("errors %q do not say what to do", got)
			}
			if !tt.refused && c.requiresReplace {
				t.Error("the plan replaces the resource")
			}
		})
	}
}

func TestPastTimeOfAVersionThatIsNotKnownYetIsLeftToTheApply(t *testing.T) {
	t.Parallel()
	config := expiry("v1", longAgo)
	config["version_id"] = unknown
	w := newWalk(t, newSecret(t))
	_, diagnostics := w.plan(instance{typeName: expiryType}, config)
	if got := errorsOf(diagnostics); got != "" {
		t.Errorf("the version may have that very time, but the plan refuses: %s", got)
	}
	tells(t, warningsOf(diagnostics), "2020-01-01T00:00:00Z has passed")
}

func TestTimeThatPassesBetweenPlanAndApplyIsNotWritten(t *testing.T) {
	t.Parallel()
	for name, i := range map[string]instance{"create": {typeName: expiryType}, "update": managedExpiry(farAway)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			w := newWalk(t, m)
			config := expiry("v1", longAgo)
			c := change{instance: i, config: config, planned: w.dynamic(w.typeOf(expiryType), with(config, "region", "cn-north-4"))}
			_, diagnostics := w.apply(c)
			tells(t, errorsOf(diagnostics), "has passed", `version "v1"`)
			m.counts(t, map[string]int{"ListProjects": 1, "ListVersions": 1})
		})
	}
}

func TestPastTimesInOneSecretCostOneLookUp(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	w := newWalk(t, m)
	for _, version := range []string{"v1", "v2", "v3"} {
		if _, diagnostics := w.plan(instance{typeName: expiryType}, expiry(version, longAgo)); errorsOf(diagnostics) == "" {
			t.Errorf("the past time of %s is accepted", version)
		}
	}
	m.counts(t, map[string]int{"ListProjects": 1, "ListVersions": 1})
}

func TestPastTimeOfAVersionMadeAfterTheFirstLookIsLookedUp(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	w := newWalk(t, m)
	if _, diagnostics := w.plan(instance{typeName: expiryType}, expiry("v1", longAgo)); errorsOf(diagnostics) == "" {
		t.Error("the past time of v1 is accepted")
	}
	m.AddVersion("db")
	m.setExpiry(t, "v4", longAgo)
	_, diagnostics := w.plan(instance{typeName: expiryType}, expiry("v4", longAgo))
	w.must(diagnostics)
	m.counts(t, map[string]int{"ListProjects": 1, "ListVersions": 2})
}

func TestRegionThatTheEndpointDoesNotServeIsRefusedAtPlan(t *testing.T) {
	t.Parallel()
	w := newWalk(t, newSecret(t))
	_, diagnostics := w.plan(instance{typeName: expiryType}, with(expiry("v1", farAway), "region", "cn-east-3"))
	tells(t, errorsOf(diagnostics), "Region cannot be used", "{region}")
}

func TestExpiryThatHasPassedStaysAQuietEmptyPlan(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	m.setExpiry(t, "v1", longAgo)
	w := newWalk(t, m)
	i, diagnostics := w.read(w.create(expiryType, expiry("v1", longAgo)))
	w.must(diagnostics)
	c, more := w.plan(i, expiry("v1", longAgo))
	if diagnostics = append(diagnostics, more...); len(diagnostics) > 0 || !w.empty(c) {
		t.Errorf("empty %t, diagnostics %q", w.empty(c), errorsOf(diagnostics)+warningsOf(diagnostics))
	}
	if n := m.Count("UpdateVersion"); n > 0 {
		t.Errorf("what the version had already was written %d times", n)
	}
}

func TestDestroyOfAnExpiryWarnsAtPlanWhatStays(t *testing.T) {
	t.Parallel()
	w := newWalk(t, newSecret(t))
	_, diagnostics := w.plan(w.create(expiryType, expiry("v1", farAway)), nil)
	w.must(diagnostics)
	tells(t, warningsOf(diagnostics), "stays", `version "v1"`, "expires at "+farAway, "cannot clear an expiry")
}

func TestDestroyOfAnExpiryThatIsGoneDoesNotWarn(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	w := newWalk(t, m)
	i := w.create(expiryType, expiry("v1", farAway))
	m.setExpiry(t, "v1", "")
	i, diagnostics := newWalk(t, m).read(i)
	w.must(diagnostics)
	if _, diagnostics = w.plan(i, nil); len(diagnostics) > 0 {
		t.Error(errorsOf(diagnostics), warningsOf(diagnostics))
	}
}

func TestReplacementOfAnExpiryDoesNotNag(t *testing.T) {
	t.Parallel()
	w := newWalk(t, newSecret(t))
	i := w.create(expiryType, expiry("v1", farAway))
	c, diagnostics := w.plan(i, expiry("v2", farAway))
	if !c.requiresReplace || len(diagnostics) > 0 {
		t.Errorf("replaced %t, diagnostics %q", c.requiresReplace, errorsOf(diagnostics)+warningsOf(diagnostics))
	}
	if _, diagnostics = w.plan(instance{typeName: expiryType}, expiry("v2", farAway)); len(diagnostics) > 0 {
		t.Errorf("the creation half: %s", errorsOf(diagnostics)+warningsOf(diagnostics))
	}
}

func TestReplacementIsJudgedOnceAsTheCreationThatItIs(t *testing.T) {
	t.Parallel()
	w := newWalk(t, newSecret(t))
	c, diagnostics := w.plan(w.create(expiryType, expiry("v1", farAway)), with(expiry("v1", longAgo), "version_id", unknown))
	if !c.requiresReplace || len(diagnostics) > 0 {
		t.Errorf("replaced %t, diagnostics %q", c.requiresReplace, errorsOf(diagnostics)+warningsOf(diagnostics))
	}
}

func TestExpiryOfAnUnknownTimeIsUpdatedNotReplaced(t *testing.T) {
	t.Parallel()
	w := newWalk(t, newSecret(t))
	config := expiry("v1", "")
	config["expire_time"] = unknown
	c, diagnostics := w.plan(w.create(expiryType, expiry("v1", farAway)), config)
	if c.requiresReplace || w.empty(c) || len(diagnostics) > 0 {
		t.Errorf("replaced %t, empty %t, diagnostics %q", c.requiresReplace, w.empty(c), errorsOf(diagnostics)+warningsOf(diagnostics))
	}
}

func TestTwoExpiriesOfOneVersionAreRefusedUnlessTheyAgree(t *testing.T) {
	t.Parallel()
	other := func(name string, value any) map[string]any { return with(expiry("v1", farther), name, value) }
	for name, tt := range map[string]struct {
		second  map[string]any
		refused bool
	}{
		"another time":              {expiry("v1", farther), true},
		"the same instant":          {expiry("v1", "2090-01-01T08:00:00+08:00"), false},
		"another version":           {expiry("v2", farther), false},
		"another secret":            {other("secret_name", "other"), false},
		"a time not known yet":      {other("expire_time", unknown), false},
		"a version not known yet":   {other("version_id", unknown), false},
		"the region spelt out, too": {other("region", "cn-north-4"), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWalk(t, newSecret(t))
			_, diagnostics := w.plan(instance{typeName: expiryType}, expiry("v1", farAway))
			w.must(diagnostics)
			_, diagnostics = w.plan(instance{typeName: expiryType}, tt.second)
			got := errorsOf(diagnostics)
			if (got != "") != tt.refused {
				t.Fatalf("errors %q, want some: %t", got, tt.refused)
			}
			if tt.refused && (!strings.Contains(got, "declared twice") || !strings.Contains(got, farAway) || !strings.Contains(got, farther)) {
				t.Errorf("errors %q do not name both times", got)
			}
		})
	}
}

func TestPlanOfAnExpiryComesOutTheSameDuringApply(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	i := newWalk(t, m).create(expiryType, expiry("v1", farAway))
	first, diagnostics := newWalk(t, m).plan(i, expiry("v1", farther))
	w := newWalk(t, m)
	w.must(diagnostics)
	m.setExpiry(t, "v1", "2092-01-01T00:00:00Z") // somebody else, in between
	second, diagnostics := w.plan(i, expiry("v1", farther))
	w.must(diagnostics)
	if string(first.planned.MsgPack) != string(second.planned.MsgPack) {
		t.Errorf("the plan of the apply differs: %q, then %q", first.planned.MsgPack, second.planned.MsgPack)
	}
}

func TestPlanOfAFutureExpiryAsksNothing(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	w := newWalk(t, m)
	_, diagnostics := w.plan(instance{typeName: expiryType}, expiry("v1", farAway))
	w.must(diagnostics)
	m.counts(t, map[string]int{})
}

// managedExpiry is the expiry of v1 as the state has it, null if expireTime is "".
func managedExpiry(expireTime string) instance {
	state := map[string]any{"id": "db/v1", "region": "cn-north-4", "secret_name": "db", "version_id": "v1"}
	if expireTime != "" {
		state["expire_time"] = expireTime
	}
	return instance{typeName: expiryType, state: state}
}

// setExpiry makes somebody else set what a version of "db" has, "" for nothing.
func (m *mock) setExpiry(t *testing.T, version, expireTime string) {
	t.Helper()
	var expires time.Time
	if expireTime != "" {
		var err error
		if expires, err = time.Parse(time.RFC3339, expireTime); err != nil {
			t.Fatal(err)
		}
	}
	m.SetExpiry("db", version, expires)
}

// validate returns the errors of a resource's configuration.
func (w *walk) validate(typeName string, config map[string]any) string {
	w.t.Helper()
	resp, err := w.ValidateResourceConfig(w.t.Context(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: typeName, Config: w.dynamic(w.typeOf(typeName), config),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return errorsOf(resp.Diagnostics)
}
