package csms_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func ids(versions []csms.Version) []string {
	var ids []string
	for _, v := range versions {
		ids = append(ids, v.ID)
	}
	return ids
}

func TestVersionNumber(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]int64{"v1": 1, "v12": 12, "v0": 0, "v007": 7} {
		if got, ok := csms.VersionNumber(id); !ok || got != want {
			t.Errorf("VersionNumber(%q) = %d, %v", id, got, ok)
		}
	}
	for _, id := range []string{"", "v", "12", "v-1", "v+1", "vx", "V1", "v1a", "latest", "v99999999999999999999"} {
		if got, ok := csms.VersionNumber(id); ok {
			t.Errorf("the id %q has the number %d", id, got)
		}
	}
}

func TestVersionsAreListedInNumericOrder(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]csmstest.Option{
		"ascending":        nil,
		"descending":       {csmstest.WithVersionOrder(csmstest.Descending)},
		"null marker":      {csmstest.WithLastPageMarker(csmstest.MarkerNull)},
		"empty marker":     {csmstest.WithLastPageMarker(csmstest.MarkerEmpty)},
		"last id as mark":  {csmstest.WithLastPageMarker(csmstest.MarkerLastID)},
		"null expire time": {csmstest.WithNullExpireTime()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, opts...)
			for range 9 {
				s.AddVersion("db", "LATEST")
			}
			got, err := s.client(t).ListVersions(t.Context(), "db")
			want := []string{"v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12"}
			if err != nil || !slices.Equal(ids(got), want) {
				t.Errorf("got %v, %v; want %v", ids(got), err, want)
			}
		})
	}
}

func TestVersionCarriesItsMetadata(t *testing.T) {
	t.Parallel()
	s := newService(t)
	created, expires := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	s.PutSecret(csmstest.Secret{Name: "web", Versions: []csmstest.Version{
		{ID: "v1", Stages: []string{"Z", "A"}, KMSKeyID: "key-1", CreateTime: created, ExpireTime: expires},
		{ID: "v2", KMSKeyID: "key-2", CreateTime: created},
	}})
	got, err := s.client(t).ListVersions(t.Context(), "web")
	if err != nil {
		t.Fatal(err)
	}
	want := []csms.Version{
		{SecretName: "web", ID: "v1", KMSKeyID: "key-1", CreateTime: created, ExpireTime: expires, Stages: []string{"A", "Z"}},
		{SecretName: "web", ID: "v2", KMSKeyID: "key-2", CreateTime: created},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// pagedVersions serves pages of a version list by marker; a page is its versions and its next marker, separated by "|".
func pagedVersions(t *testing.T, pages map[string]string) *csms.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, ok := pages[r.URL.Query().Get("marker")]
		if !ok {
			http.Error(w, "no such page", http.StatusInternalServerError)
			return
		}
		names, next, _ := strings.Cut(page, "|")
		var items []string
		for id := range strings.FieldsSeq(names) {
			items = append(items, fmt.Sprintf(`{"id":%q}`, id))
		}
		_, _ = fmt.Fprintf(w, `{"version_metadatas":[%s],"page_info":{"next_marker":%q}}`, strings.Join(items, ","), next)
	}))
	t.Cleanup(server.Close)
	cfg := configFor(server.URL)
	cfg.MaxRetries = 0
	return newClient(t, cfg)
}

func TestListsAreFollowedToTheirEnd(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		pages map[string]string
		want  []string
	}{
		{"one page", map[string]string{"": "v1 v2|"}, []string{"v1", "v2"}},
		{"three pages", map[string]string{"": "v1|v1", "v1": "v2|v2", "v2": "v3|"}, []string{"v1", "v2", "v3"}},
		{"empty last page", map[string]string{"": "v1|v1", "v1": "|"}, []string{"v1"}},
		{"empty page with a marker", map[string]string{"": "v1|v1", "v1": "|v7"}, []string{"v1"}},
		{"marker that repeats", map[string]string{"": "v1|v1", "v1": "v2|v1"}, []string{"v1", "v2"}},
		{"markers in a circle", map[string]string{"": "v1|a", "a": "v2|b", "b": "v1|a"}, []string{"v1", "v2"}},
		{"overlapping pages", map[string]string{"": "v1 v2|v2", "v2": "v2 v3|"}, []string{"v1", "v2", "v3"}},
		{"markers that are ignored", map[string]string{"": "v1|x", "x": "v1|x"}, []string{"v1"}},
		{"other ids last", map[string]string{"": "b v10 a v9|"}, []string{"v9", "v10", "a", "b"}},
		{"nothing", map[string]string{"": "|"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := pagedVersions(t, tt.pages).ListVersions(t.Context(), "db")
			if err != nil || !slices.Equal(ids(got), tt.want) {
				t.Errorf("got %v, %v; want %v", ids(got), err, tt.want)
			}
		})
	}
}

