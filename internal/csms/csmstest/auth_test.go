package csmstest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/mockserver/openapitest"
)

const blue = project + "/secrets/s/stages/BLUE"

func TestSignedHeadersMayBeAnySet(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	for _, headers := range [][]string{
		{"x-sdk-date"},
		{"content-type", "host", "x-sdk-date"},
		{"user-agent", "x-project-id", "x-sdk-date"},
		{"host"},
	} {
		r := c.request(http.MethodGet, blue, "")
		r.Header.Set("User-Agent", " spaced ")
		r.Header.Set("X-Project-Id", csmstest.DefaultProjectID)
		sign(r, "", csmstest.DefaultAccessKey, csmstest.DefaultSecretKey, time.Now(), headers...)
		r.Header.Set("X-Unsigned", "added later")
		c.send(r).wantStatus(t, http.StatusOK)
	}
}

func TestTamperedRequestsAreRefused(t *testing.T) {
	t.Parallel()
	const body = `{"version_id":"v1"}`
	for name, tamper := range map[string]func(r *http.Request){
		"method": func(r *http.Request) { r.Method = http.MethodDelete },
		"path":   func(r *http.Request) { r.URL.Path = project + "/secrets/s/stages/GREEN" },
		"query":  func(r *http.Request) { r.URL.RawQuery = "x=1" },
		"header": func(r *http.Request) { r.Header.Set("Content-Type", "application/json") },
		"date": func(r *http.Request) {
			r.Header.Set("X-Sdk-Date", time.Now().Add(-time.Minute).UTC().Format("20060102T150405Z"))
		},
		"no date":        func(r *http.Request) { r.Header.Del("X-Sdk-Date") },
		"body":           func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{"version_id":"v3"}`)) },
		"missing header": func(r *http.Request) { r.Header.Del("Content-Type") },
		"malformed": func(r *http.Request) {
			r.Header.Set("Authorization",
				"SDK-HMAC-SHA256 Access=mock-access-key")
		},
		"other scheme": func(r *http.Request) { r.Header.Set("Authorization", "Basic bW9jaw==") },
		"nothing":      func(r *http.Request) { r.Header.Del("Authorization") },
		"security token of a permanent key": func(r *http.Request) {
			r.Header.Set("X-Security-Token", "stray")
		},
		"wrong hash": func(r *http.Request) { r.Header.Set("X-Sdk-Content-Sha256", hash("other")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := seeded(t)
			r := c.signed(http.MethodPut, blue, body)
			tamper(r)
			got := c.send(r)
			got.wantError(t, http.StatusUnauthorized, "APIGW.0301")
			got.wantText(t, "request_id", got.header.Get("X-Request-Id"))
			if holder := c.mock.StageHolder("s", "BLUE"); holder != "v2" {
				t.Errorf("the stage moved to %s", holder)
			}
			if seen := c.mock.Requests()[0]; seen.SignedBy != "" || seen.Changed {
				t.Errorf("recorded as %+v", seen)
			}
		})
	}
}

func TestSignaturesAreValidForAQuarterOfAnHour(t *testing.T) {
	t.Parallel()
	signedAt := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for skew, status := range map[time.Duration]int{
		-15 * time.Minute:             http.StatusOK,
		-15*time.Minute - time.Second: http.StatusUnauthorized,
		15 * time.Minute:              http.StatusOK,
		15*time.Minute + time.Second:  http.StatusUnauthorized,
	} {
		t.Run(skew.String(), func(t *testing.T) {
			t.Parallel()
			c := seeded(t, csmstest.WithSignatureClock(func() time.Time { return signedAt.Add(skew) }))
			r := c.request(http.MethodGet, blue, "")
			sign(r, "", csmstest.DefaultAccessKey, csmstest.DefaultSecretKey, signedAt, "x-sdk-date")
			c.send(r).wantStatus(t, status)
		})
	}
}

func TestSettingTheClockDoesNotExpireSignatures(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	c.mock.SetClock(func() time.Time { return instant.AddDate(10, 0, 0) })
	c.do(http.MethodGet, blue, "").wantStatus(t, http.StatusOK)
}

func TestAccessKeysAndTheirTokens(t *testing.T) {
	t.Parallel()
	c := seeded(t,
		csmstest.WithCredentials("second", "second-secret"),
		csmstest.WithTemporaryCredentials("temporary", "temporary-secret", "its-token"))
	for name, try := range map[string]struct {
		key, secret, token string
		status             int
	}{
		"added key":                 {"second", "second-secret", "", http.StatusOK},
		"another key's secret":      {"second", csmstest.DefaultSecretKey, "", http.StatusUnauthorized},
		"unknown key":               {"third", "third-secret", "", http.StatusUnauthorized},
		"temporary key":             {"temporary", "temporary-secret", "its-token", http.StatusOK},
		"temporary, token missing":  {"temporary", "temporary-secret", "", http.StatusUnauthorized},
		"temporary, token of other": {"temporary", "temporary-secret", "other", http.StatusUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := c.request(http.MethodGet, blue, "")
			if try.token != "" {
				r.Header.Set("X-Security-Token", try.token)
			}
			sign(r, "", try.key, try.secret, time.Now(), "x-sdk-date")
			c.send(r).wantStatus(t, try.status)
		})
	}
}

func TestManyBadSignaturesLockAKeyForFiveMinutes(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	for range 6 {
		r := c.request(http.MethodGet, blue, "")
		sign(r, "", csmstest.DefaultAccessKey, "wrong", time.Now(), "x-sdk-date")
		c.send(r).wantStatus(t, http.StatusUnauthorized)
	}
	c.do(http.MethodGet, blue, "").wantError(t, http.StatusUnauthorized, "APIGW.0301")
	c.mock.SetClock(func() time.Time { return instant.Add(5 * time.Minute) })
	c.do(http.MethodGet, blue, "").wantStatus(t, http.StatusOK)
}

func TestAGoodSignatureForgetsBadOnes(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	for range 10 {
		r := c.request(http.MethodGet, blue, "")
		sign(r, "", csmstest.DefaultAccessKey, "wrong", time.Now(), "x-sdk-date")
		c.send(r).wantStatus(t, http.StatusUnauthorized)
		c.do(http.MethodGet, blue, "").wantStatus(t, http.StatusOK)
	}
}

func TestAPathPrefixIsPartOfWhatIsSigned(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	c.url = listen(t, c.mock, http.StripPrefix("/gate way", openapitest.Check(t, c.mock, c.mock))) + "/gate%20way"
	c.do(http.MethodGet, blue, "").wantStatus(t, http.StatusOK)

	withoutPrefix := c.signed(http.MethodGet, blue, "")
	prefix := withoutPrefix.URL.Path[:len(withoutPrefix.URL.Path)-len(blue)]
	withoutPrefix.URL.Path = blue
	sign(withoutPrefix, "", csmstest.DefaultAccessKey, csmstest.DefaultSecretKey, time.Now(), "x-sdk-date")
	withoutPrefix.URL.Path = prefix + blue
	c.send(withoutPrefix).wantError(t, http.StatusUnauthorized, "APIGW.0301")
}

func TestUnsignedPayloadIsAccepted(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	r := c.request(http.MethodPut, blue, `{"version_id":"v1"}`)
	r.Header.Set("X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD")
	signAsUnsignedPayload(r)
	c.send(r).wantStatus(t, http.StatusOK)
}

// signAsUnsignedPayload signs the request as one whose body is not covered: the header's text
// stands in for the hash.
func signAsUnsignedPayload(r *http.Request) {
	date := time.Now().UTC().Format("20060102T150405Z")
	canonical := r.Method + "\n" + uri(r.URL) + "\n\nx-sdk-date:" + date + "\n\nx-sdk-date\nUNSIGNED-PAYLOAD"
	r.Header.Set("X-Sdk-Date", date)
	signature := mac(csmstest.DefaultSecretKey, "SDK-HMAC-SHA256\n"+date+"\n"+hash(canonical))
	r.Header.Set("Authorization", "SDK-HMAC-SHA256 Access="+csmstest.DefaultAccessKey+
		", SignedHeaders=x-sdk-date, Signature="+signature)
}

func TestTokens(t *testing.T) {
	t.Parallel()
	const token, elsewhere = "a-token-of-the-default-project--", "ffffffffffffffffffffffffffffffff"
	for name, try := range map[string]struct {
		token, project string
		opts           []csmstest.Option
		status         int
		code           string
	}{
		"accepted": {token: token, project: csmstest.DefaultProjectID, status: http.StatusOK},
		"unknown": {token: "x", project: csmstest.DefaultProjectID, status: http.StatusUnauthorized,
			code: "APIGW.0301"},
		"none": {token: "", project: csmstest.DefaultProjectID, status: http.StatusUnauthorized,
			code: "APIGW.0301"},
		"of another project": {token: token, project: elsewhere, status: http.StatusForbidden, code: "KMS.0321"},
		"unknown to the service": {"x", csmstest.DefaultProjectID,
			[]csmstest.Option{csmstest.WithTokensRefusedByService()}, http.StatusForbidden, "KMS.0302"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := seeded(t, append(try.opts, csmstest.WithToken(token), csmstest.WithProject("cn-east-3", elsewhere))...)
			r := c.request(http.MethodGet, "/v1/"+try.project+"/secrets", "")
			r.Header.Set("X-Auth-Token", try.token)
			got := c.send(r)
			got.wantStatus(t, try.status)
			got.wantText(t, "error_code", try.code)
		})
	}
}

func TestTheProjectMustBeTheCallers(t *testing.T) {
	t.Parallel()
	c := seeded(t, csmstest.WithProject("cn-east-3", "ffffffffffffffffffffffffffffffff"))
	c.do(http.MethodGet, "/v1/ffffffffffffffffffffffffffffffff/secrets", "").wantStatus(t, http.StatusOK)
	c.do(http.MethodGet, "/v1/00000000000000000000000000000000/secrets", "").
		wantError(t, http.StatusForbidden, "KMS.0321")

	r := c.request(http.MethodGet, project+"/secrets", "")
	r.Header.Set("X-Project-Id", "ffffffffffffffffffffffffffffffff")
	sign(r, "", csmstest.DefaultAccessKey, csmstest.DefaultSecretKey, time.Now(), "x-sdk-date")
	c.send(r).wantError(t, http.StatusForbidden, "KMS.0321")
}
