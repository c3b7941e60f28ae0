package csmstest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func seedSchema(t *testing.T) *openapi3.Schema {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromData([]byte(csmstest.OpenAPI()))
	if err != nil {
		t.Fatal(err)
	}
	return document.Components.Schemas["Seed"].Value
}

func TestTheSchemaOfSeedsAgreesWithWhatIsRead(t *testing.T) {
	t.Parallel()
	schema := seedSchema(t)
	for name, try := range map[string]struct {
		seed string
		fine bool
	}{
		"a bare secret": {`{"secrets":[{"name":"a"}]}`, true},
		"no secrets":    {`{"secrets":[]}`, true},
		"everything": {`{"secrets":[{"name":"a.b","id":"x","state":"FROZEN","secret_type":"RDS-FG","kms_key_id":"k","description":"d",
			"enterprise_project_id":"0","auto_rotation":true,"rotation_period":"7d","rotation_config":"c","rotation_func_urn":"u",
			"event_subscriptions":["e"],"tags":{"a":"b"},"create_time":"2026-01-01T00:00:00Z","versions":[{"id":"v1",
			"stages":["A"],"kms_key_id":"k","create_time":"2026-01-01T00:00:00Z","expire_time":"2030-01-01T08:00:00+08:00",
			"value":"x","binary":"eA=="}]}]}`, true},
		"no list":           {`{}`, false},
		"no name":           {`{"secrets":[{}]}`, false},
		"a bad name":        {`{"secrets":[{"name":"a/b"}]}`, false},
		"a bad state":       {`{"secrets":[{"name":"a","state":"GONE"}]}`, false},
		"a bad type":        {`{"secrets":[{"name":"a","secret_type":"OTHER"}]}`, false},
		"two subscriptions": {`{"secrets":[{"name":"a","event_subscriptions":["e","f"]}]}`, false},
		"a bad version":     {`{"secrets":[{"name":"a","versions":[{"id":"1"}]}]}`, false},
		"a bad label":       {`{"secrets":[{"name":"a","versions":[{"id":"v1","stages":["a.b"]}]}]}`, false},
		"an unknown member": {`{"secrets":[{"name":"a","version":[]}]}`, false},
		"unknown in one":    {`{"secrets":[{"name":"a","versions":[{"id":"v1","labels":[]}]}]}`, false},
		"milliseconds":      {`{"secrets":[{"name":"a","versions":[{"id":"v1","expire_time":1893456000000}]}]}`, false},
		"a long tag":        {`{"secrets":[{"name":"a","tags":{"a":"` + strings.Repeat("b", 256) + `"}}]}`, false},
		"too many versions": {`{"secrets":[{"name":"a","versions":[` + strings.Repeat(`{"id":"v1"},`, 20) + `{"id":"v2"}]}]}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var value any
			if err := json.Unmarshal([]byte(try.seed), &value); err != nil {
				t.Fatal(err)
			}
			if err := schema.VisitJSON(value); (err == nil) != try.fine {
				t.Errorf("the schema says %v", err)
			}
			if _, err := csmstest.ReadSeed(strings.NewReader(try.seed)); (err == nil) != try.fine {
				t.Errorf("reading says %v", err)
			}
		})
	}
}

func TestSeedsThatAreGivenAwayAgreeWithTheirSchema(t *testing.T) {
	t.Parallel()
	schema := seedSchema(t)
	demo, err := json.Marshal(map[string]any{"secrets": csmstest.DemoSecrets(instant)})
	if err != nil {
		t.Fatal(err)
	}
	example, err := json.Marshal(schema.Example)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range [][]byte{demo, example} {
		var value any
		if err := json.Unmarshal(text, &value); err != nil {
			t.Fatal(err)
		}
		if err := schema.VisitJSON(value); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if secrets, err := csmstest.ReadSeed(strings.NewReader(string(text))); err != nil || len(secrets) == 0 {
			t.Errorf("%s: %v", text, err)
		}
	}
}
