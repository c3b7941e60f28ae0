package provider_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

const stageType = "csms_secret_stage"

func TestSecretStage_PlanOfANewStageWarnsWhereTheStageWillBeTakenFrom(t *testing.T) {
	t.Parallel()
	forEachAPIVariant(t, func(t *testing.T, m *mock) {
		t.Helper()
		r := m.plan(t, instance{typeName: stageType}, stage("SYSPREVIOUS", "v3"))
		assertContains(t, r.warned, "will be taken from another version", `on version "v1" now`, `moved to "v3"`, `To leave it there, set version_id = "v1"`)
	})
}

func TestSecretStage_PlanOfANewStageIsSilentWhereNothingIsTakenAway(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]map[string]any{
		"free stage":               stage("GREEN", "v3"),
		"stage on the version":     stage("SYSCURRENT", "v2"),
		"secret that is not there": {"secret_name": "new", "name": "SYSCURRENT", "version_id": "v1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachAPIVariant(t, func(t *testing.T, m *mock) {
				t.Helper()
				if r := m.plan(t, instance{typeName: stageType}, config); r.warned != "" {
					t.Error(r.warned)
				}
			})
		})
	}
}

func TestSecretStage_PlanOfANewStageWarnsThatItCannotLookButDoesNotFail(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		wrong func(*mock)
		tells []string
	}{
		"missing permission": {
			wrong: func(m *mock) { m.Fail(forbidden("ListVersions")) },
			tells: []string{"403", "csms:secret:listVersion"},
		},
		"failure": {
			wrong: func(m *mock) {
				m.Fail(csmstest.Fault{Operation: "ListVersions", Times: -1, Status: http.StatusBadGateway, Body: "<html>"})
			},
			tells: []string{"502"},
		},
		"not answered by CSMS": {
			wrong: func(m *mock) {
				m.Fail(csmstest.Fault{Operation: "ListVersions", Times: -1, Status: http.StatusNotFound})
			},
			tells: []string{"404", "not from CSMS"},
		},
		"disabled secret": {
			wrong: func(m *mock) { m.SetState("db", "DISABLED") },
			tells: []string{"CSMS.0109", "Make it ENABLED again"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t, csmstest.WithInactiveSecretReadsRefused())
			test.wrong(m)
			s := newTFServerWith(t, m.withoutRetries())
			_, diagnostics := s.plan(instance{typeName: stageType}, stage("GREEN", "v1"))
			s.must(diagnostics)
			assertContains(t, warningsOf(diagnostics), append(test.tells, "Unable to look up CSMS secret stage", "cannot tell whether the stage is in use")...)
		})
	}
}

func TestSecretStage_MovingSYSCURRENTToAnOlderVersionWarns(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		stage, from, to string
		warns           bool
	}{
		"back":                {stage: "SYSCURRENT", from: "v2", to: "v1", warns: true},
		"forth":               {stage: "SYSCURRENT", from: "v2", to: "v3"},
		"from v10 back to v9": {stage: "SYSCURRENT", from: "v10", to: "v9", warns: true},
		"from v9 on to v10":   {stage: "SYSCURRENT", from: "v9", to: "v10"},
		"SYSPREVIOUS":         {stage: "SYSPREVIOUS", from: "v2", to: "v1"},
		"stage of one's own":  {stage: "GREEN", from: "v2", to: "v1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			for range 7 {
				m.AddVersion("db", "ANOTHER")
			}
			i := m.createStage(t, test.stage, test.from)
			moved, taken := m.plan(t, i, stage(test.stage, test.to)), m.plan(t, instance{typeName: stageType}, stage(test.stage, test.to))
			for _, warned := range []string{moved.warned, taken.warned} {
				if strings.Contains(warned, "moves back to an older version") != test.warns {
					t.Errorf("warnings: %q", warned)
				}
				if test.warns {
					assertContains(t, warned, `moves from version "`+test.from+`" back to "`+test.to+`"`, `set version_id to "`+test.from+`"`)
				}
			}
		})
	}
}

