package fleet_test

import (
	"strings"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/cmd/internal/fleet"
	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func TestFleetHasAsManyObjectsAsAskedFor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		objects, perSecret int
		want               fleet.Fleet
	}{
		{1, 3, fleet.Fleet{Secrets: 1, Labels: 1}},
		{2, 3, fleet.Fleet{Secrets: 1, Labels: 1, Expiries: 1}},
		{3, 3, fleet.Fleet{Secrets: 1, Labels: 2, Expiries: 1}},
		{31, 3, fleet.Fleet{Secrets: 11, Labels: 20, Expiries: 11}},
		{10000, 4, fleet.Fleet{Secrets: 2500, Labels: 7500, Expiries: 2500}},
	} {
		if got := fleet.Of(tt.objects, tt.perSecret); got != tt.want {
			t.Errorf("%d objects are %+v, want %+v", tt.objects, got, tt.want)
		}
	}
}

func TestObjectsAreAddressedByKeyOrByNumber(t *testing.T) {
	t.Parallel()
	keyed, counted := fleet.Of(7, 3), fleet.Of(7, 3)
	counted.Counted = true
	for name, tt := range map[string]struct {
		fleet             fleet.Fleet
		wants             []string
		labelKey, lastKey any
	}{
		"by key": {keyed, []string{
			`"secret-0/LABEL-1" = { secret_name = "secret-0", name = "LABEL-1" }`, `"secret-2/v1" = { secret_name = "secret-2" }`,
			"for_each = local.labels", "for_each = local.expiries", "= each.value.secret_name",
		}, "secret-0/LABEL-1", "secret-2/v1"},
		"by number": {counted, []string{
			"count = 4", "count = 3", `"secret-${count.index % 3}"`, `"LABEL-${floor(count.index / 3)}"`, `"secret-${count.index}"`,
		}, 3, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hcl := tt.fleet.Configuration("max_requests_per_second = 5")
			for _, want := range append(tt.wants, "max_requests_per_second = 5", `"2090-01-01T00:00:00Z" : "2091-01-01T00:00:00Z"`) {
				if !strings.Contains(hcl, want) {
					t.Errorf("the configuration lacks %q:\n%s", want, hcl)
				}
			}
			if strings.ContainsAny(hcl, "<>") {
				t.Errorf("something was not filled in:\n%s", hcl)
			}
			if label, expiry := tt.fleet.LabelKey(3), tt.fleet.ExpiryKey(2); label != tt.labelKey || expiry != tt.lastKey {
				t.Errorf("the keys are %v and %v", label, expiry)
			}
		})
	}
}

func TestLostObjectsAreCounted(t *testing.T) {
	t.Parallel()
	f := fleet.Of(4, 3)
	service := csmstest.New()
	f.Seed(service)
	expectLost(t, f, service, "v1", 4)

	service.MoveStage("secret-0", "LABEL-0", "v1")
	service.MoveStage("secret-1", "LABEL-0", "v1")
	service.SetExpiry("secret-0", "v1", time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC))
	expectLost(t, f, service, "v1", 1)
	service.SetExpiry("secret-1", "v1", time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC))
	expectLost(t, f, service, "v1", 0)
	expectLost(t, f, service, "v2", 4)

	if lost := f.Lost(service, "v1", true); lost != 2 {
		t.Errorf("%d objects are lost after a destroy that left both labels, want 2", lost)
	}
}

func expectLost(t *testing.T, f fleet.Fleet, service *csmstest.Server, version string, want int) {
	t.Helper()
	if lost := f.Lost(service, version, false); lost != want {
		t.Errorf("%d objects are lost that should be on %s, want %d", lost, version, want)
	}
}
