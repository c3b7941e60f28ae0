// Command csms-mock serves an in-memory Cloud Secret Management Service for trying things out and for tests of Terraform modules.
// It prints the environment that points the provider at it, then one line per request.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
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
	flags := flag.NewFlagSet("csms-mock", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:8440", "listen on this `host:port`; port 0 picks a free one")
	seed := flags.String("seed", "", "start with the secrets in this JSON or YAML `file` instead of built-in examples")
	remote := flags.Bool("allow-remote", false, "listen on an address that other machines can reach, with the well-known keys")
	if err := flags.Parse(args); err != nil {
		return err
	}
	secrets, err := csmstest.LoadSeed(*seed, time.Now())
	if err != nil {
		return err
	}
	listener, err := listen(ctx, *addr, *remote)
	if err != nil {
		return err
	}
	mock := csmstest.New(csmstest.WithRequestLimit(1000), csmstest.WithValuesAsStored(),
		csmstest.WithRequestLog(func(r csmstest.Request) { fmt.Fprintln(out, r.String()) }))
	for i := range secrets {
		mock.PutSecret(secrets[i])
	}
	fmt.Fprintf(out, "csms-mock serves %d secrets. To point Terraform at it:\n\n%s\n", len(secrets),
		csmstest.Environment("http://"+listener.Addr().String()))
	return serve(ctx, listener, mock)
}

// listen opens the address, if it is one that only this machine can reach or other machines are welcome.
func listen(ctx context.Context, addr string, remote bool) (net.Listener, error) {
	resolved, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return nil, err
	}
	if !remote && !resolved.IP.IsLoopback() {
		return nil, fmt.Errorf("%s is not a loopback address; other machines could use the mock, so this takes -allow-remote", addr)
	}
	return (&net.ListenConfig{}).Listen(ctx, "tcp", resolved.String())
}

func serve(ctx context.Context, listener net.Listener, mock *csmstest.Server) error {
	server := &http.Server{Handler: mock, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() {
		mock.Close()
		_ = server.Close()
	})
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
