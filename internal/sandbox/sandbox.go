// Package sandbox builds programs of this module into a directory and runs a Terraform
// CLI with them, away from what else the machine is set up for: its configuration of
// the CLI, and somebody's real account in the environment.
package sandbox

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// module is where the packages that are built are found, wherever in it the caller runs.
const module = "github.com/csms/terraform-provider-csms"

// interruptedFor is how long an interrupted Terraform has until it is killed.
const interruptedFor = 10 * time.Second

// Sandbox is a directory with built programs and the CLI configuration that names the
// providers among them.
type Sandbox struct {
	// Dir holds the programs, and the CLI configuration as cli.tfrc.
	Dir string
	// CLI is the path of the Terraform or OpenTofu that is used.
	CLI string
}

// Build builds packages into dir, each named by its path below the module's root, "."
// being the provider. Terraform finds csms/<type> in every terraform-provider-<type>.
// The CLI is the one that TF_ACC_TERRAFORM_PATH names, else terraform on PATH. Errors
// are a missing CLI, a failed build and a directory that cannot be written to.
func Build(ctx context.Context, dir string, packages ...string) (*Sandbox, error) {
	return build(ctx, dir, nil, os.Environ(), packages)
}

// BuildRelease is Build with the flags of a release, for those who measure.
func BuildRelease(ctx context.Context, dir string, packages ...string) (*Sandbox, error) {
	flags := []string{"-trimpath", "-ldflags", "-s -w"}
	return build(ctx, dir, flags, append(os.Environ(), "CGO_ENABLED=0"), packages)
}

func build(ctx context.Context, dir string, flags, env, packages []string) (*Sandbox, error) {
	cli, err := FindCLI()
	if err != nil {
		return nil, err
	}
	args := slices.Concat([]string{"build"}, flags, []string{"-o", dir + string(filepath.Separator)})
	var overrides strings.Builder
	for _, below := range packages {
		source := path.Join(module, below)
		args = append(args, source)
		if provider, ok := strings.CutPrefix(path.Base(source), "terraform-provider-"); ok {
			fmt.Fprintf(&overrides, "    \"csms/%s\" = %q\n", provider, dir)
		}
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = env
	if output, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build %s: %w\n%s", strings.Join(packages, ", "), err, output)
	}
	s := &Sandbox{Dir: dir, CLI: cli}
	config := "provider_installation {\n  dev_overrides {\n" + overrides.String() + "  }\n  direct {}\n}\n"
	return s, os.WriteFile(s.cliConfig(), []byte(config), 0o600)
}

// FindCLI returns the path of the CLI that TF_ACC_TERRAFORM_PATH names, else of terraform on PATH.
func FindCLI() (string, error) {
	cli, err := exec.LookPath(cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"))
	if err != nil {
		return "", fmt.Errorf("find Terraform: %w; put it on PATH, or name one: make ... TERRAFORM=/path/to/the/cli", err)
	}
	return filepath.Abs(cli)
}

func (s *Sandbox) cliConfig() string { return filepath.Join(s.Dir, "cli.tfrc") }

// Path is where a built program is, by the last element of its package's path.
func (s *Sandbox) Path(program string) string {
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	return filepath.Join(s.Dir, program)
}

// Command prepares a run of the CLI in a directory. Its environment is CleanEnvironment,
// then what makes the CLI use the built providers, then env, of which the last entry of
// a name counts. When the context ends, Terraform is interrupted, as by Ctrl-C, and ten
// seconds later killed.
func (s *Sandbox) Command(ctx context.Context, dir string, env []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.CLI, args...)
	cmd.Dir = dir
	cmd.Env = slices.Concat(CleanEnvironment(),
		[]string{"TF_CLI_CONFIG_FILE=" + s.cliConfig(), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1"}, env)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = interruptedFor
	return cmd
}
