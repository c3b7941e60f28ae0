package provider_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

const (
	otherRegion    = "cn-east-3"
	otherProjectID = "11111111111111111111111111111111"
)

// regions is a cloud with a service in each of two regions, behind one address with a path for
// each. Each service has the secret "db" in the region's own project.
type regions struct {
	north, east *mock
	url         string // with {region} in it
}

func newRegions(t *testing.T) *regions {
	t.Helper()
	r := &regions{north: newSecret(t), east: newMock(t, csmstest.WithProject(otherRegion, otherProjectID))}
	r.east.Project(otherProjectID).PutSecret(secretDB())
	mux := http.NewServeMux()
	for region, m := range map[string]*mock{csmstest.DefaultRegion: r.north, otherRegion: r.east} {
		mux.Handle("/"+region+"/", http.StripPrefix("/"+region, m))
	}
	listener := httptest.NewServer(mux)
	t.Cleanup(listener.Close)
	r.url = listener.URL + "/{region}"
	return r
}

// settings are the provider's attributes that point it at both regions.
func (r *regions) settings() map[string]any {
	return with(with(r.north.settings(), "endpoint", r.url), "auth_url", r.url+"/v3")
}

// servedOwnProjectOnly fails the test unless a service was asked about its own project only, and
// its IAM so many times which that is.
func (m *mock) servedOwnProjectOnly(t *testing.T, region, projectID string, lookUps int) {
	t.Helper()
	if n := m.Count("ListProjects"); n != lookUps {
		t.Errorf("%s was asked %d times for its project, want %d", region, n, lookUps)
	}
	for _, r := range m.Requests() {
		if r.Operation == "ListProjects" && r.RawQuery != "name="+region || r.Operation != "ListProjects" && r.ProjectID != projectID {
			t.Errorf("%s got a request for another region: %s", region, r)
		}
	}
}

func inOther(config map[string]any) map[string]any { return with(config, "region", otherRegion) }

func TestRegion_EachRegionIsServedByItsOwnEndpointAndProject(t *testing.T) {
	t.Parallel()
	r := newRegions(t)
	s := newTFServerWith(t, r.settings())
	s.create(stageType, stage("GREEN", "v1"))
	s.create(stageType, inOther(stage("GREEN", "v2")))
	s.create(expiryType, expiry("v1", year2090))
	s.create(expiryType, inOther(expiry("v2", farther)))
	for _, typeName := range []string{"csms_secret_stage", "csms_secret_version", "csms_secret_versions"} {
		config := map[string]any{"secret_name": "db"}
		if typeName == "csms_secret_stage" {
			config["name"] = "GREEN"
		}
		for region, config := range map[string]map[string]any{csmstest.DefaultRegion: config, otherRegion: inOther(config)} {
			data, diagnostics := s.readData(typeName, config)
			s.must(diagnostics)
			if data["region"] != region {
				t.Errorf("%s has the region %v, want %s", typeName, data["region"], region)
			}
		}
	}
	r.north.servedOwnProjectOnly(t, csmstest.DefaultRegion, csmstest.DefaultProjectID, 1)
	r.east.servedOwnProjectOnly(t, otherRegion, otherProjectID, 1)

	east := r.east.Project(otherProjectID)
	r.north.assertHolder(t, "GREEN", "v1")
	if holder := east.StageHolder("db", "GREEN"); holder != "v2" {
		t.Errorf("GREEN of %s is on %q, want v2", otherRegion, holder)
	}
	if !r.north.Expiry("db", "v2").IsZero() || !east.Expiry("db", "v1").IsZero() {
		t.Error("an expiry was set in the wrong region")
	}
}

