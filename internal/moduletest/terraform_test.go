package moduletest_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/sandbox"
)

const root = "../.."

// binaries are the built provider and mock endpoint.
type binaries struct{ *sandbox.Sandbox }

// build compiles the provider and the mock endpoint once for all subtests.
func build(t *testing.T) binaries {
	t.Helper()
	built, err := sandbox.Build(t.Context(), t.TempDir(), ".", "internal/cmd/csms-mock")
	if err != nil {
		t.Fatal(err)
	}
	return binaries{built}
}

// terraform runs the CLI in a copy of the modules.
type terraform struct {
	t           *testing.T
	built       binaries
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
	return &terraform{t: t, built: b, dir: filepath.Join(copied, dir), environment: sandbox.Assignments(service)}
}

// write writes a file into the directory that the CLI runs in.
func (c *terraform) write(name, content string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), []byte(content), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// run runs the CLI and returns what it prints and its exit code.
func (c *terraform) run(ctx context.Context, args ...string) (output string, code int) {
	c.t.Helper()
	command := c.built.Command(ctx, c.dir, c.environment, args...)
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
