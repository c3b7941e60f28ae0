package csmstest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

const (
	otherDomain  = "0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d"
	otherProject = "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"

	keyForAgency = `{"auth":{"identity":{"methods":["assume_role"],"assume_role":` +
		`{"agency_name":"rotator","domain_name":"other-domain","duration_seconds":3600}}}}`
	assumption = `{"agency_urn":"iam::` + otherDomain + `:agency:rotator","agency_session_name":"test"}`
)

// delegated starts a server with an agency of another account, whose one project has the secret
// "s".
func delegated(t *testing.T, opts ...csmstest.Option) *rawClient {
	t.Helper()
	c := newRawClient(t, append(opts,
		csmstest.WithAgency(csmstest.Agency{
			Name:       "rotator",
			DomainID:   otherDomain,
			DomainName: "other-domain",
			Projects:   map[string]string{"cn-north-4": otherProject},
		}),
		csmstest.WithIdentityProvider("ci", "id-token"))...)
	c.mock.Project(otherProject).PutSecret(csmstest.Secret{Name: "s"})
	c.mock.PutSecret(csmstest.Secret{Name: "s"})
	return c
}

// key is a temporary key as an answer gives it, under the names of one of the two services.
type key struct{ id, secret, token, expires string }

func (r reply) credential() key {
	return key{
		r.text("credential.access"),
		r.text("credential.secret"),
		r.text("credential.securitytoken"),
		r.text("credential.expires_at"),
	}
}

func (r reply) stsCredentials() key {
	return key{
		r.text("credentials.access_key_id"), r.text("credentials.secret_access_key"),
		r.text("credentials.security_token"), r.text("credentials.expiration"),
	}
}

func (c *rawClient) as(k key, method, path, body string) reply {
	c.t.Helper()
	r := c.request(method, path, body)
	r.Header.Set("X-Security-Token", k.token)
	sign(r, body, k.id, k.secret, time.Now(), "x-sdk-date", "x-security-token")
	return c.send(r)
}

func (c *rawClient) with(token, method, path, body string) reply {
	c.t.Helper()
	r := c.request(method, path, body)
	r.Header.Set("X-Auth-Token", token)
	return c.send(r)
}

func TestAgenciesGiveKeysOfTheirAccount(t *testing.T) {
	t.Parallel()
	for name, obtain := range map[string]func(c *rawClient) key{
		"by name": func(c *rawClient) key {
			return c.do(http.MethodPost, "/v3.0/OS-CREDENTIAL/securitytokens", keyForAgency).credential()
		},
		"by id": func(c *rawClient) key {
			body := strings.Replace(keyForAgency, `"domain_name":"other-domain"`, `"domain_id":"`+otherDomain+`"`, 1)
			return c.do(http.MethodPost, "/v3.0/OS-CREDENTIAL/securitytokens", body).credential()
		},
		"by urn": func(c *rawClient) key {
			return c.do(http.MethodPost, "/v5/agencies/assume", assumption).stsCredentials()
		},
		"in a chain": func(c *rawClient) key {
			first := c.do(http.MethodPost, "/v5/agencies/assume", assumption).stsCredentials()
			return c.as(first, http.MethodPost, "/v5/agencies/assume", assumption).stsCredentials()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := delegated(t)
			k := obtain(c)
			if want := instant.Add(time.Hour).Format("2006-01-02T15:04:05.000000Z"); k.expires[:19] != want[:19] {
				t.Errorf("the key expires at %s, want %s", k.expires, want)
			}
			c.as(k, http.MethodGet, "/v1/"+otherProject+"/secrets/s", "").wantStatus(t, http.StatusOK)
			c.as(k, http.MethodGet, secretS, "").wantError(t, http.StatusForbidden, "KMS.0321")
			c.as(k, http.MethodGet, "/v3/projects?name=cn-north-4", "").wantText(t, "projects.0.id", otherProject)
			c.as(k, http.MethodGet, "/v3/auth/domains", "").wantText(t, "domains.0.name", "other-domain")
			c.as(k, http.MethodGet, "/v5/caller-identity", "").wantText(t, "account_id", otherDomain)

			stolen := k
			stolen.token = ""
			c.as(stolen, http.MethodGet, "/v3/projects", "").wantError(t, http.StatusUnauthorized, "APIGW.0301")
			c.mock.SetClock(func() time.Time { return instant.Add(time.Hour) })
			c.as(k, http.MethodGet, "/v3/projects", "").wantError(t, http.StatusUnauthorized, "APIGW.0301")
		})
	}
}

