package provider_test

import (
	"strings"
	"testing"
)

const (
	expiryType = "csms_secret_version_expiry"
	year2090   = "2090-01-01T00:00:00Z"
	farther    = "2091-01-01T00:00:00Z"
	longAgo    = "2020-01-01T00:00:00Z"
)

func TestSecretVersionExpiry_TimeThatTheServiceCannotKeepIsRefusedBeforeThePlan(t *testing.T) {
	t.Parallel()
	for text, remedy := range map[string]string{
		"2090-01-01T00:00:00.5Z": "write 2090-01-01T00:00:00Z",
		"2090-01-01T00:00:00":    "such as 2030-01-31T00:00:00Z",
		"2090-01-01":             "such as 2030-01-31T00:00:00Z",
		"3786912000000":          "such as 2030-01-31T00:00:00Z",
		"9999-12-31T23:59:59Z":   "write 2286-11-20T17:46:39Z at the latest",
	} {
		got := newUnconfiguredTFServer(t).validate(expiryType, expiry("v1", text))
		if !strings.Contains(got, "Invalid time") || !strings.Contains(got, text) || !strings.Contains(got, remedy) {
			t.Errorf("%s: errors %q do not say %q", text, got, remedy)
		}
	}
}

func TestSecretVersionExpiry_TimeThatTheServiceKeepsIsValid(t *testing.T) {
	t.Parallel()
	for _, value := range []any{"2286-11-20T17:46:39Z", "2090-01-01T08:00:00.000+08:00", longAgo, unknown} {
		config := expiry("v1", "")
		config["expire_time"] = value
		if got := newUnconfiguredTFServer(t).validate(expiryType, config); got != "" {
			t.Errorf("%v is refused: %s", value, got)
		}
	}
}

func TestSecretVersionExpiry_MistypedKeysOfAnExpiryAreRefused(t *testing.T) {
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
			config := with(expiry("v1", year2090), tt.attribute, tt.value)
			assertContains(t, newUnconfiguredTFServer(t).validate(expiryType, config), tt.says)
		})
	}
}

func TestSecretVersionExpiry_EverythingUnknownIsValidAndPlanned(t *testing.T) {
	t.Parallel()
	config := map[string]any{"secret_name": unknown, "version_id": unknown, "expire_time": unknown, "region": unknown, "timeouts": unknown}
	s := newTFServer(t, newSecret(t))
	if got := s.validate(expiryType, config); got != "" {
		t.Error(got)
	}
	c, diagnostics := s.plan(instance{typeName: expiryType}, config)
	if len(diagnostics) > 0 || len(s.strings(c.planned, s.typeOf(expiryType))) > 0 {
		t.Error(errorsOf(diagnostics), warningsOf(diagnostics), s.strings(c.planned, s.typeOf(expiryType)))
	}
}

func TestSecretVersionExpiry_PlanOfANewExpiryKnowsItsIDAndRegion(t *testing.T) {
	t.Parallel()
	s := newTFServer(t, newSecret(t))
	c, diagnostics := s.plan(instance{typeName: expiryType}, expiry("v1", year2090))
	s.must(diagnostics)
	planned := s.strings(c.planned, s.typeOf(expiryType))
	if planned["id"] != "db/v1" || planned["region"] != "cn-north-4" || len(diagnostics) > 0 {
		t.Error(planned, warningsOf(diagnostics))
	}
}

