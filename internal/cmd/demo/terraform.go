package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// terraform runs the CLI in a directory that holds the demo's configuration.
type terraform struct {
	cli         string
	dir         string
	environment []string
	verbose     bool
}

// providerHost is the registry host that the CLI puts before the provider's name: OpenTofu has its own.
func providerHost() string {
	return cmp.Or(os.Getenv("TF_ACC_PROVIDER_HOST"), "registry.terraform.io")
}

func newTerraform(dir string, service map[string]string, verbose bool) (*terraform, error) {
	cli, err := exec.LookPath(cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"))
	if err != nil {
		return nil, fmt.Errorf("find Terraform: %w; put it on PATH, or name one: make demo TERRAFORM=/path/to/the/cli", err)
	}
	configuration, err := os.ReadFile("examples/demo/main.tf")
	if err != nil {
		return nil, fmt.Errorf("read the configuration (the demo runs in the root of the repository): %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), configuration, 0o600); err != nil {
		return nil, err
	}
	cliConfig := filepath.Join(dir, "empty.tfrc")
	if err := os.WriteFile(cliConfig, nil, 0o600); err != nil {
		return nil, err
	}
	environment := append(foreignEnvironment(),
		"CHECKPOINT_DISABLE=1",
		"TF_CLI_CONFIG_FILE="+cliConfig,
		"TF_CLI_ARGS=-no-color",
		"TF_IN_AUTOMATION=1",
		"TF_VAR_old_version_expires="+time.Now().AddDate(0, 0, 30).UTC().Truncate(24*time.Hour).Format(time.RFC3339),
	)
	for name, value := range service {
		environment = append(environment, name+"="+value)
	}
	return &terraform{cli: cli, dir: dir, environment: environment, verbose: verbose}, nil
}

// foreignEnvironment is the environment without what would reach Terraform or the provider: somebody's real account, for one.
func foreignEnvironment() []string {
	var kept []string
	for _, entry := range os.Environ() {
		if !ownVariable.MatchString(entry) {
			kept = append(kept, entry)
		}
	}
	return kept
}

var ownVariable = regexp.MustCompile(`^(TF_|HW_|CSMS_|HUAWEICLOUD_)`)

func (t *terraform) init(ctx context.Context) error {
	_, err := t.succeed(ctx, "init", "-input=false", "-plugin-dir="+filepath.Join(t.dir, "plugins"))
	return err
}

// plan saves a plan and returns what it would do: the actions by resource address, and the output.
func (t *terraform) plan(ctx context.Context) (map[string]string, string, error) {
	output, err := t.succeed(ctx, "plan", "-input=false", "-out=tfplan")
	if err != nil {
		return nil, "", err
	}
	encoded, _, err := t.exec(ctx, "show", "-json", "tfplan")
	if err != nil {
		return nil, "", err
	}
	var shown struct {
		ResourceChanges []struct {
			Address string `json:"address"`
			Mode    string `json:"mode"`
			Change  struct {
				Actions []string `json:"actions"`
			} `json:"change"`
		} `json:"resource_changes"`
	}
	if err := json.Unmarshal([]byte(encoded), &shown); err != nil {
		return nil, "", fmt.Errorf("read the plan: %w", err)
	}
	actions := map[string]string{}
	for _, change := range shown.ResourceChanges {
		if change.Mode == "managed" && change.Change.Actions[0] != "no-op" {
			actions[change.Address] = strings.Join(change.Change.Actions, ", ")
		}
	}
	return actions, output, nil
}

// apply applies the saved plan.
func (t *terraform) apply(ctx context.Context) (string, error) {
	return t.succeed(ctx, "apply", "-input=false", "tfplan")
}

func (t *terraform) destroy(ctx context.Context) (string, error) {
	return t.succeed(ctx, "destroy", "-input=false", "-auto-approve")
}

func (t *terraform) succeed(ctx context.Context, args ...string) (string, error) {
	output, code, err := t.exec(ctx, args...)
	if err != nil {
		return "", err
	}
	if code != 0 {
		return "", fmt.Errorf("terraform %s: exit code %d\n%s", args[0], code, output)
	}
	t.show(args, output)
	return output, nil
}

func (t *terraform) exec(ctx context.Context, args ...string) (string, int, error) {
	cmd := exec.CommandContext(ctx, t.cli, args...) // #nosec G204 -- the user names the CLI, the demo its arguments.
	cmd.Dir = t.dir
	cmd.Env = t.environment
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	output, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return "", 0, ctx.Err()
	case errors.As(err, &exit):
		return string(output), exit.ExitCode(), nil
	default:
		return string(output), 0, err
	}
}

// show prints the lines that tell the story; all of them with -v.
func (t *terraform) show(args []string, output string) {
	fmt.Println("    $ terraform", args[0])
	for line := range strings.Lines(output) {
		if t.verbose || tellingLine.MatchString(line) {
			fmt.Print("    ", line)
		}
	}
}

var tellingLine = regexp.MustCompile(`^(╷|│|╵|Plan:|No changes|Apply complete|Destroy complete)|^ +# csms_|^ +[~+] (version_id|expire_time) |^(Outputs|stages|expiries|  "|\})`)
