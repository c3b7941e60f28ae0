package main

import (
	"strings"
	"testing"
)

func TestWhatCannotConvergeIsRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		settings settings
		says     string
	}{
		"fewer objects than a secret has": {settings{objects: 2}, "-objects is 2"},
		"every answer faulty":             {settings{objects: 3, rate: 1}, "-rate is 1"},
		"a negative rate":                 {settings{objects: 3, rate: -0.1}, "-rate is -0.1"},
		"a kill in every run":             {settings{objects: 3, kills: mostRuns}, "-kills is 12"},
		"negative kills":                  {settings{objects: 3, kills: -1}, "-kills is -1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := run(t.Context(), tt.settings); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("the error is %v, want %q", err, tt.says)
			}
		})
	}
}
