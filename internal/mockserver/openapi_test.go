package mockserver_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/mockserver"
)

func readDescription(t *testing.T) *openapi3.T {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromData([]byte(mockserver.OpenAPI()))
	if err != nil {
		t.Fatal(err)
	}
	return document
}

func TestDescriptionIsServedAndValidOpenAPI(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.url = serve(t, c.mock, mockserver.Handler(c.mock, mockserver.Access{})).url
	got := c.do(http.MethodGet, "/openapi.yaml", "")
	if got.body != mockserver.OpenAPI() || got.header.Get("Content-Type") != "application/yaml" {
		t.Errorf("got %d, %v", got.status, got.header)
	}
	if err := readDescription(t).Validate(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestDescriptionHasTheOperationsThatAreServed(t *testing.T) {
	t.Parallel()
	const anyControlCall = "control"
	described := map[string]string{}
	for path, item := range readDescription(t).Paths.Map() {
		for method, operation := range item.Operations() {
			described[method+" "+path] = operation.OperationID
			if slices.Contains(operation.Tags, anyControlCall) {
				described[method+" "+path] = anyControlCall
			}
		}
	}
	served := csmstest.Routes()
	for _, pattern := range mockserver.ControlPatterns() {
		served[pattern] = anyControlCall
	}
	if !maps.Equal(described, served) {
		t.Errorf("described are\n%v\nserved are\n%v", described, served)
	}
}

func TestSchemaOfSeedsAgreesWithWhatIsRead(t *testing.T) {
	t.Parallel()
	schema := readDescription(t).Components.Schemas["Seed"].Value
	version := func(members string) string { return `{"secrets":[{"name":"a","versions":[` + members + `]}]}` }
	for name, try := range map[string]struct {
		seed string
		fine bool
	}{
		"a bare secret": {`{"secrets":[{"name":"a"}]}`, true},
		"no secrets":    {`{"secrets":[]}`, true},
		"a region":      {`{"projects":[{"name":"cn-east-3","secrets":[{"name":"a"}]}]}`, true},
		"a project":     {`{"projects":[{"name":"cn-east-3_b","project_id":"x"}]}`, true},
		"everything": {`{"secrets":[{"name":"a.b","id":"x","state":"FROZEN","secret_type":"RDS-FG","kms_key_id":"k",
			"description":"d","enterprise_project_id":"0","auto_rotation":true,"rotation_period":"7d",
			"rotation_config":"c","rotation_func_urn":"u","event_subscriptions":["e"],"tags":{"a":"b"},
			"create_time":"2026-01-01T00:00:00Z","update_time":"2026-01-01T00:00:00Z","last_version":7,
			"scheduled_delete_time":"2026-01-01T00:00:00Z","stage_update_times":{"A":"2026-01-01T00:00:00Z"},
			"versions":[{"id":"v1","stages":["A"],"kms_key_id":"k","create_time":"2026-01-01T00:00:00Z",
			"expire_time":"2030-01-01T08:00:00+08:00","value":"x","binary":"eA=="}]}]}`, true},
		"no list":           {`{}`, false},
		"no name":           {`{"secrets":[{}]}`, false},
		"no project's name": {`{"projects":[{"secrets":[]}]}`, false},
		"no region's name":  {`{"projects":[{"name":"A/b"}]}`, false},
		"a bad name":        {`{"secrets":[{"name":"a/b"}]}`, false},
		"a bad state":       {`{"secrets":[{"name":"a","state":"GONE"}]}`, false},
		"a bad type":        {`{"secrets":[{"name":"a","secret_type":"OTHER"}]}`, false},
		"two subscriptions": {`{"secrets":[{"name":"a","event_subscriptions":["e","f"]}]}`, false},
		"an unknown member": {`{"secrets":[{"name":"a","version":[]}]}`, false},
		"a long tag":        {`{"secrets":[{"name":"a","tags":{"a":"` + strings.Repeat("b", 256) + `"}}]}`, false},
		"a bad version":     {version(`{"id":"1"}`), false},
		"a bad stage":       {version(`{"id":"v1","stages":["a.b"]}`), false},
		"unknown in one":    {version(`{"id":"v1","stage":[]}`), false},
		"milliseconds":      {version(`{"id":"v1","expire_time":1893456000000}`), false},
		"too many versions": {version(strings.Repeat(`{"id":"v1"},`, 20) + `{"id":"v2"}`), false},
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
			if _, err := mockserver.ReadSeed(strings.NewReader(try.seed)); (err == nil) != try.fine {
				t.Errorf("reading says %v", err)
			}
		})
	}
}

func TestSeedsThatAreGivenAwayAgreeWithTheirSchema(t *testing.T) {
	t.Parallel()
	schema := readDescription(t).Components.Schemas["Seed"].Value
	for name, seed := range map[string]any{
		"demo":    map[string]any{"secrets": mockserver.DemoSecrets(instant)},
		"example": schema.Example,
	} {
		text, err := json.Marshal(seed)
		if err != nil {
			t.Fatal(err)
		}
		var value any
		if err := json.Unmarshal(text, &value); err != nil {
			t.Fatal(err)
		}
		if err := schema.VisitJSON(value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		content, err := mockserver.ReadSeed(strings.NewReader(string(text)))
		if err != nil || len(content[csmstest.DefaultProjectID].Secrets) == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
