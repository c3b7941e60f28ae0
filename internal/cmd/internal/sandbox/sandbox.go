// Package sandbox builds programs of this module into a directory and runs a Terraform
// CLI there that uses them, and nothing else of the machine's configuration.
package sandbox

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// module is where the packages that are built are found, wherever the caller runs.
const module = "github.com/csms/terraform-provider-csms"

// Sandbox is a directory with built providers and the CLI configuration that names them.
type Sandbox struct {
	// Dir holds the binaries.
	Dir string
	// CLI is the path of the Terraform or OpenTofu that is used.
	CLI string
}

// New builds providers into dir, as a release builds them: packages below the module's
// root by the name of the provider. It takes the CLI that TF_ACC_TERRAFORM_PATH names,
// else terraform on PATH.
func New(ctx context.Context, dir string, providers map[string]string) (*Sandbox, error) {
	cli, err := exec.LookPath(cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"))
	if err != nil {
		return nil, fmt.Errorf("find Terraform: %w", err)
	}
	var overrides strings.Builder
	for name, source := range providers {
		build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", filepath.Join(dir, "terraform-provider-"+name), module+source)
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if output, err := build.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build provider %s: %w\n%s", name, err, output)
		}
		fmt.Fprintf(&overrides, "    \"csms/%s\" = %q\n", name, dir)
	}
	s := &Sandbox{Dir: dir, CLI: cli}
	config := "provider_installation {\n  dev_overrides {\n" + overrides.String() + "  }\n  direct {}\n}\n"
	return s, os.WriteFile(s.cliConfig(), []byte(config), 0o600)
}

func (s *Sandbox) cliConfig() string { return filepath.Join(s.Dir, "cli.tfrc") }

// ownVariable finds variables that would reach Terraform or the provider: somebody's
// real account, for one.
var ownVariable = regexp.MustCompile(`^(TF_|HW_|OS_|CSMS_|HUAWEICLOUD_)`)

// Command prepares a run of the CLI in a directory, with variables that are added to an
// environment that is clean of the machine's own.
func (s *Sandbox) Command(ctx context.Context, dir string, env []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.CLI, args...)
	cmd.Dir = dir
	cmd.Env = append(slices.DeleteFunc(os.Environ(), ownVariable.MatchString),
		"TF_CLI_CONFIG_FILE="+s.cliConfig(), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
	cmd.Env = append(cmd.Env, env...)
	return cmd
}
