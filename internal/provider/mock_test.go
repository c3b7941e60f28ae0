package provider_test

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/provider"
)

// mock is a CSMS of one test's own, listening on loopback.
type mock struct {
	*csmstest.Server
	url string
}

// newMock starts a mock endpoint and stops it with the test. No test may ever have
// made the provider ask for a secret's value.
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

// newSecret starts a mock endpoint with the secret "db": v1 is SYSPREVIOUS, v2 is
// SYSCURRENT, v3 has no label.
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

// counts fails the test unless the mock saw exactly these operations since the last
// ResetRequests.
func (m *mock) counts(t *testing.T, want map[string]int) {
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
