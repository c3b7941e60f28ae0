package provider_test

import (
	"net/http"
	"strings"
	"testing"
	"unicode"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// The lists of versions and stages that errors and warnings quote come from the service.
func TestDiagnostics_NothingThatATerminalObeysReachesADiagnostic(t *testing.T) {
	t.Parallel()
	for name, list := range map[string]string{
		"version": `{"version_metadatas":[{"id":"v1","version_stages":["SYSCURRENT"]},{"id":"v9\u001b[2J\r\nforged"}]}`,
		"stage":   `{"version_metadatas":[{"id":"v1","version_stages":["SYSCURRENT","\u001b]0;title\u0007"]}]}`,
	} {
		for action, a := range actions() {
			t.Run(name+" "+action, func(t *testing.T) {
				t.Parallel()
				m := newSecret(t)
				m.MoveStage("db", "BLUE", "v1")
				m.Fail(csmstest.Fault{Operation: "ListVersions", Times: -1, Status: http.StatusOK, Body: list})
				m.Fail(csmstest.Fault{Operation: "ShowStage", Times: -1, Status: http.StatusOK, Body: `{"stage":{"name":"x","version_id":"v9\u001b[31m"}}`})
				m.Fail(csmstest.Fault{Operation: "ListSecrets", Times: -1, Status: http.StatusOK, Body: `{"secrets":[{"name":"\u009b31m"}]}`})
				diagnostics := a.try(newTFServerWith(t, m.withoutRetries()))
				got := errorsOf(diagnostics) + warningsOf(diagnostics)
				isControl := func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }
				if strings.ContainsFunc(got, isControl) || strings.Contains(got, "\nforged") {
					t.Errorf("got %q", got)
				}
				if a.operation == "ListVersions" || a.operation == "ShowStage" || a.operation == "ListSecrets" {
					assertContains(t, got, "the answer is not what this operation returns")
				}
			})
		}
	}
}