func TestSecretVersionExpiry_PastTimeIsRefusedAtPlanOnlyWhereItWouldBeWritten(t *testing.T) {
	t.Parallel()
	absent := instance{typeName: expiryType}
	tests := map[string]struct {
		stored  string   // what v1 has on the service, "" for none
		managed instance // what the state has
		refused bool
	}{
		"new":                              {managed: absent, refused: true},
		"new, the version has another one": {stored: year2090, managed: absent, refused: true},
		"new, the version has that time":   {stored: longAgo, managed: absent},
		"changed":                          {stored: year2090, managed: managedExpiry(year2090), refused: true},
		"changed to what the version has":  {stored: longAgo, managed: managedExpiry(year2090)},
		"managed, and passed since":        {stored: longAgo, managed: managedExpiry(longAgo)},
		"managed, spelt otherwise":         {stored: longAgo, managed: managedExpiry("2020-01-01T08:00:00+08:00")},
		"managed, and cleared by others":   {managed: managedExpiry(""), refused: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			m.setExpiry(t, "v1", tt.stored)
			s := newTFServer(t, m)
			c, diagnostics := s.plan(tt.managed, expiry("v1", longAgo))
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

func TestSecretVersionExpiry_PastTimeOfAVersionThatIsNotKnownYetIsLeftToTheApply(t *testing.T) {
	t.Parallel()
	config := expiry("v1", longAgo)
	config["version_id"] = unknown
	s := newTFServer(t, newSecret(t))
	_, diagnostics := s.plan(instance{typeName: expiryType}, config)
	if got := errorsOf(diagnostics); got != "" {
		t.Errorf("the version may have that very time, but the plan refuses: %s", got)
	}
	assertContains(t, warningsOf(diagnostics), "2020-01-01T00:00:00Z has passed")
}

func TestSecretVersionExpiry_TimeThatPassesBetweenPlanAndApplyIsNotWritten(t *testing.T) {
	t.Parallel()
	for name, i := range map[string]instance{"create": {typeName: expiryType}, "update": managedExpiry(year2090)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			s := newTFServer(t, m)
			config := expiry("v1", longAgo)
			c := change{instance: i, config: config, planned: s.dynamic(s.typeOf(expiryType), with(config, "region", "cn-north-4"))}
			_, diagnostics := s.apply(c)
			assertContains(t, errorsOf(diagnostics), "has passed", `version "v1"`)
			m.assertRequests(t, map[string]int{"ListProjects": 1, "ListVersions": 1})
		})
	}
}

func TestSecretVersionExpiry_PastTimesInOneSecretCostOneLookUp(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	s := newTFServer(t, m)
	for _, version := range []string{"v1", "v2", "v3"} {
		if _, diagnostics := s.plan(instance{typeName: expiryType}, expiry(version, longAgo)); errorsOf(diagnostics) == "" {
			t.Errorf("the past time of %s is accepted", version)
		}
	}
	m.assertRequests(t, map[string]int{"ListProjects": 1, "ListVersions": 1})
}

func TestSecretVersionExpiry_PastTimeOfAVersionMadeAfterTheFirstLookIsLookedUp(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	s := newTFServer(t, m)
	if _, diagnostics := s.plan(instance{typeName: expiryType}, expiry("v1", longAgo)); errorsOf(diagnostics) == "" {
		t.Error("the past time of v1 is accepted")
	}
	m.AddVersion("db")
	m.setExpiry(t, "v4", longAgo)
	_, diagnostics := s.plan(instance{typeName: expiryType}, expiry("v4", longAgo))
	s.must(diagnostics)
	m.assertRequests(t, map[string]int{"ListProjects": 1, "ListVersions": 2})
}

func TestSecretVersionExpiry_RegionThatTheEndpointDoesNotServeIsRefusedAtPlan(t *testing.T) {
	t.Parallel()
	s := newTFServer(t, newSecret(t))
	_, diagnostics := s.plan(instance{typeName: expiryType}, with(expiry("v1", year2090), "region", "cn-east-3"))
	assertContains(t, errorsOf(diagnostics), "Region cannot be used", "{region}")
}

func TestSecretVersionExpiry_ThatHasPassedStaysAQuietEmptyPlan(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	m.setExpiry(t, "v1", longAgo)
	s := newTFServer(t, m)
	i, diagnostics := s.read(s.create(expiryType, expiry("v1", longAgo)))
	s.must(diagnostics)
	c, more := s.plan(i, expiry("v1", longAgo))
	if diagnostics = append(diagnostics, more...); len(diagnostics) > 0 || !s.empty(c) {
		t.Errorf("empty %t, diagnostics %q", s.empty(c), errorsOf(diagnostics)+warningsOf(diagnostics))
	}
	if n := m.Count("UpdateVersion"); n > 0 {
		t.Errorf("what the version had already was written %d times", n)
	}
}

func TestSecretVersionExpiry_DestroyOfAnExpiryWarnsAtPlanWhatStays(t *testing.T) {
	t.Parallel()
	s := newTFServer(t, newSecret(t))
	_, diagnostics := s.plan(s.create(expiryType, expiry("v1", year2090)), nil)
	s.must(diagnostics)
	assertContains(t, warningsOf(diagnostics), "is not cleared", `version "v1"`, "expires at "+year2090, "cannot clear an expiry")
}

func TestSecretVersionExpiry_DestroyOfAnExpiryThatIsGoneDoesNotWarn(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	s := newTFServer(t, m)
	i := s.create(expiryType, expiry("v1", year2090))
	m.setExpiry(t, "v1", "")
	i, diagnostics := newTFServer(t, m).read(i)
	s.must(diagnostics)
	if _, diagnostics = s.plan(i, nil); len(diagnostics) > 0 {
		t.Error(errorsOf(diagnostics), warningsOf(diagnostics))
	}
}

func TestSecretVersionExpiry_ReplacementOfAnExpiryDoesNotNag(t *testing.T) {
	t.Parallel()
	s := newTFServer(t, newSecret(t))
	i := s.create(expiryType, expiry("v1", year2090))
	c, diagnostics := s.plan(i, expiry("v2", year2090))
	if !c.requiresReplace || len(diagnostics) > 0 {
		t.Errorf("replaced %t, diagnostics %q", c.requiresReplace, errorsOf(diagnostics)+warningsOf(diagnostics))
	}
	if _, diagnostics = s.plan(instance{typeName: expiryType}, expiry("v2", year2090)); len(diagnostics) > 0 {
		t.Errorf("the creation half: %s", errorsOf(diagnostics)+warningsOf(diagnostics))
	}
}

func TestSecretVersionExpiry_ReplacementIsJudgedOnceAsTheCreationThatItIs(t *testing.T) {
	t.Parallel()
	s := newTFServer(t, newSecret(t))
	c, diagnostics := s.plan(s.create(expiryType, expiry("v1", year2090)), with(expiry("v1", longAgo), "version_id", unknown))
	if !c.requiresReplace || len(diagnostics) > 0 {
		t.Errorf("replaced %t, diagnostics %q", c.requiresReplace, errorsOf(diagnostics)+warningsOf(diagnostics))
	}
}

func TestSecretVersionExpiry_OfAnUnknownTimeIsUpdatedNotReplaced(t *testing.T) {
	t.Parallel()
	s := newTFServer(t, newSecret(t))
	config := expiry("v1", "")
	config["expire_time"] = unknown
	c, diagnostics := s.plan(s.create(expiryType, expiry("v1", year2090)), config)
	if c.requiresReplace || s.empty(c) || len(diagnostics) > 0 {
		t.Errorf("replaced %t, empty %t, diagnostics %q", c.requiresReplace, s.empty(c), errorsOf(diagnostics)+warningsOf(diagnostics))
	}
}

func TestSecretVersionExpiry_TwoExpiriesOfOneVersionAreRefusedUnlessTheyAgree(t *testing.T) {
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
			s := newTFServer(t, newSecret(t))
			_, diagnostics := s.plan(instance{typeName: expiryType}, expiry("v1", year2090))
			s.must(diagnostics)
			_, diagnostics = s.plan(instance{typeName: expiryType}, tt.second)
			got := errorsOf(diagnostics)
			if (got != "") != tt.refused {
				t.Fatalf("errors %q, want some: %t", got, tt.refused)
			}
			if tt.refused && (!strings.Contains(got, "declared twice") || !strings.Contains(got, year2090) || !strings.Contains(got, farther)) {
				t.Errorf("errors %q do not name both times", got)
			}
		})
	}
}

