package provider_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/sandbox"
)

// buildDir is where buildProvider puts its results.
var buildDir string

func TestMain(m *testing.M) {
	forgetShell()
	dir, err := os.MkdirTemp("", "terraform-provider-csms-")
	if err != nil {
		panic(err)
	}
	buildDir = dir
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// forgetShell unsets what a developer's shell may have set for the provider or for
// Terraform. Two settings stay: the log, which shows what a test does, and Terraform's
// own configuration, without which it reads the one in the home directory.
func forgetShell() {
	for _, assignment := range os.Environ() {
		name, _, _ := strings.Cut(assignment, "=")
		stays := strings.HasPrefix(name, "TF_LOG") || name == "TF_CLI_CONFIG_FILE"
		if sandbox.IsOwnVariable(name) && !stays {
			_ = os.Unsetenv(name)
		}
	}
}

// buildProvider builds the provider once for all tests that need it as a process of
// its own.
var buildProvider = sync.OnceValues(func() (*sandbox.Sandbox, error) {
	return sandbox.Build(context.Background(), buildDir, ".")
})

// cli is a working directory with a configuration, for the real Terraform CLI and the
// real provider, each a process of its own.
type cli struct {
	t     *testing.T
	built *sandbox.Sandbox
	dir   string
	env   []string
}

// newCLI writes a configuration that finds the mock through the environment.
func newCLI(t *testing.T, m *mock, hcl string) *cli {
	t.Helper()
	built, err := buildProvider()
	if err != nil {
		t.Fatal(err)
	}
	c := &cli{t: t, built: built, dir: t.TempDir(), env: sandbox.Assignments(csmstest.Variables(m.url))}
	c.writeFile("versions.tf", "terraform {\n  required_providers {\n    csms = {\n      source = \"csms/csms\"\n    }\n  }\n}\n")
	c.write(hcl)
	return c
}

// write replaces the configuration, all but the provider's source.
func (c *cli) write(hcl string) {
	c.t.Helper()
	c.writeFile("main.tf", hcl)
}

func (c *cli) writeFile(name, content string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), []byte(content), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// command prepares a run of Terraform.
func (c *cli) command(ctx context.Context, args ...string) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	cmd = c.built.Command(ctx, c.dir, c.env, args...)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	return cmd, stdout, stderr
}

// run runs Terraform and returns what it prints, and its exit code.
func (c *cli) run(args ...string) (output string, code int) {
	c.t.Helper()
	cmd, stdout, stderr := c.command(c.t.Context(), args...)
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		c.t.Fatal(err)
	}
	return stdout.String() + stderr.String(), cmd.ProcessState.ExitCode()
}

// succeed runs Terraform and fails the test if that fails.
func (c *cli) succeed(args ...string) string {
	c.t.Helper()
	output, code := c.run(args...)
	if code != 0 {
		c.t.Fatalf("terraform %s exited with %d:\n%s", strings.Join(args, " "), code, output)
	}
	return output
}

// The test runs itself once more, in a shell with an account. Tests that set a variable
// are over when it looks: they do not run in parallel.
func TestNothingOfADevelopersShellReachesATest(t *testing.T) {
	t.Parallel()
	const again = "TESTED_AGAIN"
	settings := []string{"HW_PROJECT_ID", "OS_REGION_NAME", "CSMS_MAX_REQUESTS_PER_SECOND", "HUAWEICLOUD_SDK_AK", "TF_CLI_ARGS_plan"}
	for _, name := range settings {
		if value, found := os.LookupEnv(name); found {
			t.Errorf("%s is %q", name, value)
		}
	}
	if os.Getenv(again) != "" {
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), again+"=1")
	for _, name := range settings {
		cmd.Env = append(cmd.Env, name+"=x")
	}
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("the tests in a developer's shell: %v\n%s", err, output)
	}
}
