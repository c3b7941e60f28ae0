package csmstest_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

const (
	versions = project + "/secrets/s/versions"
	expiry   = `{"expire_time":1893456000000}` // 2030-01-01T00:00:00Z.
)

func TestUpdateVersionSetsAnExpiryInWholeSeconds(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	got := c.do(http.MethodPut, versions+"/v1", `{"expire_time":1893456000999}`)
	got.wantStatus(t, http.StatusOK)
	got.wantText(t, "version_metadata.id", "v1")
	got.wantText(t, "version_metadata.expire_time", "1893456000000")
	got.wantText(t, "version_metadata.secret_name", "s")
	got.wantText(t, "version_metadata.version_stages.0", "SYSPREVIOUS")
	got.wantText(t, "version_metadata.create_time", fmt.Sprint(instantMilliseconds))
	if stored := c.mock.Expiry("s", "v1"); !stored.Equal(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("stored %v", stored)
	}
	c.do(http.MethodPut, versions+"/v1", expiry).wantStatus(t, http.StatusOK)
	if seen := c.mock.Requests(); !seen[0].Changed || seen[1].Changed {
		t.Errorf("changes are recorded as %v, %v; want true, false", seen[0].Changed, seen[1].Changed)
	}
}

func TestUpdateVersionMayNotTellTheExpiry(t *testing.T) {
	t.Parallel()
	c := seeded(t, csmstest.WithoutExpireTimeInAnswer())
	if got := c.do(http.MethodPut, versions+"/v1", expiry); got.status != http.StatusOK || got.has("expire_time") {
		t.Errorf("got %v", got)
	}
	c.do(http.MethodGet, versions, "").wantText(t, "version_metadatas.0.expire_time", "1893456000000")
}

func TestExpiriesThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]struct {
		path, body string
		status     int
		code       string
	}{
		"the present":      {versions + "/v1", fmt.Sprintf(`{"expire_time":%d}`, instantMilliseconds), 400, "CSMS.0002"},
		"within a second":  {versions + "/v1", fmt.Sprintf(`{"expire_time":%d}`, instantMilliseconds+999), 400, "CSMS.0002"},
		"seconds":          {versions + "/v1", `{"expire_time":1893456000}`, 400, "CSMS.0002"},
		"zero":             {versions + "/v1", `{"expire_time":0}`, 400, "CSMS.0002"},
		"null":             {versions + "/v1", `{"expire_time":null}`, 400, "CSMS.0002"},
		"missing":          {versions + "/v1", `{}`, 400, "CSMS.0002"},
		"text":             {versions + "/v1", `{"expire_time":"1893456000000"}`, 400, "CSMS.0002"},
		"fraction":         {versions + "/v1", `{"expire_time":1893456000000.5}`, 400, "CSMS.0002"},
		"exponent":         {versions + "/v1", `{"expire_time":1e13}`, 400, "CSMS.0002"},
		"negative":         {versions + "/v1", `{"expire_time":-1}`, 400, "CSMS.0002"},
		"fourteen digits":  {versions + "/v1", `{"expire_time":10000000000000}`, 400, "CSMS.0002"},
		"no body":          {versions + "/v1", ``, 400, "CSMS.0004"},
		"alias of version": {versions + "/latest", expiry, 400, "CSMS.0002"},
		"odd version":      {versions + "/1", expiry, 400, "CSMS.0002"},
		"unknown version":  {versions + "/v9", expiry, 404, "CSMS.0005"},
		"unknown secret":   {project + "/secrets/x/versions/v1", expiry, 404, "CSMS.0106"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := seeded(t)
			c.do(http.MethodPut, try.path, try.body).wantError(t, try.status, try.code)
			if stored := c.mock.Expiry("s", "v1"); !stored.IsZero() {
				t.Errorf("stored %v", stored)
			}
		})
	}
}

func TestTheGreatestExpiryIsAccepted(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	c.do(http.MethodPut, versions+"/v1", `{"expire_time":9999999999999}`).
		wantText(t, "version_metadata.expire_time", "9999999999000")
}