func TestSecretStage_SYSCURRENTThatSomebodyRotatedIsPlannedBackWithAWarning(t *testing.T) {
	t.Parallel()
	forEachAPIVariant(t, func(t *testing.T, m *mock) {
		t.Helper()
		i := m.createStage(t, "SYSCURRENT", "v2")
		m.AddVersion("db")
		before, _ := m.Secret("db")
		r := m.plan(t, i, stage("SYSCURRENT", "v2"))
		assertContains(t, r.warned, `moves from version "v4" back to "v2"`)
		i, _ = r.mustApply()
		m.assertChanges(t, 1)
		m.assertHolder(t, "SYSCURRENT", "v2")
		if i.state["previous_version_id"] != "v4" {
			t.Errorf("previous_version_id is %v, want v4", i.state["previous_version_id"])
		}
		m.assertHolder(t, "KEEP", before.Versions[2].ID)
	})
}

func TestSecretStage_PlanAgainDuringApplyComesOutTheSame(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]map[string]any{
		"moved":    stage("GREEN", "v2"),
		"unknown":  {"secret_name": "db", "name": "GREEN", "version_id": unknown},
		"the same": stage("GREEN", "v1"),
	} {
		for _, exists := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				m := newSecret(t)
				i := instance{typeName: stageType}
				if exists {
					i = m.createStage(t, "GREEN", "v1")
				}
				first := m.plan(t, i, config)
				m.MoveStage("db", "GREEN", "v3") // somebody else, in between
				s := newTFServer(t, m)
				second, diagnostics := s.plan(i, config)
				s.must(diagnostics)
				if string(first.planned.MsgPack) != string(second.planned.MsgPack) {
					t.Errorf("the plan of the apply differs: %q, then %q", first.planned.MsgPack, second.planned.MsgPack)
				}
			})
		}
	}
}

// resolve plans a configuration with unknown values, and the same again in the walk of the apply,
// where they are known; then it applies.
func (m *mock) resolve(t *testing.T, i instance, unknowns, known map[string]any) (c change, warned string, after instance, applied []*tfprotov6.Diagnostic) {
	t.Helper()
	r := m.plan(t, i, unknowns)
	s := newTFServer(t, m)
	again, diagnostics := s.plan(r.instance, known)
	s.must(diagnostics)
	s.assertAsPlanned(r.change, s.strings(again.planned, s.typeOf(stageType)))
	after, applied = s.apply(again)
	return r.change, r.warned, after, applied
}

func TestSecretStage_VersionThatIsKnownAfterApply(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		holder   string
		previous any
		warned   string
	}{
		"of a new stage":                     {},
		"of a stage on that version":         {holder: "v2", warned: `on version "v2" now, and will be taken from there if the version known after apply is another one`},
		"of a stage that is taken elsewhere": {holder: "v1", previous: "v1", warned: `on version "v1" now, and will be taken from there if`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachAPIVariant(t, func(t *testing.T, m *mock) {
				t.Helper()
				if test.holder != "" {
					m.MoveStage("db", "GREEN", test.holder)
				}
				_, warned, after, diagnostics := m.resolve(t, instance{typeName: stageType}, stageOnUnknown("GREEN"), stage("GREEN", "v2"))
				newTFServer(t, m).must(diagnostics)
				assertContains(t, warned, test.warned)
				if test.warned == "" && warned != "" || after.state["previous_version_id"] != test.previous {
					t.Errorf("previous_version_id is %v; %s", after.state["previous_version_id"], warned)
				}
				m.assertEmptyPlan(t, after, stage("GREEN", "v2"))
			})
		})
	}
}

func stageOnUnknown(name string) map[string]any { return with(stage(name, ""), "version_id", unknown) }

func TestSecretStage_VersionOfAStageInTheStateThatIsKnownAfterApply(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		version  string
		puts     int
		previous any
	}{
		"and is another one": {version: "v2", puts: 1, previous: "v1"},
		"and is the same":    {version: "v1", puts: 0, previous: nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			i := m.createStage(t, "GREEN", "v1")
			c, _, after, diagnostics := m.resolve(t, i, stageOnUnknown("GREEN"), stage("GREEN", test.version))
			newTFServer(t, m).must(diagnostics)
			if c.requiresReplace {
				t.Error("an unknown version plans a replacement")
			}
			m.assertChanges(t, test.puts)
			if after.state["previous_version_id"] != test.previous {
				t.Errorf("previous_version_id is %v, want %v", after.state["previous_version_id"], test.previous)
			}
			m.assertEmptyPlan(t, after, stage("GREEN", test.version))
		})
	}
}

