package mockserver_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/mockserver"
	"github.com/csms/terraform-provider-csms/internal/mockserver/openapitest"
)

const (
	secretS  = "/v1/" + csmstest.DefaultProjectID + "/secrets/s"
	versions = secretS + "/versions"
	blue     = secretS + "/stages/BLUE"
	control  = "/_control/secrets"
	controlS = control + "/s"
	faults   = "/_control/faults"
)

// instant is the present of servers in these tests.
var instant = time.Date(2026, 3, 1, 12, 30, 15, 987654321, time.UTC)

func clock() time.Time { return instant }

// client asks a mock server.
type client struct {
	t    *testing.T
	mock *csmstest.Server
	url  string
}

// newClient starts a mock server with the secret "s": v1 SYSPREVIOUS, v2 SYSCURRENT and BLUE, v3
// without stages. What it serves is compared with its description.
func newClient(t *testing.T, opts ...csmstest.Option) *client {
	t.Helper()
	mock := csmstest.New(append(opts, csmstest.WithClock(clock), csmstest.WithToken(csmstest.DefaultToken))...)
	mock.PutSecret(csmstest.Secret{Name: "s", Versions: []csmstest.Version{
		{ID: "v1", Stages: []string{"SYSPREVIOUS"}, Value: "one"},
		{ID: "v2", Stages: []string{"SYSCURRENT", "BLUE"}, Value: "two"},
		{ID: "v3", Value: "three"},
	}})
	return serve(t, mock, openapitest.Check(t, mock, mockserver.Handler(mock, mockserver.Access{})))
}

func serve(t *testing.T, mock *csmstest.Server, handler http.Handler) *client {
	t.Helper()
	listener := httptest.NewServer(handler)
	t.Cleanup(func() {
		mock.Close()
		listener.Close()
	})
	return &client{t: t, mock: mock, url: listener.URL}
}

// request makes a request with a token, which only the API looks at.
func (c *client) request(method, path, body string) *http.Request {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Auth-Token", csmstest.DefaultToken)
	return r
}

func (c *client) do(method, path, body string) reply {
	c.t.Helper()
	return c.send(c.request(method, path, body))
}

func (c *client) send(r *http.Request) reply {
	c.t.Helper()
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatalf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	var body bytes.Buffer
	_, err = body.ReadFrom(response.Body)
	if closeErr := response.Body.Close(); err != nil || closeErr != nil {
		c.t.Fatal(err, closeErr)
	}
	return reply{response.StatusCode, response.Header, body.String()}
}

// stages writes the versions of "s" with their stages.
func (c *client) stages() string {
	s, _ := c.mock.Secret("s")
	var all []string
	for _, v := range s.Versions {
		all = append(all, fmt.Sprint(v.ID, v.Stages))
	}
	return strings.Join(all, " ")
}

type reply struct {
	status int
	header http.Header
	body   string
}

// want compares the status, and looks for texts in the body.
func (r reply) want(t *testing.T, status int, texts ...string) {
	t.Helper()
	if r.status != status {
		t.Errorf("got %d %s, want status %d", r.status, r.body, status)
	}
	for _, text := range texts {
		if !strings.Contains(r.body, text) {
			t.Errorf("%q is not in\n%s", text, r.body)
		}
	}
}

// wantNone looks for texts that must not be in the body.
func (r reply) wantNone(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(r.body, text) {
			t.Errorf("%q is in\n%s", text, r.body)
		}
	}
}
