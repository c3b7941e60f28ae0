package provider_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

const versionType = "csms_secret_version"

func TestDataSourceSecretVersion_IsFoundByIDOrByStage(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		choice         map[string]any
		version, stage any
	}{
		"SYSCURRENT by default": {nil, "v2", "SYSCURRENT"},
		"by stage":              {map[string]any{"stage": "SYSPREVIOUS"}, "v1", "SYSPREVIOUS"},
		"by id":                 {map[string]any{"version_id": "v3"}, "v3", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachExpiryVariant(t, func(t *testing.T, m *mock) {
				s := newTFServer(t, m)
				got, diagnostics := s.readData(versionType, inSecretDB(tt.choice))
				s.must(diagnostics)
				if got["version_id"] != tt.version || got["stage"] != tt.stage || got["region"] != "cn-north-4" || got["kms_key_id"] == "" {
					t.Errorf("found %v", got)
				}
			})
		})
	}
}

func TestDataSourceSecretVersion_ThatIsMissingNamesWhatThereIs(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		choice map[string]any
		says   []string
	}{
		"stage":   {map[string]any{"stage": "GREEN"}, []string{`stage "GREEN"`, "there is no such stage: the secret has 2 of at most 12 stages: SYSCURRENT (on v2), SYSPREVIOUS (on v1)"}},
		"version": {map[string]any{"version_id": "v9"}, []string{`version "v9"`, "there is no such version: the secret has v1, v2, v3"}},
		"secret":  {map[string]any{"secret_name": "nothing"}, []string{`secret "nothing"`, "CSMS.0106", "Check its name"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachExpiryVariant(t, func(t *testing.T, m *mock) {
				_, diagnostics := newTFServer(t, m).readData(versionType, inSecretDB(tt.choice))
				assertContains(t, errorsOf(diagnostics), append(tt.says, "Unable to read CSMS secret version")...)
			})
		})
	}
}

func TestDataSourceSecretVersion_InASecretWithoutStagesSaysSo(t *testing.T) {
	t.Parallel()
	m := newMock(t)
	m.PutSecret(csmstest.Secret{Name: "db", Versions: []csmstest.Version{{ID: "v1"}}})
	_, diagnostics := newTFServer(t, m).readData(versionType, inSecretDB(nil))
	assertContains(t, errorsOf(diagnostics), "the secret has no stages")
}

func TestDataSourceSecretVersion_IsAskedForByOneKey(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		choice map[string]any
		says   string
	}{
		"both":        {map[string]any{"stage": "GREEN", "version_id": "v1"}, "cannot be configured together"},
		"latest":      {map[string]any{"version_id": "latest"}, "latest_version_id of the data source csms_secret_versions"},
		"odd stage":   {map[string]any{"stage": "a/b"}, "such as SYSCURRENT or blue"},
		"odd region":  {map[string]any{"region": "a b"}, "must be the id of a region"},
		"odd secret":  {map[string]any{"secret_name": "a b"}, "such as db-password"},
		"all unknown": {map[string]any{"secret_name": unknown, "stage": unknown, "region": unknown}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := newUnconfiguredTFServer(t).validateData(versionType, inSecretDB(tt.choice))
			if tt.says == "" && got != "" || !strings.Contains(got, tt.says) {
				t.Errorf("errors %q, want %q", got, tt.says)
			}
		})
	}
}

func TestDataSourceSecretVersion_TellsItsExpiryAndWhetherItHasPassed(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	m.setExpiry(t, "v1", longAgo)
	m.setExpiry(t, "v2", year2090)
	acceptance(t, resource.TestStep{
		Config: m.config(`
data "csms_secret_version" "each" {
  count       = 3
  secret_name = "db"
  version_id  = "v${count.index + 1}"
}
`),
		ConfigStateChecks: []statecheck.StateCheck{
			hasVersion("data.csms_secret_version.each[0]", "expire_time", knownvalue.StringExact(longAgo)),
			hasVersion("data.csms_secret_version.each[0]", "expired", knownvalue.Bool(true)),
			hasVersion("data.csms_secret_version.each[1]", "expire_time", knownvalue.StringExact(year2090)),
			hasVersion("data.csms_secret_version.each[1]", "expired", knownvalue.Bool(false)),
			hasVersion("data.csms_secret_version.each[1]", "version_stages", stages("SYSCURRENT")),
			hasVersion("data.csms_secret_version.each[2]", "expire_time", knownvalue.Null()),
			hasVersion("data.csms_secret_version.each[2]", "expired", knownvalue.Bool(false)),
			hasVersion("data.csms_secret_version.each[2]", "version_stages", stages()),
			hasVersion("data.csms_secret_version.each[2]", "stage", knownvalue.Null()),
		},
	})
}

func TestDataSourceSecretVersion_WhoseAnswerNamesNoStagesHasNone(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	m.Fail(csmstest.Fault{Operation: "ListVersions", Status: http.StatusOK, Body: `{"version_metadatas":[{"id":"v1"}]}`, Times: -1})
	acceptance(t, resource.TestStep{
		Config:            m.config("data \"csms_secret_version\" \"v1\" {\n  secret_name = \"db\"\n  version_id  = \"v1\"\n}\n"),
		ConfigStateChecks: []statecheck.StateCheck{hasVersion("data.csms_secret_version.v1", "version_stages", stages())},
	})
}

func hasVersion(address, attribute string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), check)
}

// stages are exactly these stages, in this order.
func stages(names ...string) knownvalue.Check {
	checks := make([]knownvalue.Check, len(names))
	for i, name := range names {
		checks[i] = knownvalue.StringExact(name)
	}
	return knownvalue.ListExact(checks)
}

// inSecretDB is the configuration of a data source about the secret "db".
func inSecretDB(further map[string]any) map[string]any {
	config := map[string]any{"secret_name": "db"}
	maps.Copy(config, further)
	return config
}
