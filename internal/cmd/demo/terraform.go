package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/csms/terraform-provider-csms/internal/sandbox"
)

// terraform runs the CLI in a directory that holds the demo's configuration.
type terraform struct {
	built       *sandbox.Sandbox
	dir         string
	environment []string
	verbose     bool
}

// providerHost is the registry host that the CLI puts before the provider's name: OpenTofu has its own.
func providerHost() string {
	return cmp.Or(os.Getenv("TF_ACC_PROVIDER_HOST"), "registry.terraform.io")
}

// newTerraform prepares dir for the configuration in files, with a mock endpoint's variables and nobody else's.
func newTerraform(built *sandbox.Sandbox, dir string, files []string, service map[string]string, verbose bool) (*terraform, error) {
	for _, file := range files {
		configuration, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read the configuration: %w", err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(file)), configuration, 0o600); err != nil {
			return nil, err
		}
	}
	// The demo begins with init, which refuses a provider that the CLI configuration names the place of.
	cliConfig := filepath.Join(dir, "empty.tfrc")
	if err := os.WriteFile(cliConfig, nil, 0o600); err != nil {
		return nil, err
	}
	environment := append(sandbox.Assignments(service),
		"TF_CLI_CONFIG_FILE="+cliConfig,
		"TF_VAR_old_version_expires="+time.Now().AddDate(0, 0, 30).UTC().Truncate(24*time.Hour).Format(time.RFC3339),
	)
	return &terraform{built: built, dir: dir, environment: environment, verbose: verbose}, nil
}

// init installs the provider from a directory that build has filled.
func (t *terraform) init(ctx context.Context) error {
	output, err := t.exec(ctx, "init", "-input=false", "-no-color", "-plugin-dir="+plugins(t.built))
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
	output, err := t.built.Command(ctx, t.dir, t.environment, args...).CombinedOutput()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		err = fmt.Errorf("terraform %s: %w", args[0], err)
	}
	return output, err
}
