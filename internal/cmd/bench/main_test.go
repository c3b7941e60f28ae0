package main

import (
	"maps"
	"math"
	"os"
	"runtime"
	"strings"
	"testing"
)

func TestWhatCannotBeMeasuredIsRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		sizes   string
		options options
		says    string
	}{
		"a kind that there is not": {"1", options{runs: 1, only: "typo"}, `-only is "typo", which is none of the kinds terraform_data, empty, csms`},
		"no run":                   {"1", options{runs: 0}, "-runs is 0"},
		"a negative latency":       {"1", options{runs: 1, latency: -1}, "-latency is -1ns"},
		"a negative pace":          {"1", options{runs: 1, pace: -1}, "-pace is -1"},
		"a size that is no number": {"1,many", options{runs: 1}, `-sizes has "many"`},
		"a size of nothing":        {"0", options{runs: 1}, `-sizes has "0"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := run(t.Context(), tt.sizes, tt.options); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("the error is %v, want %q", err, tt.says)
			}
		})
	}
}

func TestOneKindIsMeasuredAlone(t *testing.T) {
	t.Parallel()
	if subjects := subjectsOf(300, options{only: "empty"}); len(subjects) != 1 || subjects[0].name != "empty" {
		t.Errorf("%d kinds are measured", len(subjects))
	}
}

// small is how a test measures: one kind, its whole life, once.
var small = options{only: "csms", existingFrom: math.MaxInt, countFrom: math.MaxInt}

func TestObjectsCostNoMoreCallsThanTheyNeed(t *testing.T) {
	t.Parallel()
	b, err := newBench(t.Context(), t.TempDir(), small)
	if err != nil {
		t.Fatal(err)
	}
	subjects, err := b.measure(t.Context(), 30) // 20 labels and 10 expiries, on 10 secrets
	if err != nil {
		t.Fatal(err)
	}
	for step, want := range map[string]map[string]int{
		planNew:      {"ListProjects": 1, "ListVersions": 10},
		create:       {"ListProjects": 2, "ListVersions": 10 + 10 + 10, "ShowStage": 20, "PutStage": 20, "UpdateVersion": 10}, // plan, apply, and a look before each expiry
		planExisting: {"ListProjects": 1, "ListVersions": 10},
		update:       {"ListProjects": 2, "ListVersions": 10 + 10, "ShowStage": 20, "PutStage": 20, "UpdateVersion": 10},
		destroy:      {"ListProjects": 2, "ListVersions": 10, "ShowStage": 20, "DeleteStage": 20},
	} {
		if got := subjects[0].watched[step].calls; !maps.Equal(got, want) {
			t.Errorf("%s: %v, want %v", step, got, want)
		}
	}
}

func TestTheProviderIsSmall(t *testing.T) {
	t.Parallel()
	b, err := newBench(t.Context(), t.TempDir(), small)
	if err != nil {
		t.Fatal(err)
	}
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
	for step, m := range subjects[0].watched {
		if m.rss < 4<<20 || m.rss > 40<<20 {
			t.Errorf("%s: the provider takes %s", step, mebibytes(m.rss))
		}
	}
}