func TestRegion_RegionIsPartOfStateIdentityAndImport(t *testing.T) {
	t.Parallel()
	r := newRegions(t)
	r.east.Project(otherProjectID).MoveStage("db", "GREEN", "v2")
	for typeName, config := range map[string]map[string]any{stageType: stage("GREEN", "v2"), expiryType: expiry("v2", year2090)} {
		s := newTFServerWith(t, r.settings())
		created := s.create(typeName, inOther(config))
		id, _ := created.state["id"].(string)
		imported, diagnostics := newTFServerWith(t, r.settings()).importing(typeName, otherRegion+"/"+id, nil)
		s.must(diagnostics)
		if !maps.Equal(created.state, imported.state) || imported.state["region"] != otherRegion {
			t.Errorf("%v was created, %v imported", created.state, imported.state)
		}
		if identity := s.identityOf(imported); identity["region"] != otherRegion {
			t.Errorf("the identity is %v", identity)
		}
		again, diagnostics := s.importing(typeName, "", s.identityOf(imported))
		s.must(diagnostics)
		if !maps.Equal(again.state, imported.state) {
			t.Errorf("by identity %v is imported, by id %v", again.state, imported.state)
		}
		c, diagnostics := s.plan(imported, inOther(config))
		s.must(diagnostics)
		if !s.empty(c) {
			t.Errorf("the plan after the import is not empty: %q", c.planned.MsgPack)
		}
	}
	if n := len(r.north.Requests()); n > 0 {
		t.Errorf("%s got %d requests", csmstest.DefaultRegion, n)
	}
}

func TestRegion_ChangeOfTheRegion(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		from, to any
		replaces bool
	}{
		"to another one replaces":                     {from: csmstest.DefaultRegion, to: otherRegion, replaces: true},
		"from the provider's to another one replaces": {from: nil, to: otherRegion, replaces: true},
		"that spells the provider's out is none":      {from: nil, to: csmstest.DefaultRegion},
		"that leaves it out keeps the state's":        {from: otherRegion, to: nil},
		"to what is known after apply replaces":       {from: csmstest.DefaultRegion, to: unknown, replaces: true},
	} {
		for typeName, config := range map[string]map[string]any{stageType: stage("GREEN", "v1"), expiryType: expiry("v1", year2090)} {
			t.Run(typeName+" "+name, func(t *testing.T) {
				t.Parallel()
				r := newRegions(t)
				s := newTFServerWith(t, r.settings())
				i := s.create(typeName, with(config, "region", test.from))
				c, diagnostics := s.plan(i, with(config, "region", test.to))
				s.must(diagnostics)
				if c.requiresReplace != test.replaces || s.empty(c) != !test.replaces {
					t.Errorf("replaces: %v, want %v; empty: %v", c.requiresReplace, test.replaces, s.empty(c))
				}
			})
		}
	}
}

func TestRegion_AnotherDefaultRegionMovesNothing(t *testing.T) {
	t.Parallel()
	for typeName, config := range map[string]map[string]any{stageType: stage("GREEN", "v1"), expiryType: expiry("v1", year2090)} {
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			r := newRegions(t)
			i := newTFServerWith(t, r.settings()).create(typeName, config)
			s := newTFServerWith(t, with(r.settings(), "region", otherRegion))
			i, diagnostics := s.read(i)
			s.must(diagnostics)
			c, diagnostics := s.plan(i, config)
			s.must(diagnostics)
			if !s.empty(c) || i.state["region"] != csmstest.DefaultRegion {
				t.Errorf("the state is %v, the plan %q", i.state, c.planned.MsgPack)
			}
			_, diagnostics = s.apply(mustPlan(s, i, nil))
			s.must(diagnostics)
			if n := len(r.east.Requests()); n > 0 {
				t.Errorf("%s got %d requests", otherRegion, n)
			}
		})
	}
}

func TestRegion_ProjectOfTheProviderBelongsToItsOwnRegion(t *testing.T) {
	t.Parallel()
	r := newRegions(t)
	s := newTFServerWith(t, with(r.settings(), "project_id", csmstest.DefaultProjectID))
	s.create(stageType, stage("GREEN", "v1"))
	s.create(stageType, inOther(stage("GREEN", "v1")))
	r.north.servedOwnProjectOnly(t, csmstest.DefaultRegion, csmstest.DefaultProjectID, 0)
	r.east.servedOwnProjectOnly(t, otherRegion, otherProjectID, 1)
}

func TestRegion_OneStageInTwoRegionsIsNotDeclaredTwice(t *testing.T) {
	t.Parallel()
	s := newTFServerWith(t, newRegions(t).settings())
	for _, config := range []map[string]any{stage("GREEN", "v1"), inOther(stage("GREEN", "v2")), expiry("v1", year2090), inOther(expiry("v1", farther))} {
		typeName := stageType
		if config["name"] == nil {
			typeName = expiryType
		}
		mustPlan(s, instance{typeName: typeName}, config)
	}
	_, diagnostics := s.plan(instance{typeName: stageType}, inOther(stage("GREEN", "v3")))
	assertContains(t, errorsOf(diagnostics), "declared twice", `"v2"`, `"v3"`, "region "+otherRegion)
}

