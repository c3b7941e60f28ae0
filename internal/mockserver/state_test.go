package mockserver_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/mockserver"
)

// A server of its own is run by the tests of the command, which go on from a state. These run one
// that ends at once.
func run(t *testing.T, cfg mockserver.Config) error {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	cfg.Addr = "127.0.0.1:0"
	return mockserver.Run(ctx, cfg, io.Discard)
}

func TestStateFilesAreForTheirOwnerAndWrittenWhole(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	path := filepath.Join(directory, "state.json")
	if err := run(t, mockserver.Config{State: path}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v", info.Mode(), err)
	}
	if names, err := os.ReadDir(directory); err != nil || len(names) != 1 {
		t.Errorf("the directory holds %v, %v", names, err)
	}
}

func TestStatesThatAreRefused(t *testing.T) {
	t.Parallel()
	stored := func(secret string) string {
		return `{"format":2,"projects":{"` + csmstest.DefaultProjectID + `":` +
			`{"name":"cn-north-4","secrets":[` + secret + `]}}}`
	}
	for name, try := range map[string]struct{ state, says string }{
		"no JSON":                    {`format: 1`, "invalid character"},
		"another format":             {`{"format":1}`, "format is 1"},
		"nameless project":           {`{"format":2,"projects":{"x":{}}}`, "project x"},
		"unknown member":             {`{"format":2,"secrets":[]}`, "secrets"},
		"name of no secret":          {stored(`{"name":"/"}`), "not a valid name"},
		"stage on a missing version": {stored(`{"name":"s","stage_update_times":{"A":"2026-01-01T00:00:00Z"}}`), `"A"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "state.json")
			if err := os.WriteFile(path, []byte(try.state), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := run(t, mockserver.Config{State: path}); err == nil || !strings.Contains(err.Error(), try.says) {
				t.Errorf("got %v, want an error that says %q", err, try.says)
			}
			if text, err := os.ReadFile(path); err != nil || string(text) != try.state {
				t.Errorf("the refused file was changed: %s, %v", text, err)
			}
		})
	}
}