func TestSecretStage_ThatIsUnknownThroughoutIsPlannedWithoutACall(t *testing.T) {
	t.Parallel()
	whole := map[string]any{"region": unknown, "secret_name": unknown, "name": unknown, "version_id": unknown, "timeouts": unknown}
	for attribute, known := range map[string]any{"": nil, "region": "cn-north-4", "secret_name": "db", "name": "GREEN", "version_id": "v1"} {
		t.Run("but for "+attribute, func(t *testing.T) {
			t.Parallel()
			config := whole
			if attribute != "" {
				config = with(whole, attribute, known)
			}
			m := newSecret(t)
			if errors := newUnconfiguredTFServer(t).validate(stageType, config); errors != "" {
				t.Error(errors)
			}
			if r := m.plan(t, instance{typeName: stageType}, config); r.warned != "" {
				t.Error(r.warned)
			}
			m.assertRequests(t, nil)
			existing := m.createStage(t, "GREEN", "v1")
			if r := m.plan(t, existing, config); r.warned != "" {
				t.Error(r.warned)
			}
		})
	}
}

func TestSecretStage_NamesThatCannotBeAreRefusedBeforeAnyCall(t *testing.T) {
	t.Parallel()
	const secretName, stageName = "must have 1 to 64 letters, digits, hyphens, underscores or dots", "must have 1 to 64 letters, digits, hyphens or underscores"
	for name, test := range map[string]struct {
		attribute, value string
		tells            []string
	}{
		"secret of 65 characters":     {attribute: "secret_name", value: strings.Repeat("x", 65), tells: []string{secretName, "such as db-password"}},
		"secret with a slash":         {attribute: "secret_name", value: "a/b", tells: []string{secretName}},
		"secret with a space":         {attribute: "secret_name", value: "a b", tells: []string{secretName}},
		"secret with a percent sign":  {attribute: "secret_name", value: "a%2fb", tells: []string{secretName}},
		"secret with a line after it": {attribute: "secret_name", value: "db\n", tells: []string{secretName}},
		"secret that is a path":       {attribute: "secret_name", value: "..", tells: []string{secretName}},
		"no secret":                   {attribute: "secret_name", value: "", tells: []string{secretName}},
		"stage of 65 characters":      {attribute: "name", value: strings.Repeat("x", 65), tells: []string{stageName, "such as SYSCURRENT or blue"}},
		"stage with a slash":          {attribute: "name", value: "a/b", tells: []string{stageName}},
		"stage with an umlaut":        {attribute: "name", value: "grün", tells: []string{stageName}},
		"no stage":                    {attribute: "name", value: "", tells: []string{stageName}},
		"alias of a version":          {attribute: "version_id", value: "latest", tells: []string{`"latest" is not an id`, "such as v3", "latest_version_id", "csms_secret_versions"}},
		"no version":                  {attribute: "version_id", value: "", tells: []string{`"" is not an id`, "csms_secret_versions"}},
		"version that is a path":      {attribute: "version_id", value: "v1/../v2", tells: []string{"is not an id"}},
		"region with a space":         {attribute: "region", value: "cn north", tells: []string{"must be the id of a region, such as cn-north-4"}},
		"region that is a host":       {attribute: "region", value: "evil.example/", tells: []string{"must be the id of a region"}},
		"no region":                   {attribute: "region", value: "", tells: []string{"must be the id of a region"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := with(stage("GREEN", "v1"), test.attribute, test.value)
			errors := newUnconfiguredTFServer(t).validate(stageType, config)
			assertContains(t, errors, append(test.tells, "Invalid ")...)
			if n := strings.Count(errors, "Invalid "); n != 1 {
				t.Errorf("%d errors, want one: %s", n, errors)
			}
		})
	}
}

func TestSecretStage_NamesThatCanBeAreTaken(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]map[string]any{
		"dots in a secret's name": {"secret_name": "legacy.db.v2", "name": "GREEN", "version_id": "v1"},
		"64 characters":           {"secret_name": strings.Repeat("x", 64), "name": strings.Repeat("Y", 64), "version_id": "v1"},
		"signs":                   {"secret_name": "-_9", "name": "_-0", "version_id": "v1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if errors := newUnconfiguredTFServer(t).validate(stageType, config); errors != "" {
				t.Error(errors)
			}
			m := newMock(t)
			secret, _ := config["secret_name"].(string)
			m.PutSecret(csmstest.Secret{Name: secret})
			i, _ := m.plan(t, instance{typeName: stageType}, config).mustApply()
			m.assertEmptyPlan(t, i, config)
			m.plan(t, i, nil).mustApply()
		})
	}
}

