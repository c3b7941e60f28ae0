// Command csms-mock serves an in-memory Cloud Secret Management Service for trying things out and for tests of Terraform modules.
// It prints the environment that points the provider at it, then one line per request; csms-mock -h tells what else it does.
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
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "csms-mock:", err)
		os.Exit(1)
	}
}

// run serves until the context ends.
func run(ctx context.Context, args []string, out io.Writer) error {
	s, err := parse(args, out)
	if err != nil {
		return err
	}
	journal := newJournal(out, s.json, s.quiet)
	mock := csmstest.New(append(s.options, csmstest.WithRequestLog(journal.request))...)
	restored, err := fill(mock, s)
	if err != nil {
		return err
	}
	listener, err := listen(ctx, s.addr, s.allowRemote)
	if err != nil {
		return err
	}
	journal.serving(address(listener), len(mock.Secrets()), restored)
	defer journal.stopped()
	return serve(ctx, listener, mock)
}

// fill gives the mock the secrets it starts with, those of the state's file before those of the seed, and its faults.
func fill(mock *csmstest.Server, s settings) (restored bool, err error) {
	secrets, err := csmstest.LoadSeed(s.seed, time.Now())
	if err != nil {
		return false, err
	}
	if s.state != "" {
		if restored, err = mock.KeepState(s.state); err != nil {
			return false, err
		}
	}
	if !restored {
		for i := range secrets {
			mock.PutSecret(secrets[i])
		}
	}
	mock.SetLatency(s.latency)
	mock.SetRateLimit(s.rateLimit)
	for i := range s.faults {
		mock.Fail(s.faults[i])
	}
	return restored, nil
}