func TestRegion_EndpointThatServesOneRegionRefusesOthers(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	s := newTFServer(t, m)
	var errors []string
	for typeName, config := range map[string]map[string]any{stageType: stage("GREEN", "v1"), expiryType: expiry("v1", year2090)} {
		_, planned := s.plan(instance{typeName: typeName}, inOther(config))
		errors = append(errors, errorsOf(planned))
	}
	for id, typeName := range map[string]string{"db/GREEN": stageType, "db/v1": expiryType} {
		_, imported := s.importing(typeName, otherRegion+"/"+id, nil)
		errors = append(errors, errorsOf(imported))
	}
	for typeName, config := range map[string]map[string]any{
		"csms_secret_stage":    {"secret_name": "db", "name": "SYSCURRENT"},
		"csms_secret_version":  {"secret_name": "db"},
		"csms_secret_versions": {"secret_name": "db"},
	} {
		_, read := s.readData(typeName, inOther(config))
		errors = append(errors, errorsOf(read))
	}
	for _, text := range errors {
		assertContains(t, text, "serves region cn-north-4 only", otherRegion, "write {region}")
	}
	m.assertRequests(t, nil)
}

func TestRegion_RegionWithoutAProjectIsAnErrorThatNamesIt(t *testing.T) {
	t.Parallel()
	m := newSecret(t) // answers for any region, but has a project in one
	mux := http.NewServeMux()
	mux.Handle("/cn-south-1/", http.StripPrefix("/cn-south-1", m))
	listener := httptest.NewServer(mux)
	t.Cleanup(listener.Close)
	s := newTFServerWith(t, with(with(m.settings(), "endpoint", listener.URL+"/{region}"), "auth_url", listener.URL+"/{region}/v3"))
	_, diagnostics := s.readData("csms_secret_versions", map[string]any{"secret_name": "db", "region": "cn-south-1"})
	assertContains(t, errorsOf(diagnostics), "IAM knows no project of this name", "region cn-south-1")
	m.assertRequests(t, map[string]int{"ListProjects": 1})
}

// inRegions puts GREEN of "db" on a version in each region, by resources of one provider.
func inRegions(first, second string) string {
	return `
resource "csms_secret_stage" "green" {
  for_each    = { ` + first + `, ` + second + ` }
  region      = each.key
  secret_name = "db"
  name        = "GREEN"
  version_id  = each.value
}
`
}

func TestRegion_TerraformManagesTwoRegionsWithOneProviderBlock(t *testing.T) {
	t.Parallel()
	r := newRegions(t)
	c := newCLI(t, r.north, "")
	c.env = append(c.env, "CSMS_ENDPOINT="+r.url, "HW_AUTH_URL="+r.url+"/v3")
	c.apply(inRegions(`cn-north-4 = "v1"`, `cn-east-3 = "v2"`))
	c.apply(inRegions(`cn-north-4 = "v1"`, `cn-east-3 = "v3"`))
	r.north.assertWritesInOrder(t, "PutStage GREEN")
	r.east.assertWritesInOrder(t, "PutStage GREEN", "PutStage GREEN")
	c.must("destroy", "-auto-approve")
	r.north.assertWritesInOrder(t, "PutStage GREEN", "DeleteStage GREEN")
}

func TestRegion_StageThatChangesItsRegionIsReplacedThere(t *testing.T) {
	t.Parallel()
	r := newRegions(t)
	c := newCLI(t, r.north, "")
	c.env = append(c.env, "CSMS_ENDPOINT="+r.url, "HW_AUTH_URL="+r.url+"/v3")
	c.apply(greenOn("v1"))
	assertContains(t, c.apply(stageBlock("green", "GREEN", "v1", `region = "`+otherRegion+`"`)), "must be replaced", "# forces replacement")
	r.north.assertWritesInOrder(t, "PutStage GREEN", "DeleteStage GREEN")
	r.east.assertWritesInOrder(t, "PutStage GREEN")
}
