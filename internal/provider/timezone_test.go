package provider_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// everyTime has a time in everything that can have one.
const everyTime = `
resource "csms_secret_version_expiry" "old" {
  secret_name = "db"
  version_id  = "v1"
  expire_time = "2090-01-01T08:00:00+08:00"
}

resource "csms_secret_version_expiry" "drifting" {
  secret_name = "db"
  version_id  = "v2"
  expire_time = "2090-06-01T00:00:00-04:00"
}

data "csms_secret_version" "current" {
  secret_name = "db"
}

data "csms_secret_versions" "db" {
  secret_name = "db"
}

data "csms_secret_stage" "current" {
  secret_name = "db"
  name        = "SYSCURRENT"
}

output "converted" {
  value = [
    provider::csms::milliseconds_to_rfc3339(1893456000000),
    provider::csms::rfc3339_to_milliseconds("2030-01-01T00:00:00-05:00"),
  ]
}
`

func TestProvider_ResultsAreTheSameInEveryTimeZone(t *testing.T) {
	t.Parallel()
	noon := func() time.Time { return time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC) }
	results := make(map[string]string)
	for _, zone := range []string{"UTC", "Asia/Shanghai", "America/New_York"} {
		if _, err := time.LoadLocation(zone); err != nil {
			t.Fatal(err)
		}
		m := newSecret(t, csmstest.WithClock(noon))
		c := newCLI(t, m, greenOn("v1")+everyTime)
		c.env = append(c.env, "TZ="+zone)
		c.must("apply", "-auto-approve")
		m.SetExpiry("db", "v2", noon().AddDate(60, 0, 0))
		c.must("apply", "-refresh-only", "-auto-approve")
		results[zone] = c.must("show", "-json") + strings.Join(slices.Sorted(slices.Values(m.bodies("UpdateVersion"))), "\n")
	}
	for zone, result := range results {
		if result != results["UTC"] {
			t.Errorf("%s: %s\nUTC: %s", zone, result, results["UTC"])
		}
	}
	assertContains(t, results["UTC"],
		`"expire_time":"2090-01-01T08:00:00+08:00"`, `"expire_time":"2086-07-01T12:00:00Z"`, `"update_time":"2026-07-01T12:00:00Z"`,
		`"create_time":"2026-07-01T12:00:00Z"`, `"2030-01-01T00:00:00Z"`, `1893474000000`, `{"expire_time":3786912000000}`)
}
