package csms_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func TestCloudServerHasKeysByBothProtocols(t *testing.T) {
	t.Parallel()
	for name, protocol := range map[string]csmstest.Metadata{
		"older": csmstest.MetadataV1, "both": csmstest.MetadataV1AndV2, "newer": csmstest.MetadataV2,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newIdentityService(t, csmstest.WithMetadata(protocol))
			withMetadata(&s.config)
			client := s.client(t)
			concurrently(20, func(int) {
				if _, err := client.GetSecret(t.Context(), "db"); err != nil {
					t.Error(err)
				}
			})
			if n := s.Count("ShowInstanceKey"); n != 1 || client.CredentialSource() != "metadata of the cloud server" {
				t.Errorf("asked %d times for keys of %s", n, client.CredentialSource())
			}
		})
	}
}

func TestMetadataServiceThatHasNoKeys(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault csmstest.Fault
		want  string
	}{
		"no agency":             {csmstest.Fault{Operation: "None"}, "Please configure Cloud Service Agency first"},
		"no token":              {csmstest.Fault{Method: http.MethodPut, Status: http.StatusForbidden, Body: "blocked"}, "blocked"},
		"token over two lines":  {csmstest.Fault{Method: http.MethodPut, Status: http.StatusOK, Body: "a\nb"}, "no token"},
		"no keys":               {csmstest.Fault{Method: http.MethodGet, Status: http.StatusOK, Body: `{"credential":{"access":"a"}}`}, "no temporary keys"},
		"something else's page": {csmstest.Fault{Method: http.MethodGet, Status: http.StatusOK, Body: `<title>Router</title>`}, "Router"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newIdentityService(t, csmstest.WithMetadata(csmstest.MetadataWithoutAgency))
			withMetadata(&s.config)
			s.Fail(tt.fault)
			_, err := s.client(t).GetSecret(t.Context(), "db")
			if e := errorOf(t, err); e.Operation != csms.OperationGetMetadata || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestOlderMetadataProtocolIsNoticed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusServiceUnavailable} {
		s := newIdentityService(t, csmstest.WithMetadata(csmstest.MetadataV1))
		withMetadata(&s.config)
		s.Fail(csmstest.Fault{Method: http.MethodPut, Times: -1, Status: status})
		if _, err := s.client(t).GetSecret(t.Context(), "db"); err != nil {
			t.Errorf("status %d: %v", status, err)
		}
	}
}

func TestMissingMetadataServiceIsNotWaitedForLong(t *testing.T) {
	t.Parallel()
	s := newIdentityService(t)
	withMetadata(&s.config)
	s.config.MetadataURL, s.config.MaxRetries = "http://127.0.0.1:1", 100
	_, err := s.client(t).GetSecret(t.Context(), "db")
	if e := errorOf(t, err); e.Attempts != 2 || e.StatusCode != 0 || !strings.Contains(err.Error(), "127.0.0.1:1") {
		t.Errorf("%d attempts: %v", e.Attempts, err)
	}
}
