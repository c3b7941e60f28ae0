package provider_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// newSecrets starts a mock endpoint with two secrets that have an expiry each: "api" has one
// version, "db" is the usual one.
func newSecrets(t *testing.T, options ...csmstest.Option) *mock {
	t.Helper()
	m := newSecret(t, options...)
	m.addAPI(t)
	return m
}

func (m *mock) addAPI(t *testing.T) {
	t.Helper()
	m.PutSecret(csmstest.Secret{Name: "api"})
	m.setExpiry(t, "v1", year2090)
	m.SetExpiry("api", "v1", m.Expiry("db", "v1"))
}

func TestList_EveryStageAndEveryExpiryIsListed(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		typeName string
		config   map[string]any
		want     []string
	}{
		"stages of the project":   {stageType, nil, []string{"api/SYSCURRENT", "db/SYSPREVIOUS", "db/SYSCURRENT"}},
		"stages of a secret":      {stageType, inSecretDB(nil), []string{"db/SYSPREVIOUS", "db/SYSCURRENT"}},
		"stages of the region":    {stageType, map[string]any{"region": "cn-north-4"}, []string{"api/SYSCURRENT", "db/SYSPREVIOUS", "db/SYSCURRENT"}},
		"expiries of the project": {expiryType, nil, []string{"api/v1", "db/v1"}},
		"expiries of a secret":    {expiryType, inSecretDB(nil), []string{"db/v1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachExpiryVariant(t, func(t *testing.T, m *mock) {
				m.addAPI(t)
				found := newTFServer(t, m).list(tt.typeName, tt.config, 0, false)
				if got := displayNames(found); !slices.Equal(got, tt.want) {
					t.Errorf("found %v, want %v", got, tt.want)
				}
			})
		})
	}
}

func TestList_ListedObjectsAreIdentifiedAsTheirResourcesAre(t *testing.T) {
	t.Parallel()
	m := newSecrets(t)
	for _, typeName := range []string{stageType, expiryType} {
		s := newTFServer(t, m)
		for _, found := range s.list(typeName, nil, 0, true) {
			listed := instance{typeName: typeName, identity: found.Identity, state: s.strings(found.Resource, s.typeOf(typeName))}
			imported, diagnostics := s.importing(typeName, "", s.identityOf(listed))
			s.must(diagnostics)
			if fmt.Sprint(imported.state) != fmt.Sprint(listed.state) || fmt.Sprint(s.identityOf(imported)) != fmt.Sprint(s.identityOf(listed)) {
				t.Errorf("%s is listed as %v and imported as %v", found.DisplayName, listed.state, imported.state)
			}
		}
	}
}

func TestList_ListedExpiryCostsNoCallOfItsOwn(t *testing.T) {
	t.Parallel()
	m := newSecrets(t)
	newTFServer(t, m).list(expiryType, nil, 0, true)
	m.assertRequests(t, map[string]int{"ListProjects": 1, "ListSecrets": 1, "ListVersions": 2})
}

func TestList_ListedStageCostsACallOnlyIfTheWholeResourceIsWanted(t *testing.T) {
	t.Parallel()
	for whole, calls := range map[bool]int{false: 0, true: 3} {
		m := newSecrets(t)
		newTFServer(t, m).list(stageType, nil, 0, whole)
		if n := m.Count("ShowStage"); n != calls {
			t.Errorf("whole resources wanted: %t, stages were read %d times, want %d", whole, n, calls)
		}
	}
}

func TestList_EndsAtTheLimitAndAsksNoFurther(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int64][]string{
		1:   {"api/SYSCURRENT"},
		2:   {"api/SYSCURRENT", "db/SYSPREVIOUS"},
		100: {"api/SYSCURRENT", "db/SYSPREVIOUS", "db/SYSCURRENT"},
	} {
		m := newSecrets(t)
		if got := displayNames(newTFServer(t, m).list(stageType, nil, limit, false)); !slices.Equal(got, want) {
			t.Errorf("limit %d: found %v, want %v", limit, got, want)
		}
		if n := m.Count("ListVersions"); limit == 1 && n != 1 {
			t.Errorf("the limit was reached in the first secret, but %d were looked at", n)
		}
	}
}

func TestList_GoesOnBehindASecretThatCannotBeRead(t *testing.T) {
	t.Parallel()
	m := newSecrets(t, csmstest.WithInactiveSecretReadsRefused())
	m.SetState("api", "DISABLED")
	found := newTFServer(t, m).list(stageType, nil, 0, false)
	assertContains(t, warningsOf(found[0].Diagnostics), "is not enabled: api:", `secret "api"`, "CSMS.0109")
	if got := displayNames(found[1:]); !slices.Equal(got, []string{"db/SYSPREVIOUS", "db/SYSCURRENT"}) {
		t.Errorf("then found %v", got)
	}
}

