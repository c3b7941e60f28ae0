package csms_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

func TestAgencyIsAssumed(t *testing.T) {
	t.Parallel()
	rotator := huaweicloud.AssumeRole{AgencyName: "rotator", DomainName: "other-domain"}
	rotatorByID := huaweicloud.AssumeRole{AgencyName: "rotator", DomainID: otherDomain, Duration: 20 * time.Minute}
	back := huaweicloud.AssumeRole{AgencyName: "back", DomainName: csmstest.DefaultDomainName}
	backByID := huaweicloud.AssumeRole{AgencyName: "back", DomainID: csmstest.DefaultDomainID}
	for name, tt := range map[string]struct {
		base            func(*huaweicloud.Config)
		roles           []huaweicloud.AssumeRole
		project, source string
	}{
		"by name":          {func(*huaweicloud.Config) {}, []huaweicloud.AssumeRole{rotator}, otherProject, "agency rotator, assumed with access key"},
		"by id":            {func(*huaweicloud.Config) {}, []huaweicloud.AssumeRole{rotatorByID}, otherProject, "agency rotator, assumed with access key"},
		"with a password":  {withPassword, []huaweicloud.AssumeRole{rotator}, otherProject, "agency rotator, assumed with password"},
		"password, by id":  {withPassword, []huaweicloud.AssumeRole{rotatorByID}, otherProject, "agency rotator, assumed with password"},
		"with OIDC":        {withOIDC, []huaweicloud.AssumeRole{rotator}, otherProject, "agency rotator, assumed with OIDC identity"},
		"on a server":      {withMetadata, []huaweicloud.AssumeRole{rotatorByID}, otherProject, "agency rotator, assumed with metadata of the cloud server"},
		"chain by name":    {func(*huaweicloud.Config) {}, []huaweicloud.AssumeRole{rotator, back}, csmstest.DefaultProjectID, "agency back, assumed with agency rotator, assumed with access key"},
		"chain by id":      {func(*huaweicloud.Config) {}, []huaweicloud.AssumeRole{rotatorByID, backByID}, csmstest.DefaultProjectID, "agency back, assumed with agency rotator, assumed with access key"},
		"chain, both ways": {func(*huaweicloud.Config) {}, []huaweicloud.AssumeRole{rotatorByID, back}, csmstest.DefaultProjectID, "agency back, assumed with agency rotator, assumed with access key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newIdentityService(t)
			tt.base(&s.config)
			s.config.ProjectID, s.config.AssumeRole = "", tt.roles
			client := s.client(t)
			concurrently(10, func(int) {
				if _, err := client.GetSecret(t.Context(), "db"); err != nil {
					t.Error(err)
				}
			})
			for _, r := range s.Requests() {
				if r.Operation == "ShowSecret" && r.ProjectID != tt.project {
					t.Errorf("asked in the project %s", r.ProjectID)
				}
			}
			if n := s.Count("CreateTemporaryAccessKey") + s.Count("AssumeAgency"); n != len(tt.roles) {
				t.Errorf("%d agencies were assumed, want %d", n, len(tt.roles))
			}
			if got := client.CredentialSource(); got != tt.source {
				t.Errorf("the source is %q, want %q", got, tt.source)
			}
		})
	}
}

func TestOnlySignersAskTheSecurityTokenService(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		base func(*huaweicloud.Config)
		want string
	}{
		"access key": {func(*huaweicloud.Config) {}, "AssumeAgency"}, "cloud server": {withMetadata, "AssumeAgency"},
		"password": {withPassword, "CreateTemporaryAccessKey"}, "OIDC": {withOIDC, "CreateTemporaryAccessKey"},
	} {
		s := newIdentityService(t)
		tt.base(&s.config)
		s.config.ProjectID, s.config.AssumeRole = "", []huaweicloud.AssumeRole{{AgencyName: "rotator", DomainID: otherDomain}}
		if _, err := s.client(t).GetSecret(t.Context(), "db"); err != nil || s.granted(tt.want) != 1 {
			t.Errorf("%s: %d times %s, %v", name, s.granted(tt.want), tt.want, err)
		}
	}
}

func TestIAMIsToldTheAccountOfASigner(t *testing.T) {
	t.Parallel()
	for _, known := range []string{"", csmstest.DefaultDomainID} {
		s := newIdentityService(t)
		withAgency(&s.config)
		s.config.DomainID = known
		s.config.AssumeRole[0].Duration = 30 * time.Minute
		if _, err := s.client(t).GetSecret(t.Context(), "db"); err != nil {
			t.Fatal(err)
		}
		if n := s.Count("ListDomains"); (n == 0) != (known != "") {
			t.Errorf("account %q: %d look-ups", known, n)
		}
		for _, r := range s.Requests() {
			if r.Operation != "CreateTemporaryAccessKey" {
				continue
			}
			if got := r.Header.Get("X-Domain-Id"); got != csmstest.DefaultDomainID || !strings.Contains(string(r.Body), `"duration_seconds":1800`) {
				t.Errorf("sent the account %q and %s", got, r.Body)
			}
		}
	}
}

func TestAgencyThatCannotBeAssumed(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		role   huaweicloud.AssumeRole
		fault  *csmstest.Fault
		status int
	}{
		"unknown at IAM":    {huaweicloud.AssumeRole{AgencyName: "x", DomainName: "other-domain"}, nil, http.StatusNotFound},
		"unknown at STS":    {huaweicloud.AssumeRole{AgencyName: "x", DomainID: otherDomain}, nil, http.StatusForbidden},
		"no keys from IAM":  {huaweicloud.AssumeRole{AgencyName: "x", DomainName: "y"}, &csmstest.Fault{Status: 201, Body: `{"credential":{}}`}, 201},
		"no keys from STS":  {huaweicloud.AssumeRole{AgencyName: "x", DomainID: "y"}, &csmstest.Fault{Status: 200, Body: `{}`}, 200},
		"portal before STS": {huaweicloud.AssumeRole{AgencyName: "x", DomainID: "y"}, &csmstest.Fault{Status: 200, Body: `<html>`}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newIdentityService(t)
			s.config.AssumeRole, s.config.DomainID = []huaweicloud.AssumeRole{tt.role}, csmstest.DefaultDomainID
			if tt.fault != nil {
				s.Fail(*tt.fault)
			}
			_, err := s.client(t).GetStage(t.Context(), "db", "GREEN")
			e := errorOf(t, err)
			if e.Operation != csms.OperationAssumeAgency+" x" || e.StatusCode != tt.status || csms.IsGone(err) || e.Stage != "GREEN" {
				t.Errorf("got %+v", e)
			}
		})
	}
}

func TestAccountThatIsNotOneIsAnError(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"domains":[]}`, `{"domains":[{"id":"1"},{"id":"2"}]}`, `{"domains":[{"id":"a b"}]}`, `{}`} {
		s := newIdentityService(t)
		withAgency(&s.config)
		s.Fail(csmstest.Fault{Operation: "ListDomains", Status: http.StatusOK, Body: body})
		_, err := s.client(t).GetSecret(t.Context(), "db")
		if e := errorOf(t, err); e.Operation != csms.OperationGetAccount {
			t.Errorf("%s: %v", body, err)
		}
	}
}