func TestSecretStage_TwoInstancesThatClaimOneStage(t *testing.T) {
	t.Parallel()
	elsewhere := with(stage("GREEN", "v2"), "secret_name", "other")
	spelledOut := with(stage("GREEN", "v2"), "region", csmstest.DefaultRegion)
	for name, test := range map[string]struct {
		other   map[string]any
		refused bool
	}{
		"for different versions are refused":             {other: stage("GREEN", "v2"), refused: true},
		"with the region spelled out are refused":        {other: spelledOut, refused: true},
		"for the same version are let be":                {other: stage("GREEN", "v1")},
		"for a version that is not known yet are let be": {other: stageOnUnknown("GREEN")},
		"in different secrets are let be":                {other: elsewhere},
		"of which one has another name are let be":       {other: stage("green", "v2")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, exists := range []bool{false, true} {
				m := newSecret(t)
				i := instance{typeName: stageType}
				if exists {
					i = m.createStage(t, "GREEN", "v1")
				}
				s := newTFServer(t, m)
				_, diagnostics := s.plan(i, stage("GREEN", "v1"))
				s.must(diagnostics)
				_, diagnostics = s.plan(instance{typeName: stageType}, test.other)
				if refused := errorsOf(diagnostics) != ""; refused != test.refused {
					t.Errorf("errors: %q", errorsOf(diagnostics))
				}
				if test.refused {
					assertContains(t, errorsOf(diagnostics), "declared twice", `"v1"`, `"v2"`, `stage "GREEN"`, "Remove one of the two")
				}
			}
		})
	}
}

func TestSecretStage_TwoInstancesWhoseVersionsDifferOnlyAtApplyStopThere(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	s := newTFServer(t, m)
	first, diagnostics := s.plan(instance{typeName: stageType}, stage("GREEN", "v1"))
	s.must(diagnostics)
	_, diagnostics = s.plan(instance{typeName: stageType}, stageOnUnknown("GREEN"))
	s.must(diagnostics)

	s = newTFServer(t, m)
	_, diagnostics = s.plan(instance{typeName: stageType}, first.config)
	s.must(diagnostics)
	_, diagnostics = s.plan(instance{typeName: stageType}, stage("GREEN", "v2"))
	assertContains(t, errorsOf(diagnostics), "declared twice")
}

func TestSecretStage_RenamedStageIsAReplacement(t *testing.T) {
	t.Parallel()
	elsewhere := with(stage("GREEN", "v1"), "secret_name", "other")
	spelledOut := with(stage("GREEN", "v1"), "region", csmstest.DefaultRegion)
	for name, test := range map[string]struct {
		config   map[string]any
		replaces bool
	}{
		"another name":           {config: stage("BLUE", "v1"), replaces: true},
		"another secret":         {config: elsewhere, replaces: true},
		"another version":        {config: stage("GREEN", "v2")},
		"the region spelled out": {config: spelledOut},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			if r := m.plan(t, m.createStage(t, "GREEN", "v1"), test.config); r.requiresReplace != test.replaces {
				t.Errorf("replaces: %v, want %v", r.requiresReplace, test.replaces)
			}
		})
	}
}

func TestSecretStage_RenameToSYSCURRENTIsNoWayBackOfTheOldStage(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	r := m.plan(t, m.createStage(t, "GREEN", "v3"), stage("SYSCURRENT", "v2"))
	if strings.Contains(r.warned, "moves back") || !r.requiresReplace {
		t.Errorf("replaces: %v; %s", r.requiresReplace, r.warned)
	}
}

