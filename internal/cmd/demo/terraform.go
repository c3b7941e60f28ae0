package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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

// newTerraform prepares dir for the configuration in files, with a mock endpoint's environment and nobody else's.
func newTerraform(dir string, files []string, service map[string]string, verbose bool) (*terraform, error) {
	cli, err := exec.LookPath(cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"))
	if err != nil {
		return nil, fmt.Errorf("find Terraform: %w; put it on PATH, or name one: make demo TERRAFORM=/path/to/the/cli", err)
	}
	for _, file := range files {
		configuration, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read the configuration: %w", err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(file)), configuration, 0o600); err != nil {
			return nil, err
		}
	}
	cliConfig := filepath.Join(dir, "empty.tfrc")
	if err := os.WriteFile(cliConfig, nil, 0o600); err != nil {
		return nil, err
	}
	environment := append(foreignEnvironment(),
		"CHECKPOINT_DISABLE=1",
		"TF_CLI_CONFIG_FILE="+cliConfig,
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

// init installs the provider from a directory that build has filled.
func (t *terraform) init(ctx context.Context, built string) error {
	output, err := t.exec(ctx, "init", "-input=false", "-no-color", "-plugin-dir="+filepath.Join(built, "plugins"))
	if err != nil {
		return fmt.Errorf("%w\n%s", err, output)
	}
	return nil
}

// plan saves a plan and returns what it would do to each resource, by address, and what Terraform said.
func (t *terraform) plan(ctx context.Context) (map[string]string, events, error) {
	said, err := t.run(ctx, "plan", "-input=false", "-out=tfplan")
	if err != nil {
		return nil, nil, err
	}
	actions := map[string]string{}
	for _, event := range said {
		if event.Type == "planned_change" && event.Change.Action != "read" {
			actions[event.Change.Resource.Address] = event.Change.Action
		}
	}
	return actions, said, nil
}

// apply applies the saved plan.
func (t *terraform) apply(ctx context.Context) (events, error) {
	return t.run(ctx, "apply", "-input=false", "tfplan")
}

func (t *terraform) destroy(ctx context.Context) (events, error) {
	return t.run(ctx, "destroy", "-input=false", "-auto-approve")
}

// run gives a command and reads the events that it prints.
func (t *terraform) run(ctx context.Context, command string, args ...string) (events, error) {
	fmt.Println("    $ terraform", command)
	output, err := t.exec(ctx, append([]string{command, "-json"}, args...)...)
	var said events
	for line := range bytes.Lines(output) {
		var e event
		if json.Unmarshal(line, &e) != nil {
			return nil, fmt.Errorf("terraform %s printed what is no event: %s", command, line)
		}
		e.show(t.verbose)
		said = append(said, e)
	}
	return said, err
}

func (t *terraform) exec(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, t.cli, args...)
	cmd.Dir = t.dir
	cmd.Env = t.environment
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	output, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		err = fmt.Errorf("terraform %s: %w", args[0], err)
	}
	return output, err
}
