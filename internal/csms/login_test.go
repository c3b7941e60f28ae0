package csms_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

// withPassword replaces the access key of a test's configuration by the mock user.
func withPassword(cfg *huaweicloud.Config) {
	cfg.AccessKey, cfg.SecretKey = "", ""
	cfg.UserName, cfg.DomainName, cfg.Password = csmstest.DefaultUserName, csmstest.DefaultDomainName, csmstest.DefaultPassword
}

func withOIDC(cfg *huaweicloud.Config) {
	cfg.AccessKey, cfg.SecretKey = "", ""
	cfg.OIDC = huaweicloud.OIDC{IdentityProviderID: "ci", IDToken: "id-token"}
}

func withAgency(cfg *huaweicloud.Config) {
	cfg.ProjectID = ""
	cfg.AssumeRole = []huaweicloud.AssumeRole{{AgencyName: "rotator", DomainName: "other-domain"}}
}

func withMetadata(cfg *huaweicloud.Config) {
	cfg.AccessKey, cfg.SecretKey, cfg.ECSMetadata = "", "", true
}

const (
	otherDomain  = "0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d"
	otherProject = "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"
)

// newIdentityService knows all ways of signing in. Of its two accounts, each has the secret "db".
func newIdentityService(t *testing.T, opts ...csmstest.Option) *service {
	t.Helper()
	return newService(t, identityOptions(opts)...).withAccounts()
}

func identityOptions(opts []csmstest.Option) []csmstest.Option {
	return append([]csmstest.Option{
		csmstest.WithIdentityProvider("ci", "id-token"),
		csmstest.WithMetadata(csmstest.MetadataV1AndV2),
		csmstest.WithAgency(csmstest.Agency{
			Name: "rotator", DomainID: otherDomain, DomainName: "other-domain", Projects: map[string]string{"cn-north-4": otherProject},
		}),
		csmstest.WithAgency(csmstest.Agency{Name: "back", DomainID: csmstest.DefaultDomainID, DomainName: csmstest.DefaultDomainName}),
	}, opts...)
}

func (s *service) withAccounts() *service {
	s.Project(otherProject).PutSecret(csmstest.Secret{Name: "db"})
	s.config.MetadataURL = s.url
	return s
}

func TestPasswordLogin(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*huaweicloud.Config){
		"name and account's name": func(*huaweicloud.Config) {},
		"name and account's id":   func(c *huaweicloud.Config) { c.DomainName, c.DomainID = "", csmstest.DefaultDomainID },
		"id":                      func(c *huaweicloud.Config) { c.UserName, c.DomainName, c.UserID = "", "", csmstest.DefaultUserID },
		"without project":         func(c *huaweicloud.Config) { c.ProjectID = "" },
		"project name":            func(c *huaweicloud.Config) { c.ProjectID, c.ProjectName = "", "cn-north-4" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newIdentityService(t)
			withPassword(&s.config)
			change(&s.config)
			client := s.client(t)
			for _, op := range operations() {
				if err := op.do(t.Context(), client); err != nil {
					t.Error(err)
				}
			}
			if logins, lookups := s.Count("CreateToken"), s.Count("ListProjects"); logins != 1 || lookups != 0 {
				t.Errorf("%d logins, %d look-ups of the project", logins, lookups)
			}
			if got := client.CredentialSource(); got != "password" {
				t.Errorf("the source is %q", got)
			}
		})
	}
}

func TestWrongPasswordIsTriedOnce(t *testing.T) {
	t.Parallel()
	s := newIdentityService(t)
	withPassword(&s.config)
	s.config.Password = "hunter2-wrong"
	client := s.client(t)
	for range 3 {
		concurrently(10, func(int) {
			_, err := client.GetStage(t.Context(), "db", "GREEN")
			e := errorOf(t, err)
			if e.StatusCode != http.StatusUnauthorized || e.Operation != csms.OperationLogin || e.SecretName != "db" {
				t.Errorf("got %+v", e)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the password is told: %v", err)
			}
		})
	}
	if n := s.Count("CreateToken"); n != 1 {
		t.Errorf("%d logins", n)
	}
}

