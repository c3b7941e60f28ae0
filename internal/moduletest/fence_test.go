package moduletest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// testFence plans the first apply of a module, for which Terraform hands the provider nothing of what the plan saw, moves or
// makes a stage before it is carried out, and expects the apply to stop there.
func testFence(t *testing.T, built binaries) {
	t.Helper()
	rotation := "module \"rotation\" {\n  stages = { BATCH-JOB = \"v2\" }\n}\n"
	for stage, test := range map[string]struct {
		example, override string
		meanwhile         string // the version that somebody else puts the stage on
	}{
		"SYSCURRENT":    {"rotation/examples/newest", rotation, "v1"},
		"SYSPREVIOUS":   {"rotation/examples/newest", rotation, "v3"},
		"KEEP-CURRENT":  {"rotation/examples/newest", rotation, "v1"},
		"KEEP-PREVIOUS": {"rotation/examples/newest", rotation, "v1"},
		"BATCH-JOB":     {"rotation/examples/newest", rotation, "v1"},
		"BLUE":          {"pinning/examples/blue-green", "", "v2"},
		"GREEN":         {"pinning/examples/blue-green", "", "v2"},
		"KEEP-GREEN":    {"pinning/examples/blue-green", "", "v2"},
	} {
		t.Run(stage, func(t *testing.T) {
			t.Parallel()
			mock, service := newMock(t)
			names := []string{"db-password", "api-key"}
			for _, name := range names {
				mock.PutSecret(rotatedSecret(name))
			}
			cli := built.terraform(t, test.example, service)
			cli.write("override.tf", test.override)
			cli.succeed("get")
			cli.succeed("plan", "-input=false", "-no-color", "-out=tfplan")
			for _, name := range names {
				mock.MoveStage(name, stage, test.meanwhile)
			}
			output, code := cli.run(t.Context(), "apply", "-input=false", "-no-color", "tfplan")
			if code != 1 {
				t.Errorf("the apply exited with %d, want 1:\n%s", code, output)
			}
			expectSaid(t, output, "Unable to move CSMS secret stage")
			expectSaid(t, output, "Make a new plan")
			for _, name := range names {
				if holder := mock.StageHolder(name, stage); holder != test.meanwhile {
					t.Errorf("%s of %s is on %q, want %q where somebody else put it", stage, name, holder, test.meanwhile)
				}
			}
			cli.apply() // a new plan sees where the stage is
			cli.plansNothing()
		})
	}
}

// testUpgrade applies a module to a state that was made before it had the fence.
func testUpgrade(t *testing.T, built binaries) {
	t.Helper()
	for _, example := range []string{"rotation/examples/newest", "pinning/examples/blue-green"} {
		t.Run(example, func(t *testing.T) {
			t.Parallel()
			mock, service := newMock(t)
			mock.PutSecret(rotatedSecret("db-password"))
			mock.PutSecret(rotatedSecret("api-key"))
			cli := built.terraform(t, example, service)
			withFence := cli.withoutFence()
			cli.succeed("get")
			cli.apply()
			cli.plansNothing()
			mock.ResetRequests()
			withFence()
			cli.apply()
			cli.plansNothing()
			if moved := movedStages(mock); len(moved) > 0 {
				t.Errorf("the argument alone wrote %v", moved)
			}
		})
	}
}

// testRollBack rolls back by the recipe of the example, to the output that says where to.
func testRollBack(t *testing.T, built binaries) {
	t.Helper()
	t.Run("leads one version back after a rotation by others", func(t *testing.T) {
		t.Parallel()
		mock, cli := example(t, built, "roll-back")
		cli.apply()
		mock.AddVersion("db-password") // moves SYSCURRENT from v3 to v4, and SYSPREVIOUS to v3
		cli.apply("-refresh-only")
		to := "-var=version_id=" + cli.succeed("output", "-raw", "roll_back_to")
		cli.apply(to)
		expectRotated(t, mock, "v4", "v3")
		cli.plansNothing(to)
	})
	t.Run("fails where there is nothing to go back to", func(t *testing.T) {
		t.Parallel()
		mock, cli := example(t, built, "roll-back")
		mock.PutSecret(csmstest.Secret{Name: "db-password", Versions: []csmstest.Version{{ID: "v1", Stages: []string{"SYSCURRENT"}}}})
		cli.apply()
		printed, _ := cli.run(t.Context(), "output", "-raw", "roll_back_to")
		for _, to := range []string{"", "null", printed} {
			output, code := cli.run(t.Context(), "apply", "-input=false", "-no-color", "-auto-approve", "-var=version_id="+to)
			if code != 1 {
				t.Errorf("with %q the apply exited with %d, want 1:\n%s", to, code, output)
			}
			expectSaid(t, output, "there is nothing to roll back to")
		}
	})
}

var fence = regexp.MustCompile(`(?m)^ *expected_version_id .*\n`)

// withoutFence takes the argument out of the module of an example, and returns what puts it back.
func (c *terraform) withoutFence() (restore func()) {
	c.t.Helper()
	file := filepath.Join("..", "..", "main.tf")
	content, err := os.ReadFile(filepath.Join(c.dir, file))
	if err != nil {
		c.t.Fatal(err)
	}
	without := fence.ReplaceAll(content, nil)
	if len(without) == len(content) {
		c.t.Fatalf("%s sets no expected_version_id", file)
	}
	c.write(file, string(without))
	return func() { c.write(file, string(content)) }
}