func TestFailureOnALaterPageIsNotAShorterList(t *testing.T) {
	t.Parallel()
	got, err := pagedVersions(t, map[string]string{"": "v1|v1"}).ListVersions(t.Context(), "db")
	if e := errorOf(t, err); got != nil || e.StatusCode != http.StatusInternalServerError {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestListOfUnexpectedShapeIsNotAnEmptyList(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"no list":        `{}`,
		"null":           `{"version_metadatas":null}`,
		"another name":   `{"versions":[]}`,
		"object":         `{"version_metadatas":{}}`,
		"text":           `{"version_metadatas":"none"}`,
		"version null":   `{"version_metadatas":[null]}`,
		"no id":          `{"version_metadatas":[{"create_time":1}]}`,
		"another secret": `{"version_metadatas":[{"id":"v1","secret_name":"web"}]}`,
		"numeric id":     `{"version_metadatas":[{"id":1}]}`,
		"endless expiry": `{"version_metadatas":[{"id":"v1","expire_time":92233720368547758}]}`,
		"HTML":           `<!DOCTYPE html><title>Sign in</title>`,
		"empty":          ``,
		"JSON null":      `null`,
		"an error as OK": `{"error_code":"CSMS.0005","error_msg":"The resource does not exist."}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := answering(t, http.StatusOK, nil, body).ListVersions(t.Context(), "db")
			if e := errorOf(t, err); got != nil || csms.IsGone(err) || e.StatusCode != http.StatusOK || e.Message == "" {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

func TestExpiryIsSet(t *testing.T) {
	t.Parallel()
	at := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		opts  []csmstest.Option
		lists int
	}{
		"answered":     {nil, 1},
		"in seconds":   {[]csmstest.Option{csmstest.WithSecondsTimestamps()}, 1},
		"not answered": {[]csmstest.Option{csmstest.WithoutExpireTimeInAnswer()}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, tt.opts...)
			if err := setExpiry(t.Context(), s.client(t), "v2", at.In(time.FixedZone("", 7200))); err != nil {
				t.Error(err)
			}
			if n := s.Count("ListVersions"); n != tt.lists {
				t.Errorf("%d lists, want %d", n, tt.lists)
			}
			if body := string(s.Requests()[1].Body); !strings.Contains(body, `"expire_time":1893456000000`) {
				t.Errorf("sent %s", body)
			}
			if stored := s.Expiry("db", "v2"); !stored.Equal(at) {
				t.Errorf("the service has %s", stored)
			}
		})
	}
}

func TestLatestExpiryIsSent(t *testing.T) {
	t.Parallel()
	s := newService(t)
	if err := setExpiry(t.Context(), s.client(t), "v1", csms.MaxTime); err != nil || !s.Expiry("db", "v1").Equal(csms.MaxTime) {
		t.Errorf("stored %s, %v", s.Expiry("db", "v1"), err)
	}
}

func TestTimeUpToTheLastOfThirteenDigitsIsBelieved(t *testing.T) {
	t.Parallel()
	for milliseconds, believed := range map[int64]bool{9999999999999: true, 10000000000000: false} {
		body := fmt.Sprintf(`{"version_metadatas":[{"id":"v1","expire_time":%d}]}`, milliseconds)
		got, err := answering(t, http.StatusOK, nil, body).ListVersions(t.Context(), "db")
		if believed && (err != nil || !got[0].ExpireTime.Equal(time.UnixMilli(milliseconds))) {
			t.Errorf("%d: got %+v, %v", milliseconds, got, err)
		}
		if !believed && (err == nil || len(got) > 0) {
			t.Errorf("%d is believed: %+v", milliseconds, got)
		}
	}
}

func TestDisabledSecretIsNotGone(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.SetState("db", csms.SecretDisabled)
	err := setExpiry(t.Context(), s.client(t), "v1", csms.MaxTime)
	if e := errorOf(t, err); e.Code != "CSMS.0109" || e.Attempts != 1 || csms.IsGone(err) {
		t.Errorf("got %v", err)
	}
}

func TestAnswerAboutAnotherVersionIsNotBelieved(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{}`, `{"version":{"id":"v1"}}`, `{"version_metadata":{"id":"v2"}}`, `{"version_metadata":{}}`, `<html>`,
	} {
		err := setExpiry(t.Context(), answeringWrites(t, http.StatusOK, body), "v1", csms.MaxTime)
		if e := errorOf(t, err); e.StatusCode != http.StatusOK {
			t.Errorf("%s: got %v", body, err)
		}
	}
}

func FuzzVersionLists(f *testing.F) {
	for _, seed := range []string{
		`{"version_metadatas":[{"id":"v1","create_time":1893456000000,"expire_time":null,"version_stages":["A",""]}]}`,
		`{"version_metadatas":[{"id":"v2"},{"id":"v10"},{"id":"x"}],"page_info":{"next_marker":"x"}}`,
		`{"version_metadatas":[]}`, `{"version_metadatas":[{"id":"v1","expire_time":1e400}]}`, `{"a":`, `[[[[`, "\xff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		versions, err := offline(t, http.StatusOK, http.Header{}, body).ListVersions(t.Context(), "db")
		if err != nil {
			if e := errorOf(t, err); csms.IsGone(err) || len(versions) != 0 {
				t.Fatalf("%d versions besides %v", len(versions), e)
			}
			return
		}
		if !strings.Contains(strings.ToLower(body), "version_metadatas") && !strings.Contains(body, `\`) {
			t.Fatalf("a list was made of %q", body)
		}
		for _, v := range versions {
			if v.ID == "" || v.SecretName != "db" || v.ExpireTime.After(csms.MaxTime.Add(time.Second)) || slices.Contains(v.Stages, "") {
				t.Fatalf("believed %+v", v)
			}
		}
	})
}
