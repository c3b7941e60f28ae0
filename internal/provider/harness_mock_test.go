package provider_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/provider"
)

// mock is a CSMS of one test's own, listening on loopback.
type mock struct {
	*csmstest.Server
	url string
}

// newMock starts a mock endpoint and stops it with the test. No test may ever have made the
// provider ask for a secret's value.
func newMock(t tester, opts ...csmstest.Option) *mock {
	t.Helper()
	server := csmstest.New(opts...)
	listener := httptest.NewServer(server)
	t.Cleanup(func() {
		server.Close()
		listener.Close()
		if n := server.Count("ShowVersion"); n > 0 {
			t.Errorf("the provider asked for a secret's value %d times", n)
		}
	})
	return &mock{Server: server, url: listener.URL}
}

// newSecret starts a mock endpoint with the secret "db": v1 is SYSPREVIOUS, v2 is SYSCURRENT, v3
// has no stage.
func newSecret(t tester, opts ...csmstest.Option) *mock {
	t.Helper()
	m := newMock(t, opts...)
	m.PutSecret(secretDB())
	return m
}

func secretDB() csmstest.Secret {
	return csmstest.Secret{Name: "db", Versions: []csmstest.Version{
		{ID: "v1", Stages: []string{"SYSPREVIOUS"}},
		{ID: "v2", Stages: []string{"SYSCURRENT"}},
		{ID: "v3"},
	}}
}

// config puts a provider block that points at the mock before a configuration.
func (m *mock) config(hcl string) string {
	return m.providerBlock("") + hcl
}

// providerBlock is a provider block with further settings.
func (m *mock) providerBlock(settings string) string {
	return fmt.Sprintf(`
provider "csms" {
  region      = %q
  access_key  = %q
  secret_key  = %q
  endpoint    = %q
  auth_url    = "%s/v3"
  %s
}
`, csmstest.DefaultRegion, csmstest.DefaultAccessKey, csmstest.DefaultSecretKey, m.url, m.url, settings)
}

// factories returns a new provider for every call: parallel tests share nothing.
func factories() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"csms": func() (tfprotov6.ProviderServer, error) {
			return provider.NewServer("test")(), nil
		},
	}
}

// assertRequests fails the test unless the mock saw exactly these operations since the last
// ResetRequests.
func (m *mock) assertRequests(t *testing.T, want map[string]int) {
	t.Helper()
	got := make(map[string]int)
	for _, r := range m.Requests() {
		got[r.Operation]++
	}
	for operation := range want {
		if got[operation] != want[operation] {
			t.Errorf("%s was called %d times, want %d", operation, got[operation], want[operation])
		}
		delete(got, operation)
	}
	for operation, n := range got {
		t.Errorf("%s was called %d times, want none", operation, n)
	}
}

// createStage puts a stage of "db" on a version and returns it as Terraform remembers it.
func (m *mock) createStage(t *testing.T, name, version string) instance {
	t.Helper()
	i := newTFServer(t, m).create(stageType, stage(name, version))
	m.ResetRequests()
	return i
}

// assertHolder fails the test unless a stage of "db" is on a version; "" is nowhere.
func (m *mock) assertHolder(t *testing.T, name, version string) {
	t.Helper()
	if holder := m.StageHolder("db", name); holder != version {
		t.Errorf("%s is on %q, want %q", name, holder, version)
	}
}

// withoutRetries are settings of a provider that does not retry.
func (m *mock) withoutRetries() map[string]any {
	return with(m.settings(), "max_retries", 0)
}

// createExpiry sets the expiry of v1 of "db" and returns it as Terraform remembers it.
func (m *mock) createExpiry(t *testing.T) instance {
	t.Helper()
	i := newTFServer(t, m).create(expiryType, expiry("v1", year2090))
	m.ResetRequests()
	return i
}

// bodies are the bodies of the requests of an operation.
func (m *mock) bodies(operation string) []string {
	var all []string
	for _, r := range m.Requests() {
		if r.Operation == operation {
			all = append(all, strings.TrimSpace(string(r.Body)))
		}
	}
	return all
}

