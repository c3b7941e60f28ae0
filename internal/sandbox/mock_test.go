package sandbox_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/sandbox"
)

func TestMockTellsItsVariablesAndThenItsRequests(t *testing.T) {
	t.Parallel()
	s, err := sandbox.Build(t.Context(), t.TempDir(), "internal/cmd/csms-mock")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("while it runs", func(t *testing.T) {
		t.Parallel()
		var told []string
		mock, err := s.StartMock(t.Context(), func(line string) { told = append(told, line) })
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(mock.Stop)
		if mock.Variables["HW_SECRET_KEY"] == "" || mock.Variables["HW_AUTH_URL"] != mock.Variables["CSMS_ENDPOINT"]+"/v3" {
			t.Errorf("the variables are %v", mock.Variables)
		}
		call(t, mock.Variables["CSMS_ENDPOINT"]+"/v1/project/secrets/named-here/versions")
		mock.Stop()
		if !slices.ContainsFunc(told, func(line string) bool { return strings.Contains(line, "named-here") }) {
			t.Errorf("the request is not told of in %q", told)
		}
	})
	t.Run("unless it cannot start", func(t *testing.T) {
		t.Parallel()
		_, err := s.StartMock(t.Context(), func(string) {}, "-seed", "missing.yaml")
		if err == nil || !strings.Contains(err.Error(), "missing.yaml") {
			t.Errorf("the error is %v, want what the mock complained of", err)
		}
	})
}

func call(t *testing.T, url string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
}
