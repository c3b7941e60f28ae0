package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// grace is how long requests that are under way may take when the command is told to end.
const grace = 5 * time.Second

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

// address is the URL by which this machine reaches the listener, also if it listens on all addresses.
func address(listener net.Listener) string {
	if at, err := netip.ParseAddrPort(listener.Addr().String()); err == nil && at.Addr().IsUnspecified() {
		return fmt.Sprintf("http://127.0.0.1:%d", at.Port())
	}
	return "http://" + listener.Addr().String()
}

// serve answers until the context ends, and then lets the requests that are under way end.
func serve(ctx context.Context, listener net.Listener, mock *csmstest.Server) error {
	server := &http.Server{Handler: mock.Console(), ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	context.AfterFunc(ctx, func() { ended <- shutDown(server, mock) })
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-ended
}

func shutDown(server *http.Server, mock *csmstest.Server) error {
	mock.Close()
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := server.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return server.Close()
}