func TestExpiriesCanBeCleared(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"expire_time":0}`, `{"expire_time":null}`} {
		c := seeded(t, csmstest.WithExpiryClearing())
		c.do(http.MethodPut, versions+"/v1", expiry).wantStatus(t, http.StatusOK)
		got := c.do(http.MethodPut, versions+"/v1", body)
		if got.status != http.StatusOK || got.has("expire_time") || !c.mock.Expiry("s", "v1").IsZero() {
			t.Errorf("%s: got %v", body, got)
		}
	}
}

func TestOnlyEnabledSecretsAllowWhatConcernsValuesAndExpiry(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]struct {
		status int
		code   string
	}{
		"DISABLED":       {http.StatusForbidden, "CSMS.0109"},
		"FROZEN":         {http.StatusForbidden, "CSMS.0109"},
		"PENDING_DELETE": {http.StatusBadRequest, "CSMS.0103"},
	} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			c := seeded(t)
			c.mock.SetState("s", state)
			c.do(http.MethodPut, versions+"/v1", expiry).wantError(t, want.status, want.code)
			c.do(http.MethodPost, versions, `{"secret_string":"x"}`).wantError(t, want.status, want.code)
			c.do(http.MethodGet, versions+"/v1", "").wantError(t, want.status, want.code)
			c.do(http.MethodGet, versions, "").wantStatus(t, http.StatusOK)
			c.do(http.MethodGet, project+"/secrets/s", "").wantText(t, "secret.state", state)

			strict := seeded(t, csmstest.WithInactiveSecretReadsRefused())
			strict.mock.SetState("s", state)
			strict.do(http.MethodGet, versions, "").wantError(t, want.status, want.code)
		})
	}
}

func TestListsHoldMetadataAlone(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	got := c.do(http.MethodGet, versions, "")
	got.wantText(t, "version_metadatas.1.id", "v2")
	got.wantText(t, "version_metadatas.1.version_stages", "[BLUE SYSCURRENT]")
	got.wantText(t, "version_metadatas.2.version_stages", "[]")
	got.wantText(t, "page_info.current_count", "3")
	if got.has("expire_time") || got.has("secret_string") || strings.Contains(got.String(), csmstest.PlaintextMark) {
		t.Errorf("got %v", got)
	}
}

func TestAnUnsetExpiryCanBeNull(t *testing.T) {
	t.Parallel()
	c := seeded(t, csmstest.WithNullExpireTime())
	if got := c.do(http.MethodGet, versions, ""); !got.has("expire_time") || got.at("version_metadatas.0.expire_time") != nil {
		t.Errorf("got %v", got)
	}
}

func TestTimestampsCanBeSeconds(t *testing.T) {
	t.Parallel()
	c := seeded(t, csmstest.WithSecondsTimestamps())
	got := c.do(http.MethodPut, versions+"/v1", expiry)
	got.wantText(t, "version_metadata.expire_time", "1893456000")
	got.wantText(t, "version_metadata.create_time", fmt.Sprint(instantMilliseconds/1000))
	c.do(http.MethodGet, blue, "").wantText(t, "stage.update_time", fmt.Sprint(instantMilliseconds/1000))
}

func TestListsComeInPages(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]struct {
		opts  []csmstest.Option
		pages []string // The ids of each page, then the marker that follows.
	}{
		"no last marker":  {nil, []string{"v1 v2 -> v2", "v3 v10 -> v10", "v11 -> absent"}},
		"null last":       {[]csmstest.Option{csmstest.WithLastPageMarker(csmstest.MarkerNull)}, []string{"v1 v2 -> v2", "v3 v10 -> v10", "v11 -> null"}},
		"empty last":      {[]csmstest.Option{csmstest.WithLastPageMarker(csmstest.MarkerEmpty)}, []string{"v1 v2 -> v2", "v3 v10 -> v10", "v11 -> "}},
		"marker for ever": {[]csmstest.Option{csmstest.WithLastPageMarker(csmstest.MarkerLastID)}, []string{"v1 v2 -> v2", "v3 v10 -> v10", "v11 -> v11", " -> absent"}},
		"newest first":    {[]csmstest.Option{csmstest.WithVersionOrder(csmstest.Descending)}, []string{"v11 v10 -> v10", "v3 v2 -> v2", "v1 -> absent"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := seeded(t, try.opts...)
			c.mock.PutSecret(csmstest.Secret{Name: "s", Versions: []csmstest.Version{
				{ID: "v10"}, {ID: "v2"}, {ID: "v1"}, {ID: "v11"}, {ID: "v3"},
			}})
			if pages := c.pages(); !slices.Equal(pages, try.pages) {
				t.Errorf("got pages %q, want %q", pages, try.pages)
			}
		})
	}
}

// pages reads the versions of "s" two at a time until no marker leads on.
func (c *conversation) pages() (pages []string) {
	c.t.Helper()
	marker := ""
	for range 10 {
		got := c.do(http.MethodGet, versions+"?limit=2&marker="+marker, "")
		var ids []string
		for i := range 2 {
			if id := got.text(fmt.Sprintf("version_metadatas.%d.id", i)); id != "" {
				ids = append(ids, id)
			}
		}
		next, told := got.at("page_info.next_marker"), "absent"
		if got.has("next_marker") && next == nil {
			told = "null"
		} else if next != nil {
			told = fmt.Sprint(next)
		}
		pages = append(pages, strings.Join(ids, " ")+" -> "+told)
		if marker = got.text("page_info.next_marker"); marker == "" {
			break
		}
	}
	return pages
}

func TestPagingParametersThatAreRefused(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	for _, parameters := range []string{"limit=0", "limit=1001", "limit=-1", "limit=x", "limit=", "marker=v9", "marker=x"} {
		c.do(http.MethodGet, versions+"?"+parameters, "").wantError(t, http.StatusBadRequest, "CSMS.0002")
	}
	c.do(http.MethodGet, versions+"?limit=1000", "").wantStatus(t, http.StatusOK)
}

func TestPagesHoldFiftyRecordsUnlessTold(t *testing.T) {
	t.Parallel()
	c := converse(t)
	for i := range 60 {
		c.mock.PutSecret(csmstest.Secret{Name: fmt.Sprintf("s%02d", i)})
	}
	first := c.do(http.MethodGet, project+"/secrets", "")
	first.wantText(t, "page_info.current_count", "50")
	first.wantText(t, "page_info.next_marker", "s49")
	second := c.do(http.MethodGet, project+"/secrets?marker=s49", "")
	second.wantText(t, "page_info.current_count", "10")
	second.wantText(t, "secrets.0.name", "s50")
	second.wantText(t, "page_info.next_marker", "")
}

func TestCreateVersionNumbersAndLabels(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]struct{ body, labels string }{
		"by its own rule":       {`{"secret_string":"x"}`, "v1[] v2[BLUE SYSPREVIOUS] v3[] v4[SYSCURRENT]"},
		"no labels named":       {`{"secret_string":"x","version_stages":[]}`, "v1[] v2[BLUE SYSPREVIOUS] v3[] v4[SYSCURRENT]"},
		"by the labels named":   {`{"secret_string":"x","version_stages":["BLUE","NEW"]}`, "v1[SYSPREVIOUS] v2[SYSCURRENT] v3[] v4[BLUE NEW]"},
		"of a binary value":     {`{"secret_binary":"eA=="}`, "v1[] v2[BLUE SYSPREVIOUS] v3[] v4[SYSCURRENT]"},
		"with an empty value":   {`{"secret_string":""}`, "v1[] v2[BLUE SYSPREVIOUS] v3[] v4[SYSCURRENT]"},
		"with null for no time": {`{"secret_string":"x","expire_time":null}`, "v1[] v2[BLUE SYSPREVIOUS] v3[] v4[SYSCURRENT]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := seeded(t)
			got := c.do(http.MethodPost, versions, try.body)
			got.wantStatus(t, http.StatusOK)
			got.wantText(t, "version_metadata.id", "v4")
			if got.has("secret_string") || got.has("secret_binary") {
				t.Errorf("the answer holds the value: %v", got)
			}
			if labels := c.labels(); labels != try.labels {
				t.Errorf("got %s, want %s", labels, try.labels)
			}
		})
	}
}

// labels writes the versions of "s" with their labels.
func (c *conversation) labels() string {
	s, _ := c.mock.Secret("s")
	var all []string
	for _, v := range s.Versions {
		all = append(all, fmt.Sprint(v.ID, v.Stages))
	}
	return strings.Join(all, " ")
}

func TestCreateVersionTakesAnExpiry(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	c.do(http.MethodPost, versions, `{"secret_string":"x","expire_time":1893456000123}`).
		wantText(t, "version_metadata.expire_time", "1893456000000")
}

func TestVersionsThatAreRefused(t *testing.T) {
	t.Parallel()
	tooLong := strings.Repeat("x", 32769)
	for name, body := range map[string]string{
		"no value":             `{}`,
		"two values":           `{"secret_string":"x","secret_binary":"eA=="}`,
		"value not text":       `{"secret_string":1}`,
		"binary not base64":    `{"secret_binary":"?"}`,
		"value too long":       `{"secret_string":"` + tooLong + `"}`,
		"labels not a list":    `{"secret_string":"x","version_stages":"BLUE"}`,
		"label with a dot":     `{"secret_string":"x","version_stages":["a.b"]}`,
		"label twice":          `{"secret_string":"x","version_stages":["A","A"]}`,
		"label null":           `{"secret_string":"x","version_stages":[null]}`,
		"expiry in the past":   `{"secret_string":"x","expire_time":1}`,
		"more than 12 labels":  `{"secret_string":"x","version_stages":["1","2","3","4","5","6","7","8","9","10","11","12","13"]}`,
		"expiry a text":        `{"secret_string":"x","expire_time":"1893456000000"}`,
		"expiry of zero":       `{"secret_string":"x","expire_time":0}`,
		"binary not text":      `{"secret_binary":7}`,
		"binary value too big": `{"secret_binary":"` + strings.Repeat("AAAA", 8193) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := seeded(t)
			c.do(http.MethodPost, versions, body).wantError(t, http.StatusBadRequest, "CSMS.0002")
			if s, _ := c.mock.Secret("s"); len(s.Versions) != 3 {
				t.Errorf("got versions %v", c.labels())
			}
		})
	}
}

