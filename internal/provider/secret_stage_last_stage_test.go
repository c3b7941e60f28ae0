package provider_test

import (
	"slices"
	"strings"
	"testing"
)

// removals are the ways to plan the end of stages.
var removals = map[string]struct {
	keep  string   // of the configuration
	args  []string // of Terraform
	walks int      // over the state, each with a refresh of its own if there is one
}{
	"a removed resource": {args: []string{"plan"}, walks: 1},
	"plan -destroy":      {args: []string{"plan", "-destroy"}, walks: 2},
	"destroy":            {args: []string{"destroy", "-auto-approve"}, walks: 2},
}

// greenAndBlue puts GREEN and BLUE on versions.
func greenAndBlue(green, blue string) string {
	return stageBlock("green", "GREEN", green, "") + stageBlock("blue", "BLUE", blue, "")
}

// testRemovals plans the end of GREEN and BLUE in all ways, and hands what it says in warnings to
// check.
func testRemovals(t *testing.T, green, blue string, check func(t *testing.T, warnings string)) {
	t.Helper()
	for name, test := range removals {
		for _, refresh := range []string{"-refresh=true", "-refresh=false"} {
			t.Run(name+" "+refresh, func(t *testing.T) {
				t.Parallel()
				m := newSecret(t)
				m.AddVersion("db", "PARKED")
				m.DeleteStage("db", "PARKED") // v3 and v4 have no stage now
				c := newCLI(t, m, "")
				c.applied(m, greenAndBlue(green, blue))
				if name == "a removed resource" {
					c.write("")
				}
				check(t, messages("Warning", c.must(append(slices.Clone(test.args), refresh)...)))
				lists := 1
				if refresh == "-refresh=true" {
					lists = test.walks
				}
				if n := m.Count("ListVersions"); n > lists {
					t.Errorf("the versions of the secret were listed %d times, want %d at most", n, lists)
				}
			})
		}
	}
}

func TestSecretStage_EveryPlanTellsThatAVersionLosesItsLastStage(t *testing.T) {
	t.Parallel()
	testRemovals(t, "v3", "v4", func(t *testing.T, warnings string) {
		t.Helper()
		assertNames(t, warnings, "GREEN", "v3", "BLUE", "v4")
	})
}

func TestSecretStage_EveryPlanTellsThatAVersionLosesItsLastStagesTogether(t *testing.T) {
	t.Parallel()
	testRemovals(t, "v3", "v3", func(t *testing.T, warnings string) {
		t.Helper()
		assertNames(t, warnings, "v3")
	})
}

func TestSecretStage_NoPlanWarnsOfAVersionThatKeepsAStage(t *testing.T) {
	t.Parallel()
	testRemovals(t, "v1", "v2", func(t *testing.T, warnings string) { // which are SYSPREVIOUS and SYSCURRENT
		t.Helper()
		if warnings != "" {
			t.Errorf("there are warnings: %s", warnings)
		}
	})
}

func TestSecretStage_ARenamedStageThatIsTheLastOfItsVersionIsWarnedOf(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	created := newTFServer(t, m).create(stageType, stage("GREEN", "v3"))
	for name, config := range map[string]map[string]any{"rename": stage("BLUE", "v3"), "destroy": nil} {
		s := newTFServer(t, m)
		read, diagnostics := s.read(created)
		s.must(diagnostics)
		_, diagnostics = s.plan(read, config)
		got := warningsOf(diagnostics)
		assertContains(t, got, "loses its last stage: db/GREEN", `version "v3"`)
		if advised := strings.Contains(got, "create_before_destroy"); advised != (name == "rename") {
			t.Errorf("%s: %s", name, got)
		}
	}
}
