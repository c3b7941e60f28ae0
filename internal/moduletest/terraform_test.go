package moduletest_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const root = "../.."

// binaries is the directory of the built provider and mock endpoint, with a CLI configuration that names the provider's place.
type binaries string

// build compiles the provider and the mock endpoint once for all subtests.
func build(t *testing.T) binaries {
	t.Helper()
	dir := t.TempDir()
	command := exec.CommandContext(t.Context(), "go", "build", "-o", dir, ".", "./internal/cmd/csms-mock")
	command.Dir = root
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("build the provider and the mock endpoint: %v\n%s", err, output)
	}
	config := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"csms/csms\" = %q\n  }\n  direct {}\n}\n", dir)
	if err := os.WriteFile(filepath.Join(dir, "cli.tfrc"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return binaries(dir)
}

func (b binaries) path(name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(string(b), name)
}

// terraform runs the CLI in a copy of the modules.
type terraform struct {
	t           *testing.T
	dir         string
	environment []string
}

// terraform copies the modules and prepares the CLI to run in one of the directories, with the mock endpoint's environment.
func (b binaries) terraform(t *testing.T, dir string, service map[string]string) *terraform {
	t.Helper()
	copied := t.TempDir()
	if err := os.CopyFS(copied, os.DirFS(modules)); err != nil {
		t.Fatal(err)
	}
	cli := &terraform{t: t, dir: filepath.Join(copied, dir), environment: foreignEnvironment()}
	cli.environment = append(cli.environment,
		"CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_CLI_CONFIG_FILE="+filepath.Join(string(b), "cli.tfrc"))
	for name, value := range service {
		cli.environment = append(cli.environment, name+"="+value)
	}
	return cli
}

// foreignEnvironment leaves out what a developer's shell may have set for Terraform or for the provider.
func foreignEnvironment() []string {
	var kept []string
	for _, entry := range os.Environ() {
		own := false
		for _, prefix := range []string{"TF_", "HW_", "OS_", "CSMS_", "HUAWEICLOUD_"} {
			own = own || strings.HasPrefix(entry, prefix)
		}
		if !own {
			kept = append(kept, entry)
		}
	}
	return kept
}

// run runs the CLI and returns what it prints and its exit code.
func (c *terraform) run(ctx context.Context, args ...string) (output string, code int) {
	c.t.Helper()
	command := exec.CommandContext(ctx, cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"), args...)
	command.Dir, command.Env = c.dir, c.environment
	var both bytes.Buffer
	command.Stdout, command.Stderr = &both, &both
	if err := command.Run(); err != nil && command.ProcessState == nil {
		c.t.Fatal(err)
	}
	return both.String(), command.ProcessState.ExitCode()
}

// succeed runs the CLI and fails the test with all that it printed if that fails.
func (c *terraform) succeed(args ...string) string {
	c.t.Helper()
	output, code := c.run(c.t.Context(), args...)
	if code != 0 {
		c.t.Fatalf("terraform %s exited with %d:\n%s", strings.Join(args, " "), code, output)
	}
	return output
}

func (c *terraform) apply(vars ...string) {
	c.t.Helper()
	c.succeed(append([]string{"apply", "-input=false", "-no-color", "-auto-approve"}, vars...)...)
}

// plansNothing fails the test if a plan would change a resource or an output.
func (c *terraform) plansNothing(vars ...string) {
	c.t.Helper()
	output, code := c.run(c.t.Context(), append([]string{"plan", "-input=false", "-no-color", "-detailed-exitcode"}, vars...)...)
	if code != 0 {
		c.t.Fatalf("the plan is not empty (exit code %d):\n%s", code, output)
	}
}

// expectSaid looks for a text in what the CLI printed, which breaks lines where it likes.
func expectSaid(t *testing.T, output, text string) {
	t.Helper()
	if !strings.Contains(strings.Join(strings.Fields(output), " "), text) {
		t.Errorf("the output does not say %q:\n%s", text, output)
	}
}
