package provider_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// buildDir is where buildProvider puts its results.
var buildDir string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "terraform-provider-csms-")
	if err != nil {
		panic(err)
	}
	buildDir = dir
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// buildProvider builds the provider once for all tests that need it as a process of
// its own, and writes a CLI configuration that makes Terraform use it.
var buildProvider = sync.OnceValue(func() error {
	build := exec.CommandContext(context.Background(), "go", "build", "-o", buildDir, "../..")
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building the provider: %w: %s", err, output)
	}
	config := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"csms/csms\" = %q\n  }\n  direct {}\n}\n", buildDir)
	return os.WriteFile(filepath.Join(buildDir, "cli.tfrc"), []byte(config), 0o600)
})

// cli is a working directory with a configuration, for the real Terraform CLI and the
// real provider, each a process of its own.
type cli struct {
	t   *testing.T
	dir string
	env []string
}

// newCLI writes a configuration that finds the mock through the environment.
func newCLI(t *testing.T, m *mock, hcl string) *cli {
	t.Helper()
	if err := buildProvider(); err != nil {
		t.Fatal(err)
	}
	c := &cli{t: t, dir: t.TempDir()}
	c.env = append(cleanEnvironment(),
		"TF_CLI_CONFIG_FILE="+filepath.Join(buildDir, "cli.tfrc"), "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1",
		"CSMS_ENDPOINT="+m.url, "HW_AUTH_URL="+m.url+"/v3", "HW_REGION_NAME=cn-north-4",
		"HW_ACCESS_KEY=mock-access-key", "HW_SECRET_KEY=mock-secret-key")
	c.writeFile("versions.tf", "terraform {\n  required_providers {\n    csms = {\n      source = \"csms/csms\"\n    }\n  }\n}\n")
	c.write(hcl)
	return c
}

// cleanEnvironment leaves out what a developer's shell may have set for the provider
// or for Terraform.
func cleanEnvironment() []string {
	var env []string
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "TF_ACC") || !strings.HasPrefix(name, "TF_") && !strings.HasPrefix(name, "HW_") &&
			!strings.HasPrefix(name, "OS_") && !strings.HasPrefix(name, "HUAWEICLOUD_") {
			env = append(env, variable)
		}
	}
	return env
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
	cmd = exec.CommandContext(ctx, cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"), args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = c.dir, c.env, stdout, stderr
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
