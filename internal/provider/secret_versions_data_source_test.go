package provider_test

import (
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

const versionsType = "csms_secret_versions"

func TestDataSourceSecretVersions_AreListedByNumberWithTheirStages(t *testing.T) {
	t.Parallel()
	for name, order := range map[string]csmstest.VersionOrder{"oldest first": csmstest.Ascending, "newest first": csmstest.Descending} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMock(t, csmstest.WithVersionOrder(order))
			m.PutSecret(csmstest.Secret{Name: "db", Versions: []csmstest.Version{
				{ID: "v2", Stages: []string{"SYSPREVIOUS"}}, {ID: "v9"}, {ID: "v10", Stages: []string{"SYSCURRENT", "GREEN"}},
			}})
			const db = "data.csms_secret_versions.db"
			acceptance(t, resource.TestStep{
				Config: m.config("data \"csms_secret_versions\" \"db\" {\n  secret_name = \"db\"\n}\n"),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(db, tfjsonpath.New("latest_version_id"), knownvalue.StringExact("v10")),
					statecheck.ExpectKnownValue(db, tfjsonpath.New("stages"), knownvalue.MapExact(map[string]knownvalue.Check{
						"SYSPREVIOUS": knownvalue.StringExact("v2"), "SYSCURRENT": knownvalue.StringExact("v10"), "GREEN": knownvalue.StringExact("v10"),
					})),
					statecheck.ExpectKnownValue(db, tfjsonpath.New("versions"), knownvalue.ListExact([]knownvalue.Check{
						listedVersion("v2", "SYSPREVIOUS"), listedVersion("v9"), listedVersion("v10", "GREEN", "SYSCURRENT"),
					})),
				},
			})
			if n := m.Count("ShowStage") + m.Count("ShowSecret"); n > 0 {
				t.Errorf("the list alone tells it all, but %d more calls were made", n)
			}
		})
	}
}

func listedVersion(id string, names ...string) knownvalue.Check {
	return knownvalue.ObjectPartial(map[string]knownvalue.Check{
		"version_id": knownvalue.StringExact(id), "version_stages": stages(names...),
		"expire_time": knownvalue.Null(), "expired": knownvalue.Bool(false), "create_time": knownvalue.NotNull(),
	})
}

func TestDataSourceSecretVersions_OfASecretWithoutAnyAreNone(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	for _, version := range []string{"v1", "v2", "v3"} {
		m.DeleteVersion("db", version)
	}
	s := newTFServer(t, m)
	got, diagnostics := s.readData(versionsType, inSecretDB(nil))
	s.must(diagnostics)
	if latest, ok := got["latest_version_id"]; ok {
		t.Errorf("the latest version is %v, want null", latest)
	}
}

func TestDataSourceSecretVersions_OfAMissingSecretAreAnError(t *testing.T) {
	t.Parallel()
	forEachExpiryVariant(t, func(t *testing.T, m *mock) {
		_, diagnostics := newTFServer(t, m).readData(versionsType, map[string]any{"secret_name": "nothing"})
		assertContains(t, errorsOf(diagnostics), "Unable to read CSMS secret versions", `secret "nothing"`, "CSMS.0106", "request id", "Check its name")
	})
}

func TestDataSourceSecretVersions_AreReadInEveryStateOfTheSecret(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"DISABLED", "FROZEN", "PENDING_DELETE"} {
		m := newSecret(t)
		m.SetState("db", state)
		s := newTFServer(t, m)
		got, diagnostics := s.readData(versionsType, inSecretDB(nil))
		s.must(diagnostics)
		if got["latest_version_id"] != "v3" {
			t.Errorf("%s: %v", state, got)
		}
	}
}

func TestDataSourceSecretVersions_SecretThatMayNotBeReadSaysItsState(t *testing.T) {
	t.Parallel()
	m := newSecret(t, csmstest.WithInactiveSecretReadsRefused())
	m.SetState("db", "DISABLED")
	for _, typeName := range []string{versionsType, versionType} {
		_, diagnostics := newTFServer(t, m).readData(typeName, inSecretDB(nil))
		assertContains(t, errorsOf(diagnostics), "CSMS.0109", "Make it ENABLED again")
	}
}

func TestDataSourceSecretVersions_TheLatestVersionIsTheOneWithTheHighestNumber(t *testing.T) {
	t.Parallel()
	m := newMock(t)
	list := `{"version_metadatas":[{"id":"legacy","create_time":1581507580000},{"id":"v10","create_time":1581507580000},{"id":"v2","create_time":1581507580000}]}`
	m.Fail(csmstest.Fault{Operation: "ListVersions", Status: http.StatusOK, Body: list})
	s := newTFServer(t, m)
	resp, err := s.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: "csms_secret_versions",
		Config:   s.dynamic(s.schema.DataSourceSchemas["csms_secret_versions"].ValueType(), map[string]any{"secret_name": "db"}),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.must(resp.Diagnostics)
	state := s.strings(resp.State, s.schema.DataSourceSchemas["csms_secret_versions"].ValueType())
	if state["latest_version_id"] != "v10" {
		t.Errorf("the latest version is %v, want v10", state["latest_version_id"])
	}
}

func TestDataSourceSecretVersions_AKeyThatTheServiceDoesNotTellIsNull(t *testing.T) {
	t.Parallel()
	m := newMock(t)
	m.Fail(csmstest.Fault{Operation: "ListVersions", Status: http.StatusOK, Body: `{"version_metadatas":[{"id":"v1","create_time":1581507580000}]}`})
	s := newTFServer(t, m)
	typ := s.schema.DataSourceSchemas["csms_secret_version"].ValueType()
	resp, err := s.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: "csms_secret_version", Config: s.dynamic(typ, map[string]any{"secret_name": "db", "version_id": "v1"}),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.must(resp.Diagnostics)
	if state := s.strings(resp.State, typ); state["version_id"] != "v1" || state["kms_key_id"] != nil {
		t.Errorf("the state has %v", state)
	}
}
