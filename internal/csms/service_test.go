package csms_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/test/bufconn"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// service is a mock endpoint on loopback, with the configuration of a client that may use it.
type service struct {
	*csmstest.Server
	url    string
	config csms.Config
}

// newService has the secret "db" with the versions v1 (SYSPREVIOUS), v2 (GREEN) and v3 (SYSCURRENT).
func newService(t *testing.T, opts ...csmstest.Option) *service {
	t.Helper()
	s := serve(t, csmstest.New(opts...))
	s.PutSecret(secretDB())
	return s
}

func secretDB() csmstest.Secret {
	return csmstest.Secret{Name: "db", Versions: []csmstest.Version{
		{ID: "v1", Stages: []string{csms.StagePrevious}},
		{ID: "v2", Stages: []string{"GREEN"}},
		{ID: "v3", Stages: []string{csms.StageCurrent}},
	}}
}

// newBubbleService is newService for a bubble of testing/synctest, with connections in memory. Time in a bubble passes
// only while everything waits, so that a test may count on exact durations, however slow the machine is.
func newBubbleService(t *testing.T, opts ...csmstest.Option) *service {
	t.Helper()
	return newServiceOn(t, bufconn.Listen(64<<10), (*httptest.Server).Start, opts...)
}

// newServiceOn serves on connections in memory, with or without TLS as start does.
func newServiceOn(t *testing.T, memory *bufconn.Listener, start func(*httptest.Server), opts ...csmstest.Option) *service {
	t.Helper()
	server := csmstest.New(opts...)
	server.PutSecret(secretDB())
	listener := httptest.NewUnstartedServer(server)
	_ = listener.Listener.Close()
	listener.Listener, listener.EnableHTTP2 = memory, true
	listener.Config.ErrorLog = discardLog()
	start(listener)
	t.Cleanup(listener.Close)
	t.Cleanup(server.Close)
	s := &service{Server: server, url: listener.URL, config: configFor(listener.URL)}
	csms.SetDial(&s.config, memory.DialContext)
	return s
}

// serve lets a mock endpoint listen until the test or the benchmark ends.
func serve(tb testing.TB, server *csmstest.Server) *service {
	tb.Helper()
	listener := httptest.NewServer(server)
	tb.Cleanup(listener.Close)
	tb.Cleanup(server.Close)
	return &service{Server: server, url: listener.URL, config: configFor(listener.URL)}
}

// configFor is a client's configuration with waits that suit a test.
func configFor(url string) csms.Config {
	return csms.Config{
		Region: csmstest.DefaultRegion, Endpoint: url, AuthURL: url, ProjectID: csmstest.DefaultProjectID,
		AccessKey: csmstest.DefaultAccessKey, SecretKey: csmstest.DefaultSecretKey,
		MaxRetries: 3, RetryWaitMin: time.Millisecond, RetryWaitMax: 5 * time.Millisecond, RetryAfterMax: 20 * time.Millisecond,
	}
}

func newClient(t *testing.T, cfg csms.Config) *csms.Client {
	t.Helper()
	client, err := csms.New(cfg)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return client
}

func (s *service) client(t *testing.T) *csms.Client {
	t.Helper()
	return newClient(t, s.config)
}

// answering is a client of a server that answers every request alike.
func answering(t *testing.T, status int, header http.Header, body string) *csms.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		maps.Copy(w.Header(), header)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	cfg := configFor(server.URL)
	cfg.MaxRetries = 0
	return newClient(t, cfg)
}

// offline is answering without a network, for tests that run very often.
func offline(t *testing.T, status int, header http.Header, body string, changes ...func(*csms.Config)) *csms.Client {
	t.Helper()
	cfg := configFor("http://offline.invalid")
	cfg.MaxRetries = 0
	for _, change := range changes {
		change(&cfg)
	}
	client := newClient(t, cfg)
	client.AnswerWith(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: header.Clone(), Body: io.NopCloser(strings.NewReader(body))}, nil
	})
	return client
}

// errorOf is the error as the package's own type, which every method has to return.
func errorOf(t *testing.T, err error) *csms.Error {
	t.Helper()
	var e *csms.Error
	if !errors.As(err, &e) {
		t.Fatalf("error is %T (%v), want *csms.Error", err, err)
	}
	return e
}

// answeringWrites is answering for what is written. A stage that is looked for is on v2; there are the versions v1 and v2.
func answeringWrites(t *testing.T, status int, body string) *csms.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method != http.MethodGet:
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		case strings.HasSuffix(r.URL.Path, "/versions"):
			_, _ = io.WriteString(w, `{"version_metadatas":[{"id":"v1"},{"id":"v2"}]}`)
		default:
			_, _ = io.WriteString(w, `{"stage":{"version_id":"v2"}}`)
		}
	}))
	t.Cleanup(server.Close)
	cfg := configFor(server.URL)
	cfg.MaxRetries = 0
	return newClient(t, cfg)
}

// unguarded lets every write pass.
func unguarded(*csms.Stage) error { return nil }

// move moves a stage from wherever it is.
func move(ctx context.Context, c *csms.Client, secret, stage, version string) (moved *csms.StageMove, err error) {
	err = c.Write(ctx, secret, func(w *csms.Writer) (err error) {
		moved, err = w.MoveStage(ctx, stage, version, unguarded)
		return err
	})
	return moved, err
}

// deleteStage deletes a stage wherever it is.
func deleteStage(ctx context.Context, c *csms.Client, secret, stage string) error {
	return c.Write(ctx, secret, func(w *csms.Writer) error { return w.DeleteStage(ctx, stage, unguarded) })
}

// setExpiry sets the expiry of a version of the secret "db", whatever it has.
func setExpiry(ctx context.Context, c *csms.Client, version string, at time.Time) error {
	return c.Write(ctx, "db", func(w *csms.Writer) error {
		return w.SetVersionExpiry(ctx, version, at, func([]csms.Version) error { return nil })
	})
}

// operation is one method of a client, as the tests that treat all methods alike want it.
type operation struct {
	name     string
	mockName string
	do       func(ctx context.Context, c *csms.Client) error
}

func (op operation) isWrite() bool {
	return op.mockName == "PutStage" || op.mockName == "DeleteStage" || op.mockName == "UpdateVersion"
}

func operations() []operation {
	return []operation{
		{csms.OperationGetStage, "ShowStage", func(ctx context.Context, c *csms.Client) error {
			_, err := c.GetStage(ctx, "db", "GREEN")
			return err
		}},
		{csms.OperationPutStage, "PutStage", func(ctx context.Context, c *csms.Client) error {
			_, err := move(ctx, c, "db", "GREEN", "v1")
			return err
		}},
		{csms.OperationDeleteStage, "DeleteStage", func(ctx context.Context, c *csms.Client) error {
			return deleteStage(ctx, c, "db", "GREEN")
		}},
		{csms.OperationListVersions, "ListVersions", func(ctx context.Context, c *csms.Client) error {
			_, err := c.ListVersions(ctx, "db")
			return err
		}},
		{csms.OperationUpdateVersion, "UpdateVersion", func(ctx context.Context, c *csms.Client) error {
			return setExpiry(ctx, c, "v1", time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC))
		}},
		{csms.OperationGetSecret, "ShowSecret", func(ctx context.Context, c *csms.Client) error {
			_, err := c.GetSecret(ctx, "db")
			return err
		}},
		{csms.OperationListSecrets, "ListSecrets", func(ctx context.Context, c *csms.Client) error {
			_, err := c.ListSecrets(ctx)
			return err
		}},
	}
}
