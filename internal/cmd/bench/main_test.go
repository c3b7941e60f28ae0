package main

import (
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
