package csmstest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func TestMetadataProtocols(t *testing.T) {
	t.Parallel()
	const noAgency, noToken = "Please configure Cloud Service Agency first", "Unauthorized"
	for name, try := range map[string]struct {
		metadata                      csmstest.Metadata
		session, without, with, wrong int // Statuses.
		text                          string
	}{
		"no agency":  {csmstest.MetadataWithoutAgency, 404, 401, 401, 401, noAgency},
		"older":      {csmstest.MetadataV1, 404, 200, 200, 200, ""},
		"both":       {csmstest.MetadataV1AndV2, 200, 200, 200, 401, ""},
		"newer only": {csmstest.MetadataV2, 200, 401, 200, 401, noToken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := seeded(t, csmstest.WithMetadata(try.metadata))
			session := c.metadataSession("21600")
			session.wantStatus(t, try.session)
			without := c.instanceKey("")
			without.wantStatus(t, try.without)
			if without.status == http.StatusUnauthorized && string(without.body) != try.text {
				t.Errorf("got %v, want %q", without, try.text)
			}
			with := c.instanceKey(string(session.body))
			with.wantStatus(t, try.with)
			c.instanceKey("wrong").wantStatus(t, try.wrong)
			if with.status == http.StatusOK {
				c.as(with.credential(), http.MethodGet, secretS, "").wantStatus(t, http.StatusOK)
			}
		})
	}
}

func (c *rawClient) metadataSession(ttl string) reply {
	c.t.Helper()
	r := c.request(http.MethodPut, "/meta-data/latest/api/token", "")
	r.Header.Set("X-Metadata-Token-Ttl-Seconds", ttl)
	return c.send(r)
}

func (c *rawClient) instanceKey(token string) reply {
	c.t.Helper()
	r := c.request(http.MethodGet, "/openstack/latest/securitykey", "")
	if token != "" {
		r.Header.Set("X-Metadata-Token", token)
	}
	return c.send(r)
}

func TestMetadataSessionsEnd(t *testing.T) {
	t.Parallel()
	c := seeded(t, csmstest.WithMetadata(csmstest.MetadataV2))
	for _, ttl := range []string{"", "0", "21601", "x"} {
		c.metadataSession(ttl).wantStatus(t, http.StatusBadRequest)
	}
	token := string(c.metadataSession("60").body)
	c.instanceKey(token).wantStatus(t, http.StatusOK)
	c.mock.SetClock(func() time.Time { return instant.Add(time.Minute) })
	c.instanceKey(token).wantStatus(t, http.StatusUnauthorized)
}

func TestInstanceKeysAreRotatedSixHoursBeforeTheyEnd(t *testing.T) {
	t.Parallel()
	c := seeded(t, csmstest.WithMetadata(csmstest.MetadataV1))
	at := func(after time.Duration) key {
		c.mock.SetClock(func() time.Time { return instant.Add(after) })
		return c.instanceKey("").credential()
	}
	first, same, second := at(0), at(17*time.Hour), at(18*time.Hour)
	if first != same || second == first || second.expires != "2026-03-03T06:30:15.000000Z" {
		t.Errorf("got keys %+v, %+v, %+v", first, same, second)
	}
	for _, k := range []key{first, second} {
		c.as(k, http.MethodGet, secretS, "").wantStatus(t, http.StatusOK)
	}
	c.mock.SetClock(func() time.Time { return instant.Add(24 * time.Hour) })
	c.as(first, http.MethodGet, secretS, "").wantError(t, http.StatusUnauthorized, "APIGW.0301")
	c.as(second, http.MethodGet, secretS, "").wantStatus(t, http.StatusOK)
}