func TestAgenciesThatCannotBeAssumed(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]struct {
		path, body, old, new string
		status               int
		at, want             string
	}{
		"unknown agency": {"/v3.0/OS-CREDENTIAL/securitytokens", keyForAgency, "rotator", "x", 404,
			"error.code", "404"},
		"unknown account": {"/v3.0/OS-CREDENTIAL/securitytokens", keyForAgency, "other-domain", "x", 404,
			"error.code", "404"},
		"shorter than 15 minutes": {"/v3.0/OS-CREDENTIAL/securitytokens", keyForAgency, "3600", "899", 400,
			"error_code", "IAM.0011"},
		"longer than a day": {"/v3.0/OS-CREDENTIAL/securitytokens", keyForAgency, "3600", "86401", 400,
			"error_code", "IAM.0011"},
		"for a text": {"/v3.0/OS-CREDENTIAL/securitytokens", keyForAgency, "3600", `"3600"`, 400,
			"error_code", "IAM.0011"},
		"by no method": {"/v3.0/OS-CREDENTIAL/securitytokens", keyForAgency, `["assume_role"]`, `[]`, 400,
			"error_code", "IAM.0011"},
		"unknown urn": {"/v5/agencies/assume", assumption, "rotator", "x", 403, "error_code", "STS5.1002"},
		"urn of a user": {"/v5/agencies/assume", assumption, ":agency:", ":user:", 400, "error_code",
			"STS5.1001"},
		"nameless session": {"/v5/agencies/assume", assumption, `"test"`, `""`, 400, "error_code", "STS5.1001"},
		"longer than 12 hours": {"/v5/agencies/assume", assumption, `"test"`, `"test","duration_seconds":43201`,
			400, "error_code", "STS5.1001"},
		"not an object": {"/v5/agencies/assume", assumption, assumption, `[]`, 400, "error_code",
			"STS5.1001"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := delegated(t)
			got := c.do(http.MethodPost, try.path, strings.Replace(try.body, try.old, try.new, 1))
			got.wantStatus(t, try.status)
			got.wantText(t, try.at, try.want)
			c.send(c.request(http.MethodPost, try.path, try.body)).wantError(t, http.StatusUnauthorized, "APIGW.0301")
		})
	}
}

func TestChainedKeysLastAnHourAtMost(t *testing.T) {
	t.Parallel()
	c := delegated(t)
	long := strings.Replace(assumption, `"test"`, `"test","duration_seconds":43200`, 1)
	first := c.do(http.MethodPost, "/v5/agencies/assume", long)
	first.wantStatus(t, http.StatusOK)
	c.as(first.stsCredentials(), http.MethodPost, "/v5/agencies/assume", long).
		wantError(t, http.StatusBadRequest, "STS5.1001")
}

func TestAgenciesGiveTokensToo(t *testing.T) {
	t.Parallel()
	c := delegated(t)
	const wanted = `{"auth":{"identity":{"methods":["assume_role"],` +
		`"assume_role":{"agency_name":"rotator","domain_name":"other-domain"}},` +
		`"scope":{"project":{"name":"cn-north-4"}}}}`
	c.send(c.request(http.MethodPost, "/v3/auth/tokens", wanted)).wantError(t, http.StatusUnauthorized, "APIGW.0301")

	login := c.send(c.request(http.MethodPost, "/v3/auth/tokens", passwordLogin)).header.Get("X-Subject-Token")
	got := c.with(login, http.MethodPost, "/v3/auth/tokens", wanted)
	got.wantStatus(t, http.StatusCreated)
	got.wantText(t, "token.project.id", otherProject)
	token := got.header.Get("X-Subject-Token")
	c.with(token, http.MethodGet, "/v1/"+otherProject+"/secrets/s", "").wantStatus(t, http.StatusOK)
	c.with(token, http.MethodGet, secretS, "").wantError(t, http.StatusForbidden, "KMS.0321")
}

