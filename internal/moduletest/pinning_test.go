package moduletest_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// testSwap exchanges two stages several times, since a wrong order may come out right by chance. The service removes a version as
// soon as it has no stage, and the versions have no others.
func testSwap(t *testing.T, built binaries) {
	mock, service := newMock(t, csmstest.WithUnlabelledVersionCollection())
	mock.PutSecret(csmstest.Secret{Name: "api-key", Versions: []csmstest.Version{
		{ID: "v1", Stages: []string{"BLUE"}},
		{ID: "v2", Stages: []string{"GREEN"}},
		{ID: "v3", Stages: []string{"SYSCURRENT"}},
	}})
	cli := built.terraform(t, "pinning/examples/blue-green", service)
	cli.succeed("get")
	for _, step := range []struct{ live, blue, green string }{
		{"blue", "v1", "v2"}, {"green", "v2", "v1"}, {"blue", "v1", "v2"}, {"green", "v2", "v1"},
	} {
		vars := []string{"-var=live=" + step.live, "-var=live_version_id=v1", "-var=idle_version_id=v2"}
		mock.ResetRequests()
		cli.apply(vars...)
		moved := movedStages(mock)
		if isPin := func(stage string) bool { return !strings.HasPrefix(stage, "KEEP-") }; slices.ContainsFunc(moved[:len(moved)/2], isPin) {
			t.Errorf("the stages moved in the order %v, want those that keep a version first", moved)
		}
		if blue, green := mock.StageHolder("api-key", "BLUE"), mock.StageHolder("api-key", "GREEN"); blue != step.blue || green != step.green {
			t.Errorf("BLUE is on %q and GREEN on %q, want %q and %q", blue, green, step.blue, step.green)
		}
		if n := mock.Count("DeleteStage"); n > 0 {
			t.Errorf("stages were deleted %d times, want moves only", n)
		}
		cli.plansNothing(vars...)
	}
}

// testPreviousVersions lets the configuration follow a move by others, and then goes back to where the output says.
func testPreviousVersions(t *testing.T, built binaries) {
	t.Helper()
	mock, service := newMock(t)
	mock.PutSecret(rotatedSecret("api-key"))
	cli := built.terraform(t, "pinning/examples/blue-green", service)
	cli.succeed("get")
	for _, version := range []string{"v1", "v2"} {
		cli.apply("-var=live_version_id=" + version)
	}
	mock.MoveStage("api-key", "BLUE", "v3")
	for _, step := range []struct{ version, previous string }{{"v3", "v2"}, {"v2", "v3"}} {
		cli.apply("-var=live_version_id=" + step.version)
		var output struct {
			PreviousVersions map[string]string `json:"previous_versions"`
		}
		if err := json.Unmarshal([]byte(cli.succeed("output", "-json", "pinning")), &output); err != nil {
			t.Fatal(err)
		}
		if got := output.PreviousVersions["BLUE"]; got != step.previous {
			t.Errorf("with BLUE on %s the version before is %q, want %q", step.version, got, step.previous)
		}
	}
}
