package csmstest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// mainProvider speaks as the provider huaweicloud does: bodies end in a line feed, the headers it
// always sends are signed, and those that name the project and the account are added after signing.
type mainProvider struct{ *rawClient }

// asMainProvider starts a server as csms-mock does for people who use both providers.
func asMainProvider(t *testing.T) mainProvider {
	t.Helper()
	return mainProvider{newRawClient(t, csmstest.WithValuesAsStored(), csmstest.WithDistinctVersionTimes())}
}

// call sends what the functions for secrets send, which name a language.
func (p mainProvider) call(method, path string, body any) reply {
	p.t.Helper()
	r, text := p.unsigned(method, path, body)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Language", "en-us")
	return p.finish(r, text, "accept", "content-type", "user-agent", "x-language", "x-sdk-date")
}

// request sends what newer resources send, which declare a content type only with a body.
func (p mainProvider) request(method, path string, body any) reply {
	p.t.Helper()
	r, text := p.unsigned(method, path, body)
	if body == nil {
		return p.finish(r, text, "accept", "user-agent", "x-sdk-date")
	}
	r.Header.Set("Content-Type", "application/json")
	return p.finish(r, text, "accept", "content-type", "user-agent", "x-sdk-date")
}

func (p mainProvider) unsigned(method, path string, body any) (r *http.Request, text string) {
	p.t.Helper()
	var encoded bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&encoded).Encode(body); err != nil {
			p.t.Fatal(err)
		}
	}
	r = p.rawClient.request(method, path, encoded.String())
	r.Header.Del("Content-Type")
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "terraform-provider-huaweicloud golangsdk/2.0.0")
	return r, encoded.String()
}

func (p mainProvider) finish(r *http.Request, body string, signed ...string) reply {
	p.t.Helper()
	sign(r, body, csmstest.DefaultAccessKey, csmstest.DefaultSecretKey, time.Now(), signed...)
	r.Header.Set("X-Project-Id", csmstest.DefaultProjectID)
	r.Header.Set("X-Domain-Id", csmstest.DefaultDomainID)
	return p.send(r)
}

// newest finds the version with the latest create_time as that provider does: of several, the one
// that is listed first.
func (p mainProvider) newest() string {
	p.t.Helper()
	list := p.call(http.MethodGet, secrets+"/app/versions", nil)
	list.wantStatus(p.t, http.StatusOK)
	var id string
	var latest int64
	for i := 0; list.at(fmt.Sprintf("version_metadatas.%d", i)) != nil; i++ {
		created, err := json.Number(list.text(fmt.Sprintf("version_metadatas.%d.create_time", i))).Int64()
		if err != nil {
			p.t.Fatal(err)
		}
		if created > latest {
			id, latest = list.text(fmt.Sprintf("version_metadatas.%d.id", i)), created
		}
	}
	return id
}

// wantRead reads the secret as a refresh does and compares what it finds.
func (p mainProvider) wantRead(version, value, expiry string) {
	p.t.Helper()
	secret := p.call(http.MethodGet, secrets+"/app", nil)
	secret.wantText(p.t, "secret.name", "app")
	secret.wantText(p.t, "secret.state", "ENABLED")
	if got := p.newest(); got != version {
		p.t.Errorf("the newest version is %s, want %s", got, version)
	}
	shown := p.call(http.MethodGet, secrets+"/app/versions/"+version, nil)
	shown.wantText(p.t, "version.secret_string", value)
	shown.wantText(p.t, "version.version_metadata.expire_time", expiry)
	tags := p.call(http.MethodGet, project+"/csms/"+secret.text("secret.id")+"/tags", nil)
	tags.wantStatus(p.t, http.StatusOK)
}

func TestTheMainProviderFindsItsWay(t *testing.T) {
	t.Parallel()
	p := asMainProvider(t)
	p.request(http.MethodGet, "/v3/projects?name="+csmstest.DefaultRegion, nil).
		wantText(t, "projects.0.id", csmstest.DefaultProjectID)
	p.request(http.MethodGet, "/v3/auth/domains", nil).wantText(t, "domains.0.name", csmstest.DefaultDomainName)
	catalog := p.request(http.MethodGet, "/v3/auth/catalog", nil)
	catalog.wantStatus(t, http.StatusOK)
	catalog.wantText(t, "catalog.0.endpoints.0.url", p.url+"/v3")
	catalog.wantText(t, "catalog.1.endpoints.0.region", csmstest.DefaultRegion)
	catalog.wantText(t, "catalog.1.endpoints.0.url", p.url+project)
}

