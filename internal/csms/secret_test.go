package csms_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func TestSecretIsReadWithItsState(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.SetState("db", csms.SecretFrozen)
	got, err := s.client(t).GetSecret(t.Context(), "db")
	if err != nil || got.Name != "db" || got.State != csms.SecretFrozen {
		t.Errorf("GetSecret = %+v, %v", got, err)
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

func TestSecretOfAnOddTimeIsListed(t *testing.T) {
	t.Parallel()
	const odd = `"create_time":99999999999999,"update_time":-1,"scheduled_delete_time":92233720368547758`
	got, err := answering(t, http.StatusOK, nil, `{"secrets":[{"name":"web"},{"name":"db",`+odd+`}]}`).ListSecrets(t.Context())
	if err != nil || len(got) != 2 || got[0].Name != "db" {
		t.Errorf("ListSecrets = %+v, %v", got, err)
	}
	if _, err := answering(t, http.StatusOK, nil, `{"secret":{"name":"db",`+odd+`}}`).GetSecret(t.Context(), "db"); err != nil {
		t.Errorf("GetSecret: %v", err)
	}
}

func TestSecretOnTwoPagesIsListedOnce(t *testing.T) {
	t.Parallel()
	client, _ := paging(t, map[string]string{
		"":    `{"secrets":[{"name":"web"},{"name":"db"}],"page_info":{"next_marker":"db"}}`,
		"db":  `{"secrets":[{"name":"db"},{"name":"api"}],"page_info":{"next_marker":"api"}}`,
		"api": `{"secrets":[],"page_info":{"next_marker":"api"}}`,
	})
	got, err := client.ListSecrets(t.Context())
	if err != nil || len(got) != 3 || got[0].Name != "api" || got[1].Name != "db" || got[2].Name != "web" {
		t.Errorf("ListSecrets = %+v, %v", got, err)
	}
}

func TestPageWhoseMarkerLeadsToItselfIsTheLast(t *testing.T) {
	t.Parallel()
	client, asked := paging(t, map[string]string{
		"":   `{"secrets":[{"name":"api"}],"page_info":{"next_marker":"db"}}`,
		"db": `{"secrets":[{"name":"db"}],"page_info":{"next_marker":"db"}}`,
	})
	if got, err := client.ListSecrets(t.Context()); err != nil || len(got) != 2 {
		t.Errorf("ListSecrets = %+v, %v", got, err)
	}
	if n := len(asked()); n != 2 {
		t.Errorf("asked for the pages %q, want each once", asked())
	}
}

// paging is a client of a service that has the given pages by their markers, and the markers that it was asked for.
func paging(t *testing.T, pages map[string]string) (client *csms.Client, asked func() []string) {
	t.Helper()
	var markers []string
	cfg := configFor("http://offline.invalid")
	cfg.Hooks.RoundTrip = func(r *http.Request) (*http.Response, error) {
		marker := r.URL.Query().Get("marker")
		markers = append(markers, marker)
		body := io.NopCloser(strings.NewReader(pages[marker]))
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: body}, nil
	}
	return newClient(t, cfg), func() []string { return markers }
}

func TestAnswerAboutAnotherSecretIsNotBelieved(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{}`, `{"secret":{}}`, `{"secret":{"name":"web"}}`, `<html>`,
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