func TestList_ThatCannotBeginSaysWhy(t *testing.T) {
	t.Parallel()
	denied := csmstest.Fault{Status: http.StatusForbidden, Body: `{"error_code":"APIGW.0302","error_msg":"Not authorized."}`, Times: -1}
	for name, tt := range map[string]struct {
		fault  csmstest.Fault
		config map[string]any
		says   []string
	}{
		"secrets denied":  {on("ListSecrets", denied), nil, []string{"Unable to list CSMS secrets", "csms:secret:list;", "region cn-north-4", "APIGW.0302"}},
		"versions denied": {on("ListVersions", denied), inSecretDB(nil), []string{"Unable to list CSMS secret versions", "csms:secret:listVersion;", `secret "db"`}},
		"no such secret":  {csmstest.Fault{Times: -1}, map[string]any{"secret_name": "nothing"}, []string{`secret "nothing"`, "CSMS.0106", "Check its name"}},
		"another region":  {csmstest.Fault{Times: -1}, map[string]any{"region": "cn-east-3"}, []string{"region cn-east-3", "{region}"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecrets(t)
			m.Fail(tt.fault)
			found := newTFServer(t, m).list(stageType, tt.config, 0, false)
			if len(found) != 1 {
				t.Errorf("%d results, want the error alone", len(found))
			}
			assertContains(t, errorsOf(found[0].Diagnostics), tt.says...)
		})
	}
}

func TestList_ListedStageThatGoesMeanwhileIsTold(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	m.Fail(csmstest.Fault{Operation: "ShowStage", Do: func() { m.DeleteStage("db", "SYSPREVIOUS") }})
	found := newTFServer(t, m).list(stageType, nil, 0, true)
	if got := errorsOf(found[0].Diagnostics); len(found) != 2 || !strings.Contains(got, `Unable to read listed CSMS object`) || !strings.Contains(got, `stage "SYSPREVIOUS"`) {
		t.Errorf("%d results, errors %q", len(found), got)
	}
}

func TestList_OfAnUnknownProviderConfigurationSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	found := newTFServerWith(t, with(m.settings(), "secret_key", unknown)).list(stageType, nil, 0, false)
	assertContains(t, errorsOf(found[0].Diagnostics), "secret_key depends on something that is not applied")
}

func TestList_MistypedListIsRefused(t *testing.T) {
	t.Parallel()
	for _, typeName := range []string{stageType, expiryType} {
		for attribute, says := range map[string]string{"secret_name": "such as db-password", "region": "such as cn-north-4"} {
			assertContains(t, newUnconfiguredTFServer(t).validateList(typeName, map[string]any{attribute: "a b"}), says)
		}
		if got := newUnconfiguredTFServer(t).validateList(typeName, map[string]any{"secret_name": unknown, "region": unknown}); got != "" {
			t.Error(got)
		}
	}
}

func displayNames(found []tfprotov6.ListResourceResult) []string {
	var names []string
	for _, f := range found {
		names = append(names, f.DisplayName)
	}
	return names
}

// list lists like terraform query; limit 0 is none.
func (s *tfServer) list(typeName string, config map[string]any, limit int64, whole bool) []tfprotov6.ListResourceResult {
	s.t.Helper()
	server := s.lister()
	stream, err := server.ListResource(s.t.Context(), &tfprotov6.ListResourceRequest{
		TypeName: typeName, Config: s.listConfig(typeName, config), Limit: limit, IncludeResource: whole,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return slices.Collect(stream.Results)
}

// validateList returns the errors of a list block.
func (s *tfServer) validateList(typeName string, config map[string]any) string {
	s.t.Helper()
	resp, err := s.lister().ValidateListResourceConfig(s.t.Context(), &tfprotov6.ValidateListResourceConfigRequest{
		TypeName: typeName, Config: s.listConfig(typeName, config),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return errorsOf(resp.Diagnostics)
}

func (s *tfServer) lister() tfprotov6.ListResourceServer {
	s.t.Helper()
	server, ok := s.ProviderServer.(tfprotov6.ListResourceServer)
	if !ok {
		s.t.Fatal("the provider lists nothing")
	}
	return server
}

func (s *tfServer) listConfig(typeName string, config map[string]any) *tfprotov6.DynamicValue {
	s.t.Helper()
	if config == nil {
		config = map[string]any{}
	}
	return s.dynamic(s.schema.ListResourceSchemas[typeName].ValueType(), config)
}

func TestList_PassesOverASecretThatIsDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	m := newSecrets(t)
	m.Fail(csmstest.Fault{Operation: "ListVersions", Do: func() { m.DeleteSecret("api") }})
	found := newTFServer(t, m).list(stageType, nil, 0, false)
	if got := displayNames(found); !slices.Equal(got, []string{"db/SYSPREVIOUS", "db/SYSCURRENT"}) {
		t.Errorf("found %v", got)
	}
}