func TestSecretVersionExpiry_PlanOfAnExpiryComesOutTheSameDuringApply(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	i := newTFServer(t, m).create(expiryType, expiry("v1", year2090))
	first, diagnostics := newTFServer(t, m).plan(i, expiry("v1", farther))
	s := newTFServer(t, m)
	s.must(diagnostics)
	m.setExpiry(t, "v1", "2092-01-01T00:00:00Z") // somebody else, in between
	second, diagnostics := s.plan(i, expiry("v1", farther))
	s.must(diagnostics)
	if string(first.planned.MsgPack) != string(second.planned.MsgPack) {
		t.Errorf("the plan of the apply differs: %q, then %q", first.planned.MsgPack, second.planned.MsgPack)
	}
}

func TestSecretVersionExpiry_PlanOfAFutureExpiryAsksNothing(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	s := newTFServer(t, m)
	_, diagnostics := s.plan(instance{typeName: expiryType}, expiry("v1", year2090))
	s.must(diagnostics)
	m.assertRequests(t, map[string]int{})
}

// managedExpiry is the expiry of v1 as the state has it, null if expireTime is "".
func managedExpiry(expireTime string) instance {
	state := map[string]any{"id": "db/v1", "region": "cn-north-4", "secret_name": "db", "version_id": "v1"}
	if expireTime != "" {
		state["expire_time"] = expireTime
	}
	return instance{typeName: expiryType, state: state}
}
