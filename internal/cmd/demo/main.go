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
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
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
	if err := build(ctx, ".", dir); err != nil {
		return err
	}
	announce("Start the mock endpoint on a free port.")
	service, err := startService(ctx, filepath.Join(dir, executable("csms-mock")))
	if err != nil {
		return err
	}
	defer service.stop()
	cli, err := newTerraform(dir, []string{"examples/demo/main.tf"}, service.environment, verbose)
	if err != nil {
		return err
	}
	if err := cli.init(ctx, dir); err != nil {
		return err
	}
	colleague, err := signIn(ctx, service.environment)
	if err != nil {
		return err
	}
	if err := play(ctx, story{terraform: cli, colleague: colleague}); err != nil {
		return err
	}
	service.stop()
	if err := service.neverGaveValue(); err != nil {
		return err
	}
	fmt.Printf("\nEvery step was as told, in %s. The service was never asked for a secret's value.\n", time.Since(began).Round(time.Second))
	return nil
}

// build compiles the repository in root. It puts the mock endpoint into dir, and the provider where init looks for it.
func build(ctx context.Context, root, dir string) error {
	plugin := filepath.Join(dir, "plugins", providerHost(), "csms", "csms", "0.0.1", runtime.GOOS+"_"+runtime.GOARCH)
	for output, pkg := range map[string]string{
		filepath.Join(dir, executable("csms-mock")):                         "./internal/cmd/csms-mock",
		filepath.Join(plugin, executable("terraform-provider-csms_v0.0.1")): ".",
	} {
		cmd := exec.CommandContext(ctx, "go", "build", "-o", output, pkg)
		cmd.Dir = root
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", pkg, err, out)
		}
	}
	return nil
}

func executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

func announce(format string, args ...any) {
	fmt.Printf("\n==> "+format+"\n", args...)
}
