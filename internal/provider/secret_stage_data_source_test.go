package provider_test

import (
	"strings"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func TestDataSourceSecretStage_TellsItsHolderAndSinceWhen(t *testing.T) {
	t.Parallel()
	moved := func() time.Time { return time.Date(2026, 2, 3, 4, 5, 6, 700_000_000, time.UTC) }
	for name, option := range map[string]csmstest.Option{"milliseconds": csmstest.WithClock(moved), "seconds": csmstest.WithSecondsTimestamps()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t, option, csmstest.WithClock(moved))
			s := newTFServer(t, m)
			got, diagnostics := s.readData(stageType, inSecretDB(map[string]any{"name": "SYSCURRENT"}))
			s.must(diagnostics)
			if got["version_id"] != "v2" || got["update_time"] != "2026-02-03T04:05:06Z" || got["region"] != "cn-north-4" {
				t.Errorf("found %v", got)
			}
			m.assertRequests(t, map[string]int{"ListProjects": 1, "ShowStage": 1})
		})
	}
}

func TestDataSourceSecretStage_ThatIsMissingNamesThoseThereAre(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ secret, says string }{
		"stage":  {"db", "There is no such stage: the secret has 2 of at most 12 stages: SYSCURRENT (on v2), SYSPREVIOUS (on v1)."},
		"secret": {"nothing", "The secret does not exist. Check its name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachExpiryVariant(t, func(t *testing.T, m *mock) {
				_, diagnostics := newTFServer(t, m).readData(stageType, map[string]any{"secret_name": tt.secret, "name": "GREEN"})
				assertContains(t, errorsOf(diagnostics), "Unable to read CSMS secret stage", `stage "GREEN"`, "CSMS.0", "request id", tt.says)
			})
		})
	}
}

func TestDataSourceSecretStage_OfAnImpossibleNameIsRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []any{"", "a/b", "a.b", strings.Repeat("x", 65)} {
		got := newUnconfiguredTFServer(t).validateData(stageType, inSecretDB(map[string]any{"name": name}))
		if !strings.Contains(got, "such as SYSCURRENT or blue") {
			t.Errorf("%v: errors %q", name, got)
		}
	}
}
