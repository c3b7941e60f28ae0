package workload_test

import (
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/workload"
)

func TestWorkloadHasAsManyObjectsAsAskedFor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		objects, perSecret int
		want               workload.Workload
	}{
		{1, 3, workload.Workload{Secrets: 1, Stages: 1}},
		{2, 3, workload.Workload{Secrets: 1, Stages: 1, Expiries: 1}},
		{3, 3, workload.Workload{Secrets: 1, Stages: 2, Expiries: 1}},
		{31, 3, workload.Workload{Secrets: 11, Stages: 20, Expiries: 11}},
		{10000, 4, workload.Workload{Secrets: 2500, Stages: 7500, Expiries: 2500}},
	} {
		if got := workload.Of(tt.objects, tt.perSecret); got != tt.want {
			t.Errorf("%d objects are %+v, want %+v", tt.objects, got, tt.want)
		}
	}
}

func TestConfigurationHasInstancesOrBlocks(t *testing.T) {
	t.Parallel()
	w := workload.Of(7, 3)
	w.Prefix = "a-"
	for shape, tt := range map[workload.Shape]struct {
		resources int
		wants     []string
	}{
		workload.ForEach: {2, []string{
			"range(4)", `"a-secret-${i % 3}"`, `"STAGE-${floor(i / 3)}"`, "for_each = local.stages", "= each.value.name",
			`toset([for i in range(3) : "a-secret-${i}"])`, "for_each = local.expiries",
		}},
		workload.Blocks: {7, []string{`"csms_secret_stage" "stage_3"`, `= "STAGE-1"`, `"expiry_2"`, `= "a-secret-2"`}},
	} {
		hcl := w.Configuration(workload.CSMS, shape)
		for _, want := range append(tt.wants, `"2090-01-01T00:00:00Z" : "2091-01-01T00:00:00Z"`) {
			if !strings.Contains(hcl, want) {
				t.Errorf("%s: the configuration lacks %q:\n%s", shape, want, hcl)
			}
		}
		if n := strings.Count(hcl, "\nresource "); n != tt.resources || strings.Contains(hcl, " <") {
			t.Errorf("%s: the configuration has %d resources:\n%s", shape, n, hcl)
		}
	}
}

func TestMismatchesAreCounted(t *testing.T) {
	t.Parallel()
	w := workload.Of(4, 3)
	service := csmstest.New()
	w.Seed(service, false)
	expectMismatches(t, w, service, "v1", 4)

	service.MoveStage("secret-0", "STAGE-0", "v1")
	service.MoveStage("secret-1", "STAGE-0", "v1")
	service.SetExpiry("secret-0", "v1", workload.Expiry("v1"))
	expectMismatches(t, w, service, "v1", 1)
	w.Seed(service, true)
	expectMismatches(t, w, service, "v1", 0)
	expectMismatches(t, w, service, "v2", 4)

	if n := w.CountMismatches(service, "v1", true); n != 2 {
		t.Errorf("%d mismatches after a destroy that left both stages, want 2", n)
	}
}

func expectMismatches(t *testing.T, w workload.Workload, service *csmstest.Server, version string, want int) {
	t.Helper()
	if n := w.CountMismatches(service, version, false); n != want {
		t.Errorf("%d objects are not on %s as they should, want %d", n, version, want)
	}
}
