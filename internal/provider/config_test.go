package provider_test

import (
	"encoding/pem"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// eachAttribute is, for every attribute of the provider, a value that a call needs to
// succeed, and the variables that may hold it. The mock endpoint speaks TLS.
func eachAttribute(url, certificate string) map[string]struct {
	value     string
	variables []string
} {
	type attribute = struct {
		value     string
		variables []string
	}
	return map[string]attribute{
		"region":         {csmstest.DefaultRegion, []string{"HW_REGION_NAME", "OS_REGION_NAME"}},
		"access_key":     {"temporary-key", []string{"HW_ACCESS_KEY", "OS_ACCESS_KEY"}},
		"secret_key":     {"temporary-secret", []string{"HW_SECRET_KEY", "OS_SECRET_KEY"}},
		"security_token": {"temporary-token", []string{"HW_SECURITY_TOKEN"}},
		"endpoint":       {url, []string{"CSMS_ENDPOINT"}},
		"auth_url":       {url + "/v3", []string{"HW_AUTH_URL", "OS_AUTH_URL"}},
		"cacert_file":    {certificate, []string{"OS_CACERT"}},
	}
}

// newTLSSecret starts a mock endpoint with the secret "db" that speaks TLS and wants a
// temporary access key.
func newTLSSecret(t *testing.T) (m *mock, certificate string) {
	t.Helper()
	server := csmstest.New(csmstest.WithTemporaryCredentials("temporary-key", "temporary-secret", "temporary-token"))
	server.PutSecret(secretDB())
	listener := httptest.NewUnstartedServer(server)
	listener.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that refuse the certificate are meant to
	listener.StartTLS()
	t.Cleanup(listener.Close)
	certificate = filepath.Join(t.TempDir(), "ca.pem")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: listener.Certificate().Raw}
	if err := os.WriteFile(certificate, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	return &mock{Server: server, url: listener.URL}, certificate
}

func TestEnvironmentStandsInForEachAttribute(t *testing.T) {
	m, certificate := newTLSSecret(t)
	attributes := eachAttribute(m.url, certificate)
	settings := map[string]any{"cloud": "cloud.invalid", "max_retries": 0}
	for name, attribute := range attributes {
		settings[name] = attribute.value
	}
	for name, attribute := range attributes {
		for _, variable := range attribute.variables {
			t.Run(variable, func(t *testing.T) {
				if name == "security_token" {
					t.Skip("it goes with the key of the environment only, which another test looks at")
				}
				t.Setenv(variable, attribute.value)
				without := maps.Clone(settings)
				delete(without, name)
				if got := configureAndRead(t, without); got != "" {
					t.Errorf("%s is not taken from %s: %s", name, variable, got)
				}
			})
			t.Run(name+" before "+variable, func(t *testing.T) {
				t.Setenv(variable, "wrong")
				if got := configureAndRead(t, settings); got != "" {
					t.Errorf("%s does not win over %s: %s", name, variable, got)
				}
			})
		}
		if len(attribute.variables) == 2 {
			t.Run(attribute.variables[0]+" first", func(t *testing.T) {
				t.Setenv(attribute.variables[0], attribute.value)
				t.Setenv(attribute.variables[1], "wrong")
				without := maps.Clone(settings)
				delete(without, name)
				if got := configureAndRead(t, without); got != "" {
					t.Errorf("%s does not win over %s: %s", attribute.variables[0], attribute.variables[1], got)
				}
			})
		}
	}
}

func TestTokenFromTheEnvironmentIsSent(t *testing.T) {
	for _, variable := range []string{"HW_AUTH_TOKEN", "OS_AUTH_TOKEN"} {
		t.Run(variable, func(t *testing.T) {
			t.Setenv(variable, csmstest.DefaultToken)
			m := newSecret(t, csmstest.WithToken(csmstest.DefaultToken))
			settings := map[string]any{"region": csmstest.DefaultRegion, "endpoint": m.url, "auth_url": m.url}
			if got := configureAndRead(t, settings); got != "" {
				t.Error(got)
			}
			if got := m.Requests()[0].SignedBy; got != "token" {
				t.Errorf("the requests are signed by %s", got)
			}
		})
	}
}

func TestProjectFromTheEnvironmentIsNotLookedUp(t *testing.T) {
	for _, variable := range []string{"HW_PROJECT_ID", "OS_PROJECT_ID"} {
		t.Run(variable, func(t *testing.T) {
			t.Setenv(variable, csmstest.DefaultProjectID)
			m := newSecret(t)
			if got := configureAndRead(t, m.settings()); got != "" {
				t.Error(got)
			}
			m.assertRequests(t, map[string]int{"ListVersions": 1})
		})
	}
}

func TestCertificatesAreSkippedOnlyIfTheUserSaysSo(t *testing.T) {
	m, _ := newTLSSecret(t)
	settings := m.settings()
	settings["max_retries"] = 0
	assertContains(t, configureAndRead(t, settings), "certificate")
	for _, variable := range []string{"HW_INSECURE", "OS_INSECURE"} {
		t.Run(variable, func(t *testing.T) {
			t.Setenv(variable, "true")
			if got := configureAndRead(t, settings); got != "" {
				t.Error(got)
			}
			assertContains(t, configureAndRead(t, with(settings, "insecure", false)), "certificate")
		})
	}
}

func TestRetriesComeFromTheEnvironment(t *testing.T) {
	t.Setenv("HW_MAX_RETRIES", "0")
	m := newSecret(t)
	m.Fail(csmstest.Fault{Operation: "ListVersions", Status: http.StatusBadGateway, Times: -1})
	if got := configureAndRead(t, m.settings()); !strings.Contains(got, "502") {
		t.Error(got)
	}
	m.assertRequests(t, map[string]int{"ListProjects": 1, "ListVersions": 1})
}

func TestEnvironmentThatMakesNoSenseNamesTheVariable(t *testing.T) {
	for _, tt := range []struct{ variable, value, says string }{
		{"HW_MAX_RETRIES", "many", `HW_MAX_RETRIES is "many"; it must be a whole number from 0 to 100`},
		{"HW_MAX_RETRIES", "-1", `HW_MAX_RETRIES is "-1"`},
		{"HW_MAX_RETRIES", "101", `HW_MAX_RETRIES is "101"`},
		{"HW_INSECURE", "perhaps", `HW_INSECURE is "perhaps"; it must be true or false`},
		{"OS_INSECURE", "yes", `OS_INSECURE is "yes"`},
	} {
		t.Run(tt.variable+"="+tt.value, func(t *testing.T) {
			t.Setenv(tt.variable, tt.value)
			m := newSecret(t)
			assertContains(t, errorsOf(newUnconfiguredTFServer(t).configure(m.settings())), tt.says)
		})
	}
}

func TestUserAgentNamesProviderTerraformAndWhatTheUserAdds(t *testing.T) {
	t.Setenv("HW_TF_CUSTOM_UA", "pipeline/7")
	m := newSecret(t)
	if got := configureAndRead(t, m.settings()); got != "" {
		t.Fatal(got)
	}
	for _, r := range m.Requests() {
		assertContains(t, r.Header.Get("User-Agent"), "terraform-provider-csms/test terraform/1.14.0 pipeline/7")
	}
}

func TestIncompleteProviderBlockSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	full := map[string]any{"region": "cn-north-4", "access_key": "key", "secret_key": "secret"}
	for name, tt := range map[string]struct {
		missing []string
		says    []string
	}{
		"no secret key": {[]string{"secret_key"}, []string{"Missing credentials", "needs secret_key as well", "Set secret_key", "HW_SECRET_KEY"}},
		"no access key": {[]string{"access_key"}, []string{"Missing credentials", "needs access_key as well", "Set access_key", "HW_ACCESS_KEY"}},
		"no region":     {[]string{"region"}, []string{"Missing region", `region = "cn-north-4"`, "HW_REGION_NAME"}},
		"empty block":   {[]string{"region", "access_key", "secret_key"}, []string{"Missing region"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := maps.Clone(full)
			for _, attribute := range tt.missing {
				delete(settings, attribute)
			}
			got := errorsOf(newUnconfiguredTFServer(t).configure(settings))
			assertContains(t, got, tt.says...)
		})
	}
}

