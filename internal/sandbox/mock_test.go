package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/sandbox"
)

func TestMockServesWhereItsVariablesPoint(t *testing.T) {
	t.Parallel()
	s, err := sandbox.Build(t.Context(), t.TempDir(), "internal/cmd/csms-mock")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("while it runs", func(t *testing.T) {
		t.Parallel()
		mock, err := s.StartMock(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(mock.Stop)
		url := mock.Variables["CSMS_ENDPOINT"]
		if mock.Variables["HW_SECRET_KEY"] == "" || mock.Variables["HW_AUTH_URL"] != url+"/v3" {
			t.Errorf("the variables are %v", mock.Variables)
		}
		for range 1000 { // prints more than a pipe holds, if nobody reads
			if err := call(t, url+"/v1/"+strings.Repeat("x", 200)); err != nil {
				t.Fatal(err)
			}
		}
		mock.Stop()
		if call(t, url) == nil {
			t.Error("it still serves when it is stopped")
		}
	})
	t.Run("unless it cannot start", func(t *testing.T) {
		t.Parallel()
		_, err := s.StartMock(t.Context(), "-seed", "missing.yaml")
		if err == nil || !strings.Contains(err.Error(), "missing.yaml") {
			t.Errorf("the error is %v, want what the mock complained of", err)
		}
	})
}

func call(t *testing.T, url string) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