func TestWrongPasswordIsTriedOnceForAllRegions(t *testing.T) {
	t.Parallel()
	s := newIdentityService(t)
	withPassword(&s.config)
	s.config.Password, s.config.Endpoint = "hunter2-wrong", s.url+"/{region}"
	client := s.client(t)
	regions := []string{"cn-north-4", "cn-south-1", "eu-west-101", "ap-southeast-1"}
	concurrently(4*len(regions), func(i int) {
		region := regions[i%len(regions)]
		other, err := client.InRegion(region)
		if err != nil {
			t.Error(err)
			return
		}
		_, err = other.GetSecret(t.Context(), "db")
		if e := errorOf(t, err); e.StatusCode != http.StatusUnauthorized || e.Operation != csms.OperationLogin || e.Region != region {
			t.Errorf("in %s: %v", region, err)
		}
	})
	if n := s.Count("CreateToken"); n != 1 {
		t.Errorf("%d logins", n)
	}
}

func TestLoginThatWaitsForAnotherRegionsEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newBubbleService(t)
		withPassword(&s.config)
		s.config.Endpoint = s.url + "/{region}"
		client := s.client(t)
		other, err := client.InRegion("cn-south-1")
		if err != nil {
			t.Fatal(err)
		}
		arrived, release := held(s, "CreateToken")
		defer release()
		done := make(chan struct{})
		go func() { defer close(done); _, _ = client.GetSecret(t.Context(), "db") }()
		<-arrived
		interrupted, interrupt := context.WithCancel(t.Context())
		failed := make(chan error, 1)
		go func() { _, err := other.GetSecret(interrupted, "db"); failed <- err }()
		synctest.Wait()
		interrupt()
		err = <-failed
		if e := errorOf(t, err); !errors.Is(err, context.Canceled) || e.Attempts != 0 {
			t.Errorf("got %v", err)
		}
		release()
		<-done
		if n := s.Count("CreateToken"); n != 1 {
			t.Errorf("%d logins", n)
		}
	})
}

