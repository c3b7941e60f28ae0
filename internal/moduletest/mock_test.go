package moduletest_test

import (
	"net/http/httptest"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// startMock starts the command as a module author does, with a seed, and returns the variables that it prints.
func (b binaries) startMock(t *testing.T, seed string) map[string]string {
	t.Helper()
	mock, err := b.StartMock(t.Context(), "-seed", seed)
	if err != nil {
		t.Fatalf("the mock endpoint did not start with the seed %s: %v", seed, err)
	}
	t.Cleanup(mock.Stop)
	return mock.Variables
}

// newMock serves a mock endpoint from within the test, which can then act as others do. No value of a secret may ever be read.
func newMock(t *testing.T, opts ...csmstest.Option) (*csmstest.Server, map[string]string) {
	t.Helper()
	mock := csmstest.New(opts...)
	listener := httptest.NewServer(mock)
	t.Cleanup(func() {
		mock.Close()
		listener.Close()
		if n := mock.Count("ShowVersion"); n > 0 {
			t.Errorf("a secret's value was read %d times", n)
		}
	})
	return mock, csmstest.Variables(listener.URL)
}