func TestProviderBlockThatCannotWorkIsRefusedWithoutItsSecrets(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		attribute string
		value     any
		says      string
	}{
		"ftp endpoint":           {"endpoint", "ftp://kms", "neither https nor http"},
		"endpoint with password": {"endpoint", "https://me:hush@kms", "holds a user name"},
		"endpoint with token":    {"endpoint", "https://kms?token=hush", "has a query"},
		"endpoint with typo":     {"endpoint", "https://kms/{regoin}", "{region}"},
		"auth_url with query":    {"auth_url", "https://iam?x=y", "auth_url"},
		"region with a blank":    {"region", "cn north", `"cn north" is not a region id`},
		"project with a slash":   {"project_id", "a/b", `"a/b" is not a project id`},
		"secret key from a file": {"secret_key", "hush\n", "the secret key holds a blank"},
		"no certificates":        {"cacert_file", "/does/not/exist.pem", "/does/not/exist.pem"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			got := errorsOf(newUnconfiguredTFServer(t).configure(with(m.settings(), tt.attribute, tt.value)))
			if !strings.Contains(got, tt.says) || strings.Contains(got, "hush") {
				t.Errorf("errors %q do not say %q, or say too much", got, tt.says)
			}
		})
	}
}

func TestProviderBlockIsValidated(t *testing.T) {
	t.Parallel()
	for attribute, value := range map[string]any{"region": "", "access_key": "", "endpoint": "", "max_retries": -1} {
		assertContains(t, newUnconfiguredTFServer(t).validateProvider(map[string]any{attribute: value}), attribute)
	}
	everything := map[string]any{}
	for _, a := range newUnconfiguredTFServer(t).schema.Provider.Block.Attributes {
		everything[a.Name] = unknown
	}
	if got := newUnconfiguredTFServer(t).validateProvider(everything); got != "" {
		t.Errorf("unknown values are refused: %s", got)
	}
}

