package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/workload"
)

func TestWhatCannotBeMeasuredIsRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		options options
		says    string
	}{
		"a kind that there is not": {options{sizes: "1", runs: 1, only: "typo"}, `-only is "typo", which is none of terraform_data, empty and csms`},
		"no run":                   {options{sizes: "1", runs: 0}, "-runs is 0"},
		"a negative latency":       {options{sizes: "1", runs: 1, latency: -1}, "-latency is -1ns"},
		"a size that is no number": {options{sizes: "1,many", runs: 1}, `-sizes has "many"`},
		"a size of nothing":        {options{sizes: "0", runs: 1}, `-sizes has "0"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := run(t.Context(), tt.options); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("the error is %v, want %q", err, tt.says)
			}
		})
	}
}

func TestSubjectsAreKindsInShapes(t *testing.T) {
	t.Parallel()
	for size, tt := range map[int]struct {
		subjects, stages int
		exist            bool
	}{300: {6, 200, false}, 1000: {3, 750, true}} {
		subjects := subjectsOf(size, "")
		last := subjects[len(subjects)-1]
		if len(subjects) != tt.subjects || last.shape != workload.Blocks || last.objects.Stages != tt.stages || last.exist != tt.exist {
			t.Errorf("size %d: %d subjects, the last with %d stages that exist: %t", size, len(subjects), last.objects.Stages, last.exist)
		}
	}
	if one := subjectsOf(300, "empty"); len(one) != 2 || one[0].name != "empty" || one[1].name != "empty" {
		t.Errorf("%d subjects are measured", len(one))
	}
}

func newTestBench(t *testing.T, only string) *bench {
	t.Helper()
	b, err := newBench(t.Context(), t.TempDir(), options{only: only, runs: 1})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestObjectsCostNoMoreCallsThanTheyNeed(t *testing.T) {
	t.Parallel()
	b := newTestBench(t, "csms")
	subjects, err := b.measure(t.Context(), 30) // 20 stages and 10 expiries, on 10 secrets
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range subjects {
		for step, want := range map[string]map[string]int{
			planNew:      {"ListProjects": 1, "ListVersions": 10},
			create:       {"ListProjects": 2, "ListVersions": 10 + 10, "ShowStage": 20, "PutStage": 20, "UpdateVersion": 10}, // plan, and a look before each expiry
			planExisting: {"ListProjects": 1, "ListVersions": 10},
			update:       {"ListProjects": 2, "ListVersions": 10 + 10, "ShowStage": 20, "PutStage": 20, "UpdateVersion": 10},
			destroy:      {"ListProjects": 3, "ListVersions": 10 + 10, "ShowStage": 20, "DeleteStage": 20}, // refresh, and plan
		} {
			got := maps.Clone(s.measurements[step][0].calls)
			if step == create || step == update {
				// Those that Terraform plans again before anything is applied, ten at a time, may look once more.
				got["ListVersions"] -= min(max(got["ListVersions"]-want["ListVersions"], 0), 10)
			}
			if !maps.Equal(got, want) {
				t.Errorf("%s, %s: %v, want %v", step, s.shape, got, want)
			}
		}
	}
}

func TestObjectsOfEveryKindThatExistPlanNothing(t *testing.T) {
	t.Parallel()
	b := newTestBench(t, "")
	for _, shape := range []workload.Shape{workload.ForEach, workload.Blocks} {
		for _, k := range kinds() {
			t.Run(k.name+" by "+string(shape), func(t *testing.T) {
				t.Parallel()
				exist := shape == workload.Blocks // by a state that is written
				if err := b.measureOnce(t.Context(), newSubject(k, shape, workload.Of(7, 4), exist)); err != nil {
					t.Error(err) // also of plan -detailed-exitcode
				}
			})
		}
	}
}

func TestTheProviderIsSmall(t *testing.T) {
	t.Parallel()
	b := newTestBench(t, "csms")
	info, err := os.Stat(b.Path("terraform-provider-csms"))
	if err != nil || info.Size() > 24e6 {
		t.Errorf("the release has %d bytes: %v", info.Size(), err)
	}
	subjects, err := b.measure(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "linux" {
		t.Skip("there is no /proc to see the memory in")
	}
	for step, results := range subjects[0].measurements {
		if rss := results[0].rss; rss < 4<<20 || rss > 40<<20 {
			t.Errorf("%s: the provider takes %s", step, mebibytes(rss))
		}
	}
}

func TestThrottledTerraformsAreMeasuredTogether(t *testing.T) {
	t.Parallel()
	got, err := newTestBench(t, "").throttle(t.Context(), scenario{size: 2, terraforms: 2, limit: 1000})
	if err != nil || got.calls == 0 || got.refused > 0 || got.failures > 0 || got.wall <= 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestCallsOverTheLimitAreCounted(t *testing.T) {
	t.Parallel()
	var got throttling
	got.count([]csmstest.Request{
		{ProjectID: "p", Status: 200}, {Status: 200}, {ProjectID: "p", Status: 429}, {ProjectID: "p", Status: 503},
	})
	if want := (throttling{calls: 3, refused: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestFailuresAreTheErrorsThatTerraformReports(t *testing.T) {
	t.Parallel()
	says := func(text string, code int) *exec.Cmd {
		return exec.CommandContext(t.Context(), "sh", "-c", fmt.Sprintf("printf '%s'; exit %d", text, code))
	}
	failures, err := runAll([]*exec.Cmd{says(`\nError: a\n\nError: b\n`, 1), says("Apply complete!", 0)})
	if failures != 2 || err != nil {
		t.Errorf("%d failures, %v", failures, err)
	}
	if _, err := runAll([]*exec.Cmd{says("killed", 137)}); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("a command that does not say why it fails: %v", err)
	}
}
