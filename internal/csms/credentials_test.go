package csms_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

func TestRequestsAreAuthorized(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		opts   []csmstest.Option
		change func(*huaweicloud.Config)
		source string
	}{
		"access key": {nil, func(*huaweicloud.Config) {}, "access key"},
		"temporary access key": {
			[]csmstest.Option{csmstest.WithTemporaryCredentials("temporary", "secret", "security-token")},
			func(c *huaweicloud.Config) {
				c.AccessKey, c.SecretKey, c.SecurityToken = "temporary", "secret", "security-token"
			},
			"temporary access key",
		},
		"token": {
			[]csmstest.Option{csmstest.WithToken(csmstest.DefaultToken)},
			func(c *huaweicloud.Config) { c.AccessKey, c.SecretKey, c.Token = "", "", csmstest.DefaultToken },
			"token",
		},
	} {
		for _, projectID := range []string{csmstest.DefaultProjectID, ""} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := newService(t, tt.opts...)
				tt.change(&s.config)
				s.config.ProjectID = projectID
				client := s.client(t)
				for _, op := range operations() {
					if err := op.do(t.Context(), client); err != nil {
						t.Error(err)
					}
				}
				if got := client.CredentialSource(); got != tt.source {
					t.Errorf("the source is %q, want %q", got, tt.source)
				}
				for _, r := range s.Requests() {
					if r.Operation != "ListProjects" && r.Header.Get("X-Project-Id") != csmstest.DefaultProjectID {
						t.Errorf("%s: X-Project-Id is %q", r, r.Header.Get("X-Project-Id"))
					}
				}
			})
		}
	}
}

func TestClientWithoutCredentialsSaysSoWhenItNeedsThem(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.config.AccessKey, s.config.SecretKey = "", ""
	client := s.client(t)
	for _, op := range operations() {
		e := errorOf(t, op.do(t.Context(), client))
		if e.Attempts != 0 || !strings.Contains(e.Error(), "no credentials") {
			t.Errorf("%s: %v", op.name, e)
		}
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestWrongSignatureIsNotRepeated(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.config.SecretKey = "wrong-secret-key"
	_, err := s.client(t).GetSecret(t.Context(), "db")
	if e := errorOf(t, err); e.StatusCode != http.StatusUnauthorized || len(s.Requests()) != 1 {
		t.Errorf("%d requests, %v", len(s.Requests()), err)
	}
}

func TestCredentialsAreInNoErrorAndNoReport(t *testing.T) {
	t.Parallel()
	secrets := []string{"hunter2-access", "hunter2-secret", "hunter2-security", "hunter2-token"}
	for name, change := range map[string]func(*huaweicloud.Config){
		"keys": func(c *huaweicloud.Config) {
			c.AccessKey, c.SecretKey, c.SecurityToken = secrets[0], secrets[1], secrets[2]
		},
		"token": func(c *huaweicloud.Config) { c.AccessKey, c.SecretKey, c.Token = "", "", secrets[3] },
	} {
		for _, body := range []string{
			`{"error_code":"APIGW.0301","error_msg":"bad ` + strings.Join(secrets, " ") + `"}`,
			`<title>` + strings.Join(secrets, " ") + `</title>`,
			`text ` + strings.Join(secrets, " "),
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := newService(t)
				s.Fail(csmstest.Fault{Times: -1, Status: http.StatusUnauthorized, Body: body})
				change(&s.config)
				var told []string
				s.config.OnAttempt = func(_ context.Context, a huaweicloud.Attempt) {
					told = append(told, a.Code, a.RequestID, a.Operation)
					if a.Err != nil {
						told = append(told, a.Err.Error())
					}
				}
				client := s.client(t)
				_, err := client.GetSecret(t.Context(), "db")
				told = append(told, err.Error(), client.CredentialSource())
				used := map[string][]string{"keys": secrets[:3], "token": secrets[3:]}[name]
				for _, secret := range used {
					if text := strings.Join(told, "\n"); strings.Contains(text, secret) {
						t.Errorf("%s is told: %s", secret, text)
					}
				}
				if !strings.Contains(err.Error(), "***") {
					t.Errorf("nothing was concealed: %v", err)
				}
			})
		}
	}
}