func TestKeysAndTokensAreSensitive(t *testing.T) {
	t.Parallel()
	var sensitive []string
	for _, a := range newUnconfiguredTFServer(t).schema.Provider.Block.Attributes {
		if a.Sensitive {
			sensitive = append(sensitive, a.Name)
		}
	}
	for _, name := range []string{"access_key", "secret_key", "security_token", "token"} {
		if !slices.Contains(sensitive, name) {
			t.Errorf("%s is not sensitive", name)
		}
	}
}

func TestConfigureAsksNothing(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	newTFServer(t, m)
	m.assertRequests(t, map[string]int{})
}

func TestValidateNeedsNeitherCredentialsNorTheService(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	c := newCLI(t, m, greenOn("v1")+expiryOf("v1", year2090)+"data \"csms_secret_versions\" \"db\" {\n  secret_name = \"db\"\n}\n")
	c.env = append(c.env, "HW_ACCESS_KEY=", "HW_SECRET_KEY=", "HW_REGION_NAME=")
	c.must("validate")
	m.assertRequests(t, map[string]int{})
}

func TestNewResourcesArePlannedWhileTheProviderIsUnknown(t *testing.T) {
	t.Parallel()
	for _, a := range newUnconfiguredTFServer(t).schema.Provider.Block.Attributes {
		t.Run(a.Name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			w := newTFServerWith(t, with(m.settings(), a.Name, unknown))
			for typeName, config := range map[string]map[string]any{stageType: stage("GREEN", "v1"), expiryType: expiry("v1", year2090)} {
				if _, diagnostics := w.plan(instance{typeName: typeName}, config); len(diagnostics) > 0 {
					t.Errorf("%s: %s", typeName, errorsOf(diagnostics)+warningsOf(diagnostics))
				}
			}
			m.assertRequests(t, map[string]int{})
		})
	}
}

