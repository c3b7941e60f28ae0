// Command csms-mock serves an in-memory Cloud Secret Management Service, for trying things out and
// for tests of Terraform modules. It prints the environment that points the provider at it, then
// one line per request; csms-mock -h lists what else it does.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/csms/terraform-provider-csms/internal/mockserver"
)

// version is set by the linker when a release is built.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "csms-mock:", err)
		os.Exit(1)
	}
}

// run serves until the context ends, or does what else the flags say.
func run(ctx context.Context, args []string, out io.Writer) error {
	f, err := parse(args, out)
	switch {
	case err != nil:
		return err
	case f.version:
		_, err := fmt.Fprintln(out, "csms-mock", version)
		return err
	case f.env:
		return mockserver.WriteEnvironment(out, f.cfg)
	case f.wait:
		return mockserver.Wait(ctx, f.cfg)
	default:
		return mockserver.Run(ctx, f.cfg, out)
	}
}