func TestLoginAnswersAreScrubbedAndChecked(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]csmstest.Fault{
		"password told":   {Status: 400, Body: `{"error_code":"IAM.0011","error_msg":"no such password: mock-password"}`},
		"HTML":            {Status: 200, Header: htmlHeader(), Body: `<title>Portal</title>`},
		"no token":        {Status: 201, Body: `{"token":{"expires_at":"2030-01-01T00:00:00.000000Z"}}`},
		"empty":           {Status: 201},
		"time unreadable": {Status: 201, Header: http.Header{"X-Subject-Token": {"t"}}, Body: `{"token":{"expires_at":"soon"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newIdentityService(t)
			withPassword(&s.config)
			fault.Operation = "CreateToken"
			s.Fail(fault)
			client := s.client(t)
			_, err := client.GetStage(t.Context(), "db", "GREEN")
			e := errorOf(t, err)
			if e.Operation != csms.OperationLogin || e.StatusCode != fault.Status || strings.Contains(err.Error(), csmstest.DefaultPassword) {
				t.Errorf("got %v", err)
			}
			if _, err := client.GetStage(t.Context(), "db", "GREEN"); err != nil {
				t.Errorf("the failure is remembered: %v", err)
			}
		})
	}
}

func TestOIDCLogin(t *testing.T) {
	t.Parallel()
	s := newIdentityService(t)
	withOIDC(&s.config)
	s.config.ProjectID = ""
	client := s.client(t)
	if _, err := client.GetSecret(t.Context(), "db"); err != nil {
		t.Fatal(err)
	}
	if n := s.Count("CreateTokenWithIdToken"); n != 1 || s.Count("ListProjects") != 0 || client.CredentialSource() != "OIDC identity" {
		t.Errorf("%d logins by %s", n, client.CredentialSource())
	}
	s.config.OIDC.IDToken = "hunter2-wrong"
	_, err := s.client(t).GetSecret(t.Context(), "db")
	if e := errorOf(t, err); e.StatusCode != http.StatusUnauthorized || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

func TestIDTokenFileIsReadForEachLogin(t *testing.T) {
	t.Parallel()
	s := newIdentityService(t, csmstest.WithIdentityProvider("ci", "next-id-token"))
	withOIDC(&s.config)
	file := filepath.Join(t.TempDir(), "token")
	s.config.OIDC = huaweicloud.OIDC{IdentityProviderID: "ci", IDTokenFile: file}
	client := s.client(t)
	_, err := client.GetSecret(t.Context(), "db")
	if e := errorOf(t, err); e.Operation != csms.OperationLogin || !strings.Contains(err.Error(), "ID token") {
		t.Errorf("a missing file: %v", err)
	}
	for i, contents := range []string{"", "id-token\n", "next-id-token"} {
		if err := os.WriteFile(file, []byte(contents), 0o600); err != nil {
			t.Fatal(err)
		}
		s.RevokeTokens()
		if _, err := client.GetSecret(t.Context(), "db"); (err == nil) != (contents != "") {
			t.Errorf("token %q: %v", contents, err)
		}
		if n := s.Count("CreateTokenWithIdToken"); n != i {
			t.Errorf("token %q: %d logins", contents, n)
		}
	}
}

func TestIDTokenInPlaceOfItsFileIsNotTold(t *testing.T) {
	t.Parallel()
	const idToken = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.c2lnbmF0dXJlIG9mIHRoZSBwcm92aWRlcg"
	s := newIdentityService(t)
	withOIDC(&s.config)
	s.config.OIDC = huaweicloud.OIDC{IdentityProviderID: "ci", IDTokenFile: idToken}
	_, err := s.client(t).GetSecret(t.Context(), "db")
	if e := errorOf(t, err); strings.Contains(e.Error(), idToken[:20]) || !strings.Contains(e.Error(), "id_token_file") {
		t.Errorf("got %v", e)
	}
}

// issuing are the sources of credentials that end, with the operation of the mock that issues them.
func issuing() map[string]struct {
	change func(*huaweicloud.Config)
	issue  string
} {
	return map[string]struct {
		change func(*huaweicloud.Config)
		issue  string
	}{
		"password": {withPassword, "CreateToken"},
		"OIDC":     {withOIDC, "CreateTokenWithIdToken"},
		"agency":   {withAgency, "CreateTemporaryAccessKey"},
		"agency of STS": {func(c *huaweicloud.Config) {
			withAgency(c)
			c.AssumeRole[0].DomainID = otherDomain
		}, "AssumeAgency"},
		"agency by password": {func(c *huaweicloud.Config) { withPassword(c); withAgency(c) }, "CreateTemporaryAccessKey"},
		"cloud server":       {withMetadata, "ShowInstanceKey"},
	}
}

func TestEndedCredentialsAreRenewedOnceForAllCalls(t *testing.T) {
	t.Parallel()
	for name, tt := range issuing() {
		for _, byService := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				var opts []csmstest.Option
				if byService {
					opts = append(opts, csmstest.WithTokensRefusedByService())
				}
				synctest.Test(t, func(t *testing.T) {
					s := newBubbleService(t, identityOptions(opts)...).withAccounts()
					tt.change(&s.config)
					s.config.MaxRetries = 0
					expectOneRenewalEachRound(t, s, tt.issue)
				})
			})
		}
	}
}

func expectOneRenewalEachRound(t *testing.T, s *service, issue string) {
	t.Helper()
	client := s.client(t)
	for round := 1; round <= 3; round++ {
		concurrently(50, func(int) {
			if _, err := client.GetSecret(t.Context(), "db"); err != nil {
				t.Error(err)
			}
		})
		if n := s.granted(issue); n != round {
			t.Errorf("issued %d times after round %d", n, round)
		}
		s.RevokeTokens()
		s.RevokeTemporaryKeys()
	}
}

// granted counts the requests of an operation that succeeded.
func (s *service) granted(operation string) int {
	n := 0
	for _, r := range s.Requests() {
		if r.Operation == operation && r.Status < http.StatusBadRequest {
			n++
		}
	}
	return n
}

func TestCallsGoOnAcrossTheEndOfTheirCredentials(t *testing.T) {
	t.Parallel()
	for name, tt := range issuing() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var passed atomic.Int64
				started := time.Now()
				clock := func() time.Time { return started.Add(time.Duration(passed.Load())) }
				s := newBubbleService(t, identityOptions([]csmstest.Option{csmstest.WithClock(clock)})...).withAccounts()
				tt.change(&s.config)
				s.config.Hooks.Now = clock
				client := s.client(t)
				concurrently(50, func(i int) {
					for call := range 6 {
						if _, err := client.GetSecret(t.Context(), "db"); err != nil {
							t.Error(err)
						}
						if i == 0 && call == 2 {
							passed.Store(int64(25 * time.Hour))
						}
					}
				})
				if n := s.granted(tt.issue); n != 2 {
					t.Errorf("issued %d times, want 2", n)
				}
			})
		})
	}
}

func TestRenewalComesAWhileBeforeTheEnd(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change          func(*huaweicloud.Config)
		issue           string
		fresh, renewing time.Duration
	}{
		"token of a day":      {withPassword, "CreateToken", 23*time.Hour + 19*time.Minute, 23*time.Hour + 21*time.Minute},
		"agency for one hour": {withAgency, "CreateTemporaryAccessKey", 44 * time.Minute, 46 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newIdentityService(t)
			tt.change(&s.config)
			started := time.Now()
			now := started
			s.config.Hooks.Now = func() time.Time { return now }
			client := s.client(t)
			for _, step := range []struct {
				passed time.Duration
				issued int
			}{{0, 1}, {tt.fresh, 1}, {tt.renewing, 2}} {
				now = started.Add(step.passed)
				at := now
				s.SetClock(func() time.Time { return at })
				if _, err := client.GetSecret(t.Context(), "db"); err != nil {
					t.Fatal(err)
				}
				if n := s.Count(tt.issue); n != step.issued {
					t.Errorf("after %s, issued %d times, want %d", step.passed, n, step.issued)
				}
			}
			for _, r := range s.Requests() {
				if r.Status >= http.StatusBadRequest {
					t.Errorf("refused: %s", r)
				}
			}
		})
	}
}

func TestRenewedCredentialsThatAreRefusedTooAreTheError(t *testing.T) {
	t.Parallel()
	s := newIdentityService(t)
	withPassword(&s.config)
	s.Fail(csmstest.Fault{
		Operation: "ShowSecret", Times: -1, Status: http.StatusUnauthorized, Body: `{"error_code":"APIGW.0301","error_msg":"no"}`,
	})
	_, err := s.client(t).GetSecret(t.Context(), "db")
	if e := errorOf(t, err); e.StatusCode != http.StatusUnauthorized || e.Attempts != 2 || s.Count("CreateToken") != 2 {
		t.Errorf("%d logins, %v", s.Count("CreateToken"), err)
	}
}

func TestFailureToRenewIsTheError(t *testing.T) {
	t.Parallel()
	s := newIdentityService(t)
	withPassword(&s.config)
	client := s.client(t)
	if _, err := client.GetSecret(t.Context(), "db"); err != nil {
		t.Fatal(err)
	}
	s.RevokeTokens()
	s.Fail(csmstest.Fault{Operation: "CreateToken", Times: -1, Status: http.StatusForbidden, Body: `{"error_code":"IAM.0003","error_msg":"no"}`})
	_, err := client.GetSecret(t.Context(), "db")
	if e := errorOf(t, err); e.Operation != csms.OperationLogin || e.Code != "IAM.0003" || e.SecretName != "db" {
		t.Errorf("got %+v", e)
	}
}