func TestWhatNeedsTheServiceSaysWhichProviderValueIsUnknown(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	w := newTFServerWith(t, with(with(m.settings(), "secret_key", unknown), "endpoint", unknown))
	_, read := w.read(managedExpiry(year2090))
	_, data := w.readData(versionsType, inSecretDB(nil))
	_, imported := w.importing(expiryType, "cn-north-4/db/v1", nil)
	_, importedHere := w.importing(stageType, "db/SYSCURRENT", nil)
	_, changed := w.change(managedExpiry(year2090), expiry("v1", farther))
	for name, diagnostics := range map[string][]*tfprotov6.Diagnostic{"read": read, "data": data, "import": imported, "import without region": importedHere, "change": changed} {
		got := errorsOf(diagnostics)
		if strings.Count(got, "Unable to") != 1 || !strings.Contains(got, "endpoint, secret_key depends on something that is not applied") || !strings.Contains(got, "-target") {
			t.Errorf("%s: errors %q", name, got)
		}
	}
}

func TestTerraformThatDefersIsToldThatTheProviderIsUnknown(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	w := newUnconfiguredTFServer(t)
	resp, err := w.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		Config:             w.dynamic(w.schema.Provider.ValueType(), with(m.settings(), "secret_key", unknown)),
		ClientCapabilities: &tfprotov6.ConfigureProviderClientCapabilities{DeferralAllowed: true},
	})
	if err != nil || len(resp.Diagnostics) > 0 {
		t.Fatal(err, errorsOf(resp.Diagnostics))
	}
	for typeName, config := range map[string]map[string]any{stageType: stage("GREEN", "v1"), expiryType: expiry("v1", year2090)} {
		planned, err := w.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
			TypeName: typeName, PriorState: w.dynamic(w.typeOf(typeName), nil),
			ProposedNewState: w.dynamic(w.typeOf(typeName), w.proposed(instance{typeName: typeName}, config)), Config: w.dynamic(w.typeOf(typeName), config),
			ClientCapabilities: &tfprotov6.PlanResourceChangeClientCapabilities{DeferralAllowed: true},
		})
		if err != nil || planned.Deferred == nil || planned.Deferred.Reason != tfprotov6.DeferredReasonProviderConfigUnknown {
			t.Errorf("%s: %v, %+v, %s", typeName, err, planned.Deferred, errorsOf(planned.Diagnostics))
		}
	}
	m.assertRequests(t, map[string]int{})
}

// keyFrom takes the provider's access key from a resource, so that it is known after
// apply whenever that resource changes.
func (m *mock) keyFrom(release string) string {
	return strings.Replace(m.config(greenOn("v1")), `"`+csmstest.DefaultAccessKey+`"`, "terraform_data.key.output", 1) + `
resource "terraform_data" "key" {
  input            = "mock-access-key"
  triggers_replace = "` + release + `"
}
`
}

func TestProviderConfiguredFromAResourceWorksInOneApply(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	acceptance(t,
		resource.TestStep{Config: m.keyFrom("1.0")},
		resource.TestStep{Config: m.keyFrom("2.0"), ExpectError: regexp.MustCompile(`(?s)configuration\s+is\s+not\s+known\s+yet:\s+access_key\s+depends`)},
		resource.TestStep{Config: m.keyFrom("1.0")},
	)
}

// configureAndRead configures a provider, makes a call with it and returns the errors.
func configureAndRead(t *testing.T, settings map[string]any) string {
	t.Helper()
	w := newUnconfiguredTFServer(t)
	if got := errorsOf(w.configure(settings)); got != "" {
		return got
	}
	_, diagnostics := w.readData(versionsType, inSecretDB(nil))
	return errorsOf(diagnostics)
}

func (s *tfServer) validateProvider(settings map[string]any) string {
	s.t.Helper()
	resp, err := s.ValidateProviderConfig(s.t.Context(), &tfprotov6.ValidateProviderConfigRequest{
		Config: s.dynamic(s.schema.Provider.ValueType(), settings),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	var attributes string
	for _, d := range resp.Diagnostics {
		attributes += d.Attribute.String()
	}
	return attributes + errorsOf(resp.Diagnostics)
}