// setExpiry makes somebody else set what a version of "db" has, "" for nothing.
func (m *mock) setExpiry(t *testing.T, version, expireTime string) {
	t.Helper()
	var expires time.Time
	if expireTime != "" {
		var err error
		if expires, err = time.Parse(time.RFC3339, expireTime); err != nil {
			t.Fatal(err)
		}
	}
	m.SetExpiry("db", version, expires)
}

// assertStageExists fails the test unless "db", if it is there, has a stage, or does not.
func (m *mock) assertStageExists(t *testing.T, name string, want bool) {
	t.Helper()
	if _, ok := m.Secret("db"); !ok {
		return
	}
	if holder := m.StageHolder("db", name); (holder != "") != want {
		t.Errorf("%s is on %q", name, holder)
	}
}

// assertChanges fails the test unless so many writes have changed the secret, and none has been
// needless.
func (m *mock) assertChanges(t *testing.T, want int) {
	t.Helper()
	changed := 0
	for _, r := range m.Requests() {
		if r.Changed {
			changed++
		} else if r.Method != http.MethodGet && r.Status < http.StatusBadRequest {
			t.Errorf("%s changed nothing", r)
		}
	}
	if changed != want {
		t.Errorf("%d writes have changed the secret, want %d", changed, want)
	}
}

// lostAnswer lets a write happen, but not its answer arrive.
func lostAnswer(operation string) csmstest.Fault {
	return csmstest.Fault{Operation: operation, Status: http.StatusGatewayTimeout, AfterProcessing: true}
}

// forbidden is the answer to whoever lacks the permission for an operation.
func forbidden(operation string) csmstest.Fault {
	return csmstest.Fault{
		Operation: operation, Times: -1, Status: http.StatusForbidden,
		Body: `{"error_code":"KMS.0307","error_msg":"Your permissions are insufficient.","request_id":"{request_id}"}`,
	}
}

// assertWritesInOrder fails the test unless the mock saw these writes since the last ResetRequests,
// as in "PutStage GREEN", in this order.
func (m *mock) assertWritesInOrder(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for _, r := range m.Requests() {
		if r.Method != http.MethodGet {
			got = append(got, r.Operation+" "+r.Stage)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the provider wrote %q, want %q", got, want)
	}
}

// assertWrites fails the test unless the service saw these writes and no others, in any order,
// since the requests were last forgotten.
func (m *mock) assertWrites(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for _, r := range m.Requests() {
		if r.Method != http.MethodGet {
			got = append(got, strings.TrimSpace(r.Operation+" "+r.Stage))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the service saw the writes %q, want %q", got, want)
	}
}

// watcher acts after the service has processed a request, before its answer leaves.
type watcher struct {
	act atomic.Pointer[func(csmstest.Request)]
}

// newWatchedSecret is newSecret with a watcher of what becomes of the requests.
func newWatchedSecret(t *testing.T, opts ...csmstest.Option) (*mock, *watcher) {
	t.Helper()
	w := &watcher{}
	m := newSecret(t, append(opts, csmstest.WithRequestLog(func(r csmstest.Request) {
		if act := w.act.Load(); act != nil {
			(*act)(r)
		}
	}))...)
	return m, w
}

// afterFirst acts once, when the first call of an operation has been processed.
func (w *watcher) afterFirst(operation string, act func()) {
	var acted atomic.Bool
	once := func(r csmstest.Request) {
		if r.Operation == operation && acted.CompareAndSwap(false, true) {
			act()
		}
	}
	w.act.Store(&once)
}

// settings are the provider's attributes that point it at the mock.
func (m *mock) settings() map[string]any {
	return map[string]any{
		"region": csmstest.DefaultRegion, "access_key": csmstest.DefaultAccessKey, "secret_key": csmstest.DefaultSecretKey,
		"endpoint": m.url, "auth_url": m.url + "/v3",
	}
}

// on lets a fault meet one operation only.
func on(operation string, fault csmstest.Fault) csmstest.Fault {
	fault.Operation = operation
	return fault
}
