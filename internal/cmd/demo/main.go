// Command demo plays a rotation with the real Terraform CLI, the built provider and the mock endpoint, and checks that
// every step does what it says. It needs no cloud account, no registry and no network beyond loopback.
//
// It runs in the root of the repository (`make demo`) and leaves nothing behind. The flag -v shows Terraform's whole output.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/csms/terraform-provider-csms/internal/sandbox"
)

func main() {
	verbose := flag.Bool("v", false, "show Terraform's whole output")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *verbose)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "\nThe demo stopped:", err)
		os.Exit(1)
	}
}

// run prepares a directory of its own, plays the story in it and removes it, also after a failure or Ctrl-C.
func run(ctx context.Context, verbose bool) (err error) {
	began := time.Now()
	dir, err := os.MkdirTemp("", "csms-demo-")
	if err != nil {
		return err
	}
	defer func() {
		if removeErr := os.RemoveAll(dir); err == nil {
			err = removeErr
		}
	}()
	announce("Build the provider and the mock endpoint.")
	built, err := build(ctx, dir)
	if err != nil {
		return err
	}
	announce("Start the mock endpoint on a free port.")
	service, err := startService(ctx, built)
	if err != nil {
		return err
	}
	defer service.Stop()
	cli, err := newTerraform(built, dir, []string{"examples/demo/main.tf"}, service.Variables, verbose)
	if err != nil {
		return err
	}
	if err := cli.init(ctx); err != nil {
		return err
	}
	colleague, err := signIn(ctx, service.Variables)
	if err != nil {
		return err
	}
	if err := play(ctx, story{terraform: cli, colleague: colleague}); err != nil {
		return err
	}
	service.Stop()
	if err := service.neverGaveValue(); err != nil {
		return err
	}
	fmt.Printf("\nEvery step was as told, in %s. The service was never asked for a secret's value.\n", time.Since(began).Round(time.Second))
	return nil
}

// build compiles the provider and the mock endpoint into dir, and puts the provider where init looks for it.
func build(ctx context.Context, dir string) (*sandbox.Sandbox, error) {
	built, err := sandbox.Build(ctx, dir, ".", "internal/cmd/csms-mock")
	if err != nil {
		return nil, err
	}
	provider := built.Path("terraform-provider-csms")
	plugin := filepath.Join(plugins(built), providerHost(), "csms", "csms", "0.0.1", runtime.GOOS+"_"+runtime.GOARCH)
	if err := os.MkdirAll(plugin, 0o700); err != nil {
		return nil, err
	}
	return built, os.Rename(provider, filepath.Join(plugin, "terraform-provider-csms_v0.0.1"+filepath.Ext(provider)))
}

// plugins is the directory that init installs providers from.
func plugins(built *sandbox.Sandbox) string { return filepath.Join(built.Dir, "plugins") }

func announce(format string, args ...any) {
	fmt.Printf("\n==> "+format+"\n", args...)
}
