package csmstest_test

import (
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// keep starts a server that keeps its secrets in a file.
func keep(t *testing.T, path string, wantFound bool) *conversation {
	t.Helper()
	c := converse(t, csmstest.WithValuesAsStored())
	found, err := c.mock.KeepState(path)
	if err != nil || found != wantFound {
		t.Fatalf("found is %v, error %v", found, err)
	}
	return c
}

func TestSecretsSurviveARestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.json")
	first := keep(t, path, false)
	first.do(http.MethodPost, secrets, `{"name":"s","secret_string":"one","description":"d"}`).wantStatus(t, http.StatusOK)
	first.mock.AddVersion("s")
	first.do(http.MethodPost, versions, `{"secret_string":"three","version_stages":["NEW"]}`).wantStatus(t, http.StatusOK)
	first.do(http.MethodPut, versions+"/v1", expiry).wantStatus(t, http.StatusOK)
	first.do(http.MethodPut, secretS+"/stages/BLUE", `{"version_id":"v1"}`).wantStatus(t, http.StatusOK)
	first.mock.DeleteVersion("s", "v3")
	first.mock.PutSecret(csmstest.Secret{Name: "leaving", Tags: map[string]string{"a": "b"}})
	first.do(http.MethodPost, secrets+"/leaving/scheduled-deleted-tasks/create", `{}`).wantStatus(t, http.StatusOK)

	second := keep(t, path, true)
	for _, name := range []string{"s", "leaving"} {
		before, _ := first.mock.Secret(name)
		after, ok := second.mock.Secret(name)
		if !ok || !reflect.DeepEqual(before, after) {
			t.Errorf("before the restart there was\n%+v\nafter it\n%+v", before, after)
		}
	}
	blueBefore, blueAfter := first.do(http.MethodGet, secretS+"/stages/BLUE", ""), second.do(http.MethodGet, secretS+"/stages/BLUE", "")
	if string(blueBefore.body) != string(blueAfter.body) {
		t.Errorf("got %v, then %v", blueBefore, blueAfter)
	}
	if id := second.mock.AddVersion("s"); id != "v4" {
		t.Errorf("the number of the deleted version is used again: %s", id)
	}
	second.do(http.MethodGet, versions+"/v1", "").wantText(t, "version.secret_string", "one")
}

func TestStateFilesAreForTheirOwnerAndWrittenWhole(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	path := filepath.Join(directory, "state.json")
	c := keep(t, path, false)
	c.mock.PutSecret(csmstest.Secret{Name: "s"})
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v", info.Mode(), err)
	}
	if names, err := os.ReadDir(directory); err != nil || len(names) != 1 {
		t.Errorf("the directory holds %v, %v", names, err)
	}
}

func TestAChangeThatCannotBeKeptIsAnError(t *testing.T) {
	t.Parallel()
	directory := filepath.Join(t.TempDir(), "gone")
	if err := os.Mkdir(directory, 0o700); err != nil {
		t.Fatal(err)
	}
	c := keep(t, filepath.Join(directory, "state.json"), false)
	c.mock.PutSecret(csmstest.Secret{Name: "s"})
	if err := os.RemoveAll(directory); err != nil {
		t.Fatal(err)
	}
	c.do(http.MethodPut, secretS+"/stages/BLUE", `{"version_id":"v1"}`).wantStatus(t, http.StatusInternalServerError)
	wantPanic(t, func() { c.mock.AddVersion("s") })
}

func TestStatesThatAreRefused(t *testing.T) {
	t.Parallel()
	stored := func(secret string) string {
		return `{"format":1,"projects":{"` + csmstest.DefaultProjectID + `":{"created":1,"secrets":[` + secret + `]}}}`
	}
	for name, try := range map[string]struct{ state, says string }{
		"no JSON":                    {`format: 1`, "invalid character"},
		"another format":             {`{"format":2}`, "format is 2"},
		"unknown project":            {`{"format":1,"projects":{"x":{}}}`, "project x"},
		"unknown member":             {`{"format":1,"secrets":[]}`, "secrets"},
		"name of no secret":          {stored(`{"name":"/"}`), "no name"},
		"label on a missing version": {stored(`{"name":"s","labels":{"A":{"version_id":"v1"}}}`), `"A"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "state.json")
			if err := os.WriteFile(path, []byte(try.state), 0o600); err != nil {
				t.Fatal(err)
			}
			mock := csmstest.New(csmstest.WithClock(func() time.Time { return instant }))
			if _, err := mock.KeepState(path); err == nil || !strings.Contains(err.Error(), try.says) {
				t.Errorf("got %v, want an error that says %q", err, try.says)
			}
			if text, err := os.ReadFile(path); err != nil || string(text) != try.state {
				t.Errorf("the refused file was changed: %s, %v", text, err)
			}
		})
	}
}