func TestTheMainProvidersSecretLivesFromCreateToDelete(t *testing.T) {
	t.Parallel()
	p := asMainProvider(t)
	const expireTime = 1893456000000
	created := p.call(http.MethodPost, secrets, map[string]any{
		"name":                  "app",
		"description":           "d",
		"secret_string":         "one",
		"secret_type":           "COMMON",
		"enterprise_project_id": "0",
	})
	created.wantStatus(t, http.StatusOK)
	action := project + "/csms/" + created.text("secret.id") + "/tags/action"
	p.request(http.MethodPost, action,
		map[string]any{"action": "create", "tags": []map[string]string{{"key": "env", "value": "dev"}}}).
		wantStatus(t, http.StatusNoContent)
	p.call(http.MethodPut, secrets+"/app/versions/"+p.newest(), map[string]any{"expire_time": expireTime}).
		wantStatus(t, http.StatusOK)
	p.wantRead("v1", "one", fmt.Sprint(expireTime))

	p.call(http.MethodPut, secrets+"/app",
		map[string]any{"description": "", "event_subscriptions": []string{"expired"}}).
		wantText(t, "secret.event_subscriptions", "[expired]")
	p.call(http.MethodPost, secrets+"/app/versions", map[string]any{"secret_string": "two", "expire_time": expireTime}).
		wantText(t, "version_metadata.version_stages", "[SYSCURRENT]")
	p.wantRead("v2", "two", fmt.Sprint(expireTime))
	p.request(http.MethodPost, action,
		map[string]any{"action": "delete", "tags": []map[string]string{{"key": "env", "value": "dev"}}}).
		wantStatus(t, http.StatusNoContent)
	p.request(http.MethodPost, action,
		map[string]any{"action": "create", "tags": []map[string]string{{"key": "env", "value": "prod"}}}).
		wantStatus(t, http.StatusNoContent)
	if got, _ := p.mock.Secret("app"); len(got.Tags) != 1 || got.Tags["env"] != "prod" {
		t.Errorf("the tags are %v", got.Tags)
	}

	p.call(http.MethodDelete, secrets+"/app", nil).wantStatus(t, http.StatusOK)
	p.call(http.MethodGet, secrets+"/app", nil).wantError(t, http.StatusNotFound, "CSMS.0106")
}

func TestTheMainProvidersVersionStateMovesAndGoes(t *testing.T) {
	t.Parallel()
	p := asMainProvider(t)
	p.mock.PutSecret(csmstest.Secret{Name: "app"})
	p.mock.AddVersion("app")
	const state = secrets + "/app/stages/BLUE"
	for _, version := range []string{"v1", "v2"} {
		p.request(http.MethodPut, state, map[string]any{"version_id": version}).wantText(t, "stage.name", "BLUE")
		read := p.request(http.MethodGet, state, nil)
		read.wantText(t, "stage.secret_name", "app")
		read.wantText(t, "stage.version_id", version)
		read.wantText(t, "stage.update_time", fmt.Sprint(instantMilliseconds))
	}
	p.request(http.MethodDelete, state, nil).wantStatus(t, http.StatusNoContent)
	p.request(http.MethodGet, state, nil).wantError(t, http.StatusNotFound, "CSMS.0005")
}

func TestVersionsOfOneSecondShareItUnlessTheyAreKeptApart(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]struct {
		opts  []csmstest.Option
		apart int64
	}{
		"as the service": {nil, 0},
		"kept apart":     {[]csmstest.Option{csmstest.WithDistinctVersionTimes()}, 1000},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newRawClient(t, try.opts...)
			c.mock.PutSecret(csmstest.Secret{Name: "s"})
			got := c.do(http.MethodPost, versions, `{"secret_string":"x"}`)
			got.wantText(t, "version_metadata.create_time", fmt.Sprint(instantMilliseconds+try.apart))
		})
	}
}

func TestSecretsAreListedByTheEventTheyRaise(t *testing.T) {
	t.Parallel()
	c := newRawClient(t)
	c.mock.PutSecret(csmstest.Secret{Name: "quiet"})
	c.mock.PutSecret(csmstest.Secret{Name: "loud", EventSubscriptions: []string{"expired"}})
	got := c.do(http.MethodGet, secrets+"?event_name=expired", "")
	got.wantText(t, "secrets.0.name", "loud")
	got.wantText(t, "page_info.current_count", "1")
	for _, name := range []string{"", strings.Repeat("a", 65)} {
		c.do(http.MethodGet, secrets+"?event_name="+name, "").wantError(t, http.StatusBadRequest, "CSMS.0002")
	}
}
