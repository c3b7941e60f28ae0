package csmstest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

const passwordLogin = `{"auth":{"identity":{"methods":["password"],"password":{"user":` +
	`{"name":"mock-user","password":"mock-password","domain":{"name":"mock-domain"}}}},` +
	`"scope":{"project":{"name":"cn-north-4"}}}}`

func TestProjectsAreFoundByName(t *testing.T) {
	t.Parallel()
	c := newRawClient(t, csmstest.WithProject("cn-east-3", "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"))
	one := c.do(http.MethodGet, "/v3/projects?name=cn-north-4", "")
	one.wantStatus(t, http.StatusOK)
	one.wantText(t, "projects.0.id", csmstest.DefaultProjectID)
	one.wantText(t, "projects.0.name", "cn-north-4")
	one.wantText(t, "projects.0.domain_id", csmstest.DefaultDomainID)
	one.wantText(t, "projects.1.id", "")
	c.do(http.MethodGet, "/v3/projects", "").wantText(t, "projects.1.name", "cn-east-3")
	c.do(http.MethodGet, "/v3/projects?name=mars-1", "").wantText(t, "projects", "[]")
}

func TestIAMWantsCredentialsToo(t *testing.T) {
	t.Parallel()
	c := newRawClient(t)
	for _, path := range []string{"/v3/projects", "/v3/auth/domains", "/v3/auth/catalog"} {
		c.send(c.request(http.MethodGet, path, "")).wantError(t, http.StatusUnauthorized, "APIGW.0301")
	}
	c.do(http.MethodGet, "/v3/auth/domains", "").wantText(t, "domains.0.id", csmstest.DefaultDomainID)
}

func TestATokenIsGivenForAPassword(t *testing.T) {
	t.Parallel()
	now := instant
	c := seeded(t, csmstest.WithTokenLifetime(time.Hour), csmstest.WithTokensRefusedByService())
	got := c.send(c.request(http.MethodPost, "/v3/auth/tokens", passwordLogin))
	got.wantStatus(t, http.StatusCreated)
	got.wantText(t, "token.project.id", csmstest.DefaultProjectID)
	got.wantText(t, "token.user.name", "mock-user")
	got.wantText(t, "token.expires_at", now.Add(time.Hour).Format("2006-01-02T15:04:05.000000Z"))
	token := got.header.Get("X-Subject-Token")
	if len(token) < 32 || strings.Contains(got.String(), token) {
		t.Fatalf("got token %q in %v", token, got)
	}

	use := func() reply {
		r := c.request(http.MethodGet, blue, "")
		r.Header.Set("X-Auth-Token", token)
		return c.send(r)
	}
	use().wantStatus(t, http.StatusOK)
	c.mock.SetClock(func() time.Time { return now.Add(time.Hour) })
	use().wantError(t, http.StatusForbidden, "KMS.0303")
	if seen := c.mock.Requests()[1]; seen.SignedBy != "token" {
		t.Errorf("recorded as signed by %q", seen.SignedBy)
	}
}

func TestTokensExpireAtTheGateway(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	r := c.request(http.MethodGet, blue, "")
	r.Header.Set("X-Auth-Token",
		c.send(c.request(http.MethodPost, "/v3/auth/tokens", passwordLogin)).header.Get("X-Subject-Token"))
	c.mock.SetClock(func() time.Time { return instant.Add(24 * time.Hour) })
	got := c.send(r)
	got.wantError(t, http.StatusUnauthorized, "APIGW.0301")
	got.wantText(t, "error_msg",
		"Incorrect IAM authentication information: token expires, expires_at:2026-03-02T12:30:15.987654Z")
}

func TestLogins(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]struct {
		old, new string
		status   int
		path     string // Where the answer says what went wrong, or right.
		want     string
	}{
		"by user id": {`"name":"mock-user"`, `"id":"` + csmstest.DefaultUserID + `"`, 201,
			"token.user.name", "mock-user"},
		"by project id": {`"project":{"name":"cn-north-4"}`,
			`"project":{"id":"` + csmstest.DefaultProjectID + `"}`, 201, "token.project.name", "cn-north-4"},
		"account by id": {`"domain":{"name":"mock-domain"}`,
			`"domain":{"id":"` + csmstest.DefaultDomainID + `"}`, 201, "token.user.name", "mock-user"},
		"for the account": {`"project":{"name":"cn-north-4"}`, `"domain":{"name":"mock-domain"}`, 201,
			"token.domain.name", "mock-domain"},
		"added user":     {`"mock-user"`, `"added"`, 201, "token.user.id", "77"},
		"wrong password": {`"mock-password"`, `"x"`, 401, "error.code", "401"},
		"wrong account": {`"domain":{"name":"mock-domain"}`, `"domain":{"name":"x"}`, 401, "error.title",
			"Unauthorized"},
		"unknown user":         {`"mock-user"`, `"x"`, 401, "error.message", "The username or password is wrong."},
		"unknown project":      {`"cn-north-4"`, `"x"`, 400, "error.code", "400"},
		"unsupported method":   {`["password"]`, `["totp"]`, 400, "error_code", "IAM.0011"},
		"no object":            {passwordLogin, `[]`, 400, "error_code", "IAM.0011"},
		"misspelt by its case": {`"identity"`, `"Identity"`, 400, "error_code", "IAM.0011"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newRawClient(t, csmstest.WithUser("77", "added", "mock-password"))
			body := strings.Replace(passwordLogin, try.old, try.new, 1)
			if body == passwordLogin {
				t.Fatalf("%s is not in the body", try.old)
			}
			got := c.send(c.request(http.MethodPost, "/v3/auth/tokens", body))
			got.wantStatus(t, try.status)
			got.wantText(t, try.path, try.want)
		})
	}
}

func TestATokenOfTheAccountOpensNoProject(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	login := strings.Replace(passwordLogin, `"project":{"name":"cn-north-4"}`, `"domain":{"name":"mock-domain"}`, 1)
	r := c.request(http.MethodGet, blue, "")
	r.Header.Set("X-Auth-Token",
		c.send(c.request(http.MethodPost, "/v3/auth/tokens", login)).header.Get("X-Subject-Token"))
	c.send(r).wantError(t, http.StatusForbidden, "KMS.0305")
}