func TestIdentityProvidersVouchForTokensAndKeys(t *testing.T) {
	t.Parallel()
	c := delegated(t)
	login := func(idp, idToken, scope string) reply {
		r := c.request(http.MethodPost, "/v3.0/OS-AUTH/id-token/tokens",
			`{"auth":{"id_token":{"id":"`+idToken+`"}`+scope+`}}`)
		r.Header.Set("X-Idp-Id", idp)
		return c.send(r)
	}
	login("ci", "forged", "").wantText(t, "error.code", "401")
	login("other", "id-token", "").wantStatus(t, http.StatusUnauthorized)
	login("", "id-token", "").wantError(t, http.StatusBadRequest, "IAM.0011")
	login("ci", "", "").wantError(t, http.StatusBadRequest, "IAM.0011")

	scoped := login("ci", "id-token", `,"scope":{"project":{"name":"cn-north-4"}}`)
	scoped.wantStatus(t, http.StatusCreated)
	c.with(scoped.header.Get("X-Subject-Token"), http.MethodGet, secretS, "").wantStatus(t, http.StatusOK)

	unscoped := login("ci", "id-token", "").header.Get("X-Subject-Token")
	body := fmt.Sprintf(`{"auth":{"identity":{"methods":["token"],"token":{"id":%q,"duration_seconds":21600}}}}`,
		unscoped)
	undeclared := c.request(http.MethodPost, "/v3.0/OS-CREDENTIAL/securitytokens", body)
	undeclared.Header.Del("Content-Type") // The vendor's SDK sends it so.
	k := c.send(undeclared)
	k.wantStatus(t, http.StatusCreated)
	c.as(k.credential(), http.MethodGet, secretS, "").wantStatus(t, http.StatusOK)
	forged := strings.Replace(body, unscoped, "forged", 1)
	c.send(c.request(http.MethodPost, "/v3.0/OS-CREDENTIAL/securitytokens", forged)).
		wantError(t, http.StatusUnauthorized, "APIGW.0301")
	byHeader := `{"auth":{"identity":{"methods":["token"]}}}`
	c.with(unscoped, http.MethodPost, "/v3.0/OS-CREDENTIAL/securitytokens", byHeader).wantStatus(t, http.StatusCreated)
}

func TestWhatWasGivenOutCanBeRevoked(t *testing.T) {
	t.Parallel()
	c := delegated(t, csmstest.WithToken("static"), csmstest.WithTemporaryCredentials("static", "s", "t"))
	token := c.send(c.request(http.MethodPost, "/v3/auth/tokens", passwordLogin)).header.Get("X-Subject-Token")
	k := c.do(http.MethodPost, "/v3.0/OS-CREDENTIAL/securitytokens", keyForAgency).credential()
	c.mock.RevokeTokens()
	c.with(token, http.MethodGet, secretS, "").wantError(t, http.StatusUnauthorized, "APIGW.0301")
	c.as(k, http.MethodGet, "/v3/projects", "").wantStatus(t, http.StatusOK)
	c.mock.RevokeTemporaryKeys()
	c.as(k, http.MethodGet, "/v3/projects", "").wantError(t, http.StatusUnauthorized, "APIGW.0301")
	c.with("static", http.MethodGet, secretS, "").wantStatus(t, http.StatusOK)
	c.as(key{id: "static", secret: "s", token: "t"}, http.MethodGet, secretS, "").wantStatus(t, http.StatusOK)
}

func TestSeveralProjectsMayHaveOneName(t *testing.T) {
	t.Parallel()
	c := newRawClient(t, csmstest.WithProject("cn-north-4", "ffffffffffffffffffffffffffffffff"))
	got := c.do(http.MethodGet, "/v3/projects?name=cn-north-4", "")
	got.wantText(t, "projects.0.id", csmstest.DefaultProjectID)
	got.wantText(t, "projects.1.id", "ffffffffffffffffffffffffffffffff")
}
