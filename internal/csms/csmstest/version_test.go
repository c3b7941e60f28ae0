package csmstest_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
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
		"the present": {versions + "/v1", fmt.Sprintf(`{"expire_time":%d}`, instantMilliseconds), 400,
			"CSMS.0002"},
		"within a second": {versions + "/v1", fmt.Sprintf(`{"expire_time":%d}`, instantMilliseconds+999), 400,
			"CSMS.0002"},
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

func TestAnUnsetExpiryCanBeNull(t *testing.T) {
	t.Parallel()
	c := seeded(t, csmstest.WithNullExpireTime())
	if got := c.do(http.MethodGet, versions, ""); !got.has("expire_time") ||
		got.at("version_metadatas.0.expire_time") != nil {
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

func TestCreateVersionNumbersAndStages(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]struct{ body, stages string }{
		"by its own rule": {`{"secret_string":"x"}`, "v1[] v2[BLUE SYSPREVIOUS] v3[] v4[SYSCURRENT]"},
		"no stages named": {`{"secret_string":"x","version_stages":[]}`,
			"v1[] v2[BLUE SYSPREVIOUS] v3[] v4[SYSCURRENT]"},
		"by the stages named": {`{"secret_string":"x","version_stages":["BLUE","NEW"]}`,
			"v1[SYSPREVIOUS] v2[SYSCURRENT] v3[] v4[BLUE NEW]"},
		"of a binary value":   {`{"secret_binary":"eA=="}`, "v1[] v2[BLUE SYSPREVIOUS] v3[] v4[SYSCURRENT]"},
		"with an empty value": {`{"secret_string":""}`, "v1[] v2[BLUE SYSPREVIOUS] v3[] v4[SYSCURRENT]"},
		"with null for no time": {`{"secret_string":"x","expire_time":null}`,
			"v1[] v2[BLUE SYSPREVIOUS] v3[] v4[SYSCURRENT]"},
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
			if stages := c.stages(); stages != try.stages {
				t.Errorf("got %s, want %s", stages, try.stages)
			}
		})
	}
}

// stages writes the versions of "s" with their stages.
func (c *rawClient) stages() string {
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
		"no value":           `{}`,
		"two values":         `{"secret_string":"x","secret_binary":"eA=="}`,
		"value not text":     `{"secret_string":1}`,
		"binary not base64":  `{"secret_binary":"?"}`,
		"value too long":     `{"secret_string":"` + tooLong + `"}`,
		"stages not a list":  `{"secret_string":"x","version_stages":"BLUE"}`,
		"stage with a dot":   `{"secret_string":"x","version_stages":["a.b"]}`,
		"stage twice":        `{"secret_string":"x","version_stages":["A","A"]}`,
		"stage null":         `{"secret_string":"x","version_stages":[null]}`,
		"expiry in the past": `{"secret_string":"x","expire_time":1}`,
		"more than 12 stages": `{"secret_string":"x",` +
			`"version_stages":["a","b","c","d","e","f","g","h","i","j","k","l","m"]}`,
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
				t.Errorf("got versions %v", c.stages())
			}
		})
	}
}

func TestVersionAndStageLimitsOnCreation(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	c.do(http.MethodPost, versions,
		`{"secret_string":"x","version_stages":["1","2","3","4","5","6","7","8","9","10"]}`).
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
	if _, err := base64.StdEncoding.DecodeString(binary); err != nil ||
		!strings.HasPrefix(binary, csmstest.PlaintextMark) {
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

func TestUnstagedVersionsCanBeCollected(t *testing.T) {
	t.Parallel()
	c := seeded(t, csmstest.WithUnlabelledVersionCollection())
	c.do(http.MethodGet, project+"/secrets/s", "")
	if stages := c.stages(); stages != "v1[SYSPREVIOUS] v2[BLUE SYSCURRENT]" {
		t.Errorf("got %s", stages)
	}
	c.do(http.MethodPut, stagePath("SYSPREVIOUS"), `{"version_id":"v2"}`).wantStatus(t, http.StatusOK)
	if stages := c.stages(); !strings.Contains(stages, "v1[]") {
		t.Errorf("v1 is gone before the next request: %s", stages)
	}
	c.do(http.MethodPut, versions+"/v1", expiry).wantError(t, http.StatusNotFound, "CSMS.0005")
	c.do(http.MethodPost, versions, `{"secret_string":"x"}`).wantText(t, "version_metadata.id", "v4")
}
