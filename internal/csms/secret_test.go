package csms_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func TestSecretIsReadWithItsState(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.SetState("db", csms.SecretFrozen)
	got, err := s.client(t).GetSecret(t.Context(), "db")
	if err != nil || got.Name != "db" || got.State != csms.SecretFrozen || got.KMSKeyID == "" || got.CreateTime.IsZero() {
		t.Errorf("GetSecret = %+v, %v", got, err)
	}
	if !got.ScheduledDeleteTime.IsZero() {
		t.Errorf("a deletion is scheduled at %s", got.ScheduledDeleteTime)
	}
	if _, err := s.client(t).GetSecret(t.Context(), "nothing"); !csms.IsGone(err) {
		t.Errorf("a missing secret: %v", err)
	}
}

func TestSecretsAreListedOverAllPages(t *testing.T) {
	t.Parallel()
	for name, marker := range map[string]csmstest.LastPageMarker{"absent": csmstest.MarkerAbsent, "last id": csmstest.MarkerLastID} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, csmstest.WithLastPageMarker(marker))
			for i := range 120 {
				s.PutSecret(csmstest.Secret{Name: fmt.Sprintf("secret-%03d", i)})
			}
			got, err := s.client(t).ListSecrets(t.Context())
			if err != nil || len(got) != 121 || got[0].Name != "db" || got[120].Name != "secret-119" {
				t.Errorf("got %d secrets, %v", len(got), err)
			}
		})
	}
}

func TestAnswerAboutAnotherSecretIsNotBelieved(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{}`, `{"secret":{}}`, `{"secret":{"name":"web"}}`, `{"secret":{"name":"db","create_time":99999999999999}}`, `<html>`,
	} {
		got, err := answering(t, http.StatusOK, nil, body).GetSecret(t.Context(), "db")
		if e := errorOf(t, err); got != nil || e.StatusCode != http.StatusOK {
			t.Errorf("%s: got %+v, %v", body, got, err)
		}
	}
	for _, body := range []string{`{}`, `{"secrets":null}`, `{"secrets":[{}]}`} {
		got, err := answering(t, http.StatusOK, nil, body).ListSecrets(t.Context())
		if e := errorOf(t, err); got != nil || e.StatusCode != http.StatusOK {
			t.Errorf("%s: got %+v, %v", body, got, err)
		}
	}
}
