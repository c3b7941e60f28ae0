// Package mockserver runs the fake of package csmstest as a program: with a page to look at, calls
// that change it from outside, a seed, a file that keeps its secrets, and a description in OpenAPI.
package mockserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// grace is how long requests that are under way may take when the server is asked to end.
const grace = 5 * time.Second

// What is remembered is bounded: so many requests, each with a path and a query of at most a
// header.
const (
	maxRequests    = 1000
	maxHeaderBytes = 32 << 10
)

// Config says what to serve, and where.
type Config struct {
	Addr        string // host:port; port 0 picks a free one.
	AllowRemote bool   // Whether Addr may be one that other machines can reach.
	// AllowRemoteAdmin also lets them look at the dashboard and use the control calls.
	AllowRemoteAdmin bool
	Seed             string // A file of secrets to start with; empty for built-in examples.
	State            string // A file that keeps the secrets over restarts; empty for none.
	JSON             bool   // Whether to log in JSON.
	Quiet            bool   // Whether to leave requests out of the log.
	Faults           csmstest.FaultSettings
	Options          []csmstest.Option

	ValuesAsStored       bool // Whether to turn on csmstest.WithValuesAsStored.
	DistinctVersionTimes bool // Whether to turn on csmstest.WithDistinctVersionTimes.
}

// Run serves until the context ends. It writes the environment that points a client at it, and a
// line for each request, to out.
func Run(ctx context.Context, cfg Config, out io.Writer) error {
	log := newLogger(out, cfg.JSON, cfg.Quiet)
	mock, restored, err := cfg.newServer(log)
	if err != nil {
		return err
	}
	listener, err := listen(ctx, cfg.Addr, cfg.AllowRemote || cfg.AllowRemoteAdmin)
	if err != nil {
		return err
	}
	log.serving(address(listener.Addr()), mock, restored)
	defer log.stopped()
	return serve(ctx, listener, mock, Access{API: cfg.AllowRemote, Admin: cfg.AllowRemoteAdmin})
}

// newServer makes a server with the secrets of the state file, or else of the seed, and the faults.
// It reports whether there was a state file.
func (cfg *Config) newServer(log *logger) (mock *csmstest.Server, restored bool, err error) {
	content, options, restored, err := cfg.load()
	if err != nil {
		return nil, restored, err
	}
	options = append(options, csmstest.WithRequestLog(log.request))
	if cfg.State != "" {
		options = append(options, csmstest.WithSave(stateFile(cfg.State).write))
	}
	mock = csmstest.New(options...)
	if err := mock.Restore(content); err != nil {
		return nil, restored, fmt.Errorf("load the secrets: %w", err)
	}
	mock.SetFaultSettings(cfg.Faults)
	return mock, restored, nil
}

// load reads what the server starts with, and returns the options that it needs.
func (cfg *Config) load() (content csmstest.Snapshot, options []csmstest.Option, restored bool, err error) {
	if content, err = LoadSeed(cfg.Seed, time.Now()); err != nil {
		return nil, nil, false, err
	}
	if cfg.State != "" {
		if restored, err = stateFile(cfg.State).read(&content); err != nil {
			return nil, nil, restored, err
		}
	}
	options = cfg.options()
	for id, p := range content {
		if id != csmstest.DefaultProjectID {
			options = append(options, csmstest.WithProject(p.Name, id))
		}
	}
	return content, options, restored, nil
}

func (cfg *Config) options() []csmstest.Option {
	options := []csmstest.Option{csmstest.WithRequestLimit(maxRequests), csmstest.WithoutContent()}
	options = append(options, cfg.Options...)
	if cfg.ValuesAsStored {
		options = append(options, csmstest.WithValuesAsStored())
	}
	if cfg.DistinctVersionTimes {
		options = append(options, csmstest.WithDistinctVersionTimes())
	}
	return options
}

// listen opens the address, if only this machine can reach it or other machines are welcome.
func listen(ctx context.Context, addr string, remote bool) (net.Listener, error) {
	resolved, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return nil, err
	}
	if !remote && !resolved.IP.IsLoopback() {
		return nil, fmt.Errorf("other machines can reach %s, which takes -allow-remote", addr)
	}
	return (&net.ListenConfig{}).Listen(ctx, "tcp", resolved.String())
}

// address is the URL by which this machine reaches an address, also if it stands for all of them.
func address(addr net.Addr) string {
	if at, err := netip.ParseAddrPort(addr.String()); err == nil && at.Addr().IsUnspecified() {
		return fmt.Sprintf("http://127.0.0.1:%d", at.Port())
	}
	return "http://" + addr.String()
}

// serve answers until the context ends, and then lets the requests that are under way end.
func serve(ctx context.Context, listener net.Listener, mock *csmstest.Server, access Access) error {
	server := &http.Server{
		Handler:           Handler(mock, access),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, MaxHeaderBytes: maxHeaderBytes,
	}
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