func TestVersionAndLabelLimitsOnCreation(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	c.do(http.MethodPost, versions, `{"secret_string":"x","version_stages":["1","2","3","4","5","6","7","8","9","10"]}`).
		wantError(t, http.StatusBadRequest, "CSMS.0203")
	for range 17 {
		c.do(http.MethodPost, versions, `{"secret_string":"x"}`).wantStatus(t, http.StatusOK)
	}
	c.do(http.MethodPost, versions, `{"secret_string":"x"}`).wantError(t, http.StatusBadRequest, "CSMS.0204")
}

func TestPlaintextIsMarked(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	text := c.do(http.MethodGet, versions+"/v2", "")
	text.wantText(t, "version.secret_string", csmstest.PlaintextMark+"two")
	text.wantText(t, "version.version_metadata.id", "v2")

	c.do(http.MethodPost, versions, `{"secret_binary":"eA==","version_stages":["OLD"]}`).wantStatus(t, http.StatusOK)
	latest := c.do(http.MethodGet, versions+"/latest", "")
	latest.wantText(t, "version.version_metadata.id", "v4")
	binary := latest.text("version.secret_binary")
	if _, err := base64.StdEncoding.DecodeString(binary); err != nil || !strings.HasPrefix(binary, csmstest.PlaintextMark) {
		t.Errorf("got binary value %q: %v", binary, err)
	}
	if n := c.mock.Count("ShowVersion"); n != 2 {
		t.Errorf("counted %d plaintext calls", n)
	}
	c.do(http.MethodGet, versions+"/v9", "").wantError(t, http.StatusNotFound, "CSMS.0005")
	c.do(http.MethodGet, versions+"/x", "").wantError(t, http.StatusBadRequest, "CSMS.0002")
}

func TestPlaintextCanBeAsStored(t *testing.T) {
	t.Parallel()
	c := seeded(t, csmstest.WithValuesAsStored())
	c.do(http.MethodGet, versions+"/v2", "").wantText(t, "version.secret_string", "two")
}

func TestUnlabelledVersionsCanBeCollected(t *testing.T) {
	t.Parallel()
	c := seeded(t, csmstest.WithUnlabelledVersionCollection())
	c.do(http.MethodGet, project+"/secrets/s", "")
	if labels := c.labels(); labels != "v1[SYSPREVIOUS] v2[BLUE SYSCURRENT]" {
		t.Errorf("got %s", labels)
	}
	c.do(http.MethodPut, stagePath("SYSPREVIOUS"), `{"version_id":"v2"}`).wantStatus(t, http.StatusOK)
	if labels := c.labels(); !strings.Contains(labels, "v1[]") {
		t.Errorf("v1 is gone before the next request: %s", labels)
	}
	c.do(http.MethodPut, versions+"/v1", expiry).wantError(t, http.StatusNotFound, "CSMS.0005")
	c.do(http.MethodPost, versions, `{"secret_string":"x"}`).wantText(t, "version_metadata.id", "v4")
}