func TestSecretStage_AStageThatOneInstanceKeepsAndAnotherIsDestroyedWithIsWarnedOf(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	kept := newTFServer(t, m).create(stageType, stage("GREEN", "v1"))
	for name, inOrder := range map[string]func(s *tfServer) string{
		"kept first": func(s *tfServer) string {
			_, first := s.plan(kept, stage("GREEN", "v1"))
			_, second := s.plan(kept, nil)
			return warningsOf(first) + "|" + warningsOf(second)
		},
		"destroyed first": func(s *tfServer) string {
			_, first := s.plan(kept, nil)
			_, second := s.plan(kept, stage("GREEN", "v1"))
			return warningsOf(first) + "|" + warningsOf(second)
		},
	} {
		if got := inOrder(newTFServer(t, m)); !strings.HasPrefix(got, "|") || !strings.Contains(got, "in the state twice") {
			t.Errorf("%s: warnings are %q, want one at the second", name, got)
		}
	}
}

func TestSecretStage_AStageWhoseDeletionFailedIsNotTakenOverInTheSameRun(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	old := newTFServer(t, m).create(stageType, stage("GREEN", "v1"))
	s := newTFServerWith(t, with(m.settings(), "max_retries", 0))
	deletion, _ := s.planBefore(old, nil)
	creation, _ := s.plan(instance{typeName: stageType}, stage("GREEN", "v1"))
	m.Fail(csmstest.Fault{Operation: "DeleteStage", Status: 503, AfterProcessing: true})
	if _, diagnostics := s.apply(deletion); errorsOf(diagnostics) == "" {
		t.Fatal("the deletion did not fail")
	}
	if _, diagnostics := s.apply(creation); !strings.Contains(errorsOf(diagnostics), "failed to delete it") {
		t.Errorf("errors are %q, want a refusal", errorsOf(diagnostics))
	}
	if holder := m.StageHolder("db", "GREEN"); holder != "" {
		t.Errorf("GREEN is on %q, want nowhere until the next run", holder)
	}
}

func TestSecretStage_PlanWarnsOfAVersionThatIsNotThere(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	created := newTFServer(t, m).create(stageType, stage("GREEN", "v1"))
	s := newTFServer(t, m)
	read, diagnostics := s.read(created)
	s.must(diagnostics)
	_, update := s.plan(read, stage("GREEN", "v33"))
	_, creation := s.plan(instance{typeName: stageType}, stage("BLUE", "v33"))
	for name, diagnostics := range map[string][]*tfprotov6.Diagnostic{"update": update, "creation": creation} {
		if got := warningsOf(diagnostics); !strings.Contains(got, `there is no version "v33", the secret has v1, v2, v3`) {
			t.Errorf("%s: warnings %q do not tell that v33 is missing, and what there is", name, got)
		}
	}
}

func TestSecretStage_PlanDoesNotWarnOfAVersionThatIsNewerThanItsList(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	created := newTFServer(t, m).create(stageType, stage("GREEN", "v1"))
	s := newTFServer(t, m)
	read, diagnostics := s.read(created)
	s.must(diagnostics)
	m.AddVersion("db", "NEW")
	if _, diagnostics := s.plan(read, stage("GREEN", "v4")); len(diagnostics) > 0 {
		t.Error(warningsOf(diagnostics), errorsOf(diagnostics))
	}
}

func TestSecretStage_PlanWithAWrongKeyFailsAndTriesItOnce(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	s := newTFServerWith(t, with(with(m.settings(), "secret_key", "wrong"), "project_id", csmstest.DefaultProjectID))
	for _, name := range []string{"GREEN", "BLUE", "RED"} {
		_, diagnostics := s.plan(instance{typeName: stageType}, stage(name, "v1"))
		assertContains(t, errorsOf(diagnostics), "Unable to look up CSMS secret stage", "APIGW.0301", "did not accept the access key from access_key and secret_key in the provider block")
	}
	if n := len(m.Requests()); n != 1 {
		t.Errorf("%d requests were sent with a wrong key, want 1", n)
	}
}

func TestSecretStage_WarningsOfSeveralStagesHaveSummariesOfTheirOwn(t *testing.T) {
	t.Parallel()
	s := newTFServer(t, newSecret(t))
	summaries := map[string]bool{}
	for _, name := range []string{"SYSCURRENT", "SYSPREVIOUS"} {
		_, diagnostics := s.plan(instance{typeName: stageType}, stage(name, "v3"))
		for _, d := range diagnostics {
			summaries[d.Summary] = true
		}
	}
	if len(summaries) != 2 {
		t.Errorf("Terraform shows only one of several warnings with one summary: %v", summaries)
	}
}
