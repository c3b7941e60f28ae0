package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/mockserver"
)

const (
	api      = "/v1/" + csmstest.DefaultProjectID + "/secrets"
	control  = "/_control/secrets"
	password = api + "/db-password"
)

func TestTheCommandTellsHowToUseItAndWhatItServes(t *testing.T) {
	t.Parallel()
	c := start(t)
	for _, want := range []string{
		"Look at them at " + c.url + "/",
		"export HW_AUTH_URL=" + c.url + "/v3\n",
		"export HW_REGION_NAME=cn-north-4\n",
		"export HW_ACCESS_KEY=mock-access-key\n",
	} {
		if !strings.Contains(c.told, want) {
			t.Errorf("%q is not in\n%s", want, c.told)
		}
	}
	c.ask("", http.MethodGet, "/v3/projects", "")
	c.wait(`GET "/v3/projects" -> 401 APIGW.0301 (ListProjects`)
	if rest := c.rest(); !strings.Contains(rest, "has stopped") {
		t.Errorf("it ends by %q", rest)
	}
}

func TestHelpNamesEveryFlagOnce(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	if err := run(t.Context(), []string{"-h"}, &text); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("got %v", err)
	}
	for _, name := range []string{"addr", "seed", "state", "quiet", "json", "latency", "rate-limit", "fault",
		"not-found-status", "seconds"} {
		if n := strings.Count(text.String(), "\n  -"+name); n != 1 {
			t.Errorf("-%s is named %d times in\n%s", name, n, text.String())
		}
	}
}

func TestTheCommandReadsASeed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "seed.json")
	if err := os.WriteFile(path, []byte(`{"secrets":[{"name":"a"},{"name":"b"},{"name":"c"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if c := start(t, "-seed", path); !strings.Contains(c.told, "3 secrets") {
		t.Errorf("it printed\n%s", c.told)
	}
}

func TestTheCommandGoesOnFromItsState(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.json")
	first := start(t, "-state", path)
	if status, text := first.ask("", http.MethodPut, control+"/mine", `{}`); status != http.StatusNoContent {
		t.Fatalf("got %d %s", status, text)
	}
	first.end()
	second := start(t, "-state", path)
	if !strings.Contains(second.told, "5 secrets from its state file") {
		t.Errorf("it printed\n%s", second.told)
	}
}

func TestTheCommandLogsInJSON(t *testing.T) {
	t.Parallel()
	c := start(t, "-json")
	if !strings.Contains(c.told, `"environment":{"CSMS_ENDPOINT":"`+c.url+`","HW_ACCESS_KEY":`) {
		t.Errorf("it printed\n%s", c.told)
	}
	c.ask(c.login(), http.MethodPost, password+"/versions", `{"secret_string":"the-value"}`)
	var logged struct {
		Request struct {
			Operation  string
			SecretName string `json:"secret_name"`
			Changed    bool
		}
	}
	line := c.wait("CreateVersion")
	if err := json.Unmarshal([]byte(line), &logged); err != nil {
		t.Fatal(err)
	}
	if r := logged.Request; r.Operation != "CreateVersion" || r.SecretName != "db-password" || !r.Changed ||
		strings.Contains(line, "the-value") {
		t.Errorf("got %s", line)
	}
	if rest := c.rest(); !strings.Contains(rest, `"msg":"stopped"`) {
		t.Errorf("it ends by %q", rest)
	}
}

func TestTheCommandKeepsQuiet(t *testing.T) {
	t.Parallel()
	c := start(t, "-quiet")
	c.login()
	if rest := strings.TrimSpace(c.rest()); rest != "" {
		t.Errorf("it printed %q", rest)
	}
}

func TestTheCommandEndsWhileTheDashboardIsOpen(t *testing.T) {
	t.Parallel()
	c := start(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.url+"/_dashboard/events", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	begun := time.Now()
	c.end()
	if took := time.Since(begun); took >= 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestWhatTheCommandPrintsCanBeEvaluated(t *testing.T) {
	t.Parallel()
	c := start(t, "-quiet")
	var offline strings.Builder
	if err := run(t.Context(), []string{"-env", "-addr", strings.TrimPrefix(c.url, "http://")}, &offline); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{c.told, offline.String()} {
		out, err := exec.CommandContext(t.Context(), "sh", "-ec", text+`echo "$CSMS_ENDPOINT $HW_SECRET_KEY"`).Output()
		if want := c.url + " " + csmstest.DefaultSecretKey + "\n"; err != nil || string(out) != want {
			t.Errorf("evaluating\n%s\ngives %q, %v", text, out, err)
		}
	}
	if err := run(t.Context(), []string{"-env", "-addr", "127.0.0.1:0"}, io.Discard); err == nil {
		t.Error("the environment of a port that is not known is printed")
	}
}

func TestTheCommandPrintsTheEnvironmentOfSeveralRegions(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := run(t.Context(), []string{"-env", "-project", "cn-east-3"}, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"export CSMS_ENDPOINT=http://127.0.0.1:8440/{region}\n", "export HW_AUTH_URL=http://127.0.0.1:8440/v3\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
}

func TestTheCommandWaitsForAnother(t *testing.T) {
	t.Parallel()
	c := start(t)
	addr := strings.TrimPrefix(c.url, "http://")
	if err := run(t.Context(), []string{"-wait", "-addr", addr}, io.Discard); err != nil {
		t.Error(err)
	}
	c.end()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, []string{"-wait", "-addr", addr}, io.Discard); err == nil {
		t.Error("it found a mock that has ended")
	}
}

func TestTheCommandPrintsItsVersion(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := run(t.Context(), []string{"-version"}, &out); err != nil || out.String() != "csms-mock dev\n" {
		t.Errorf("it printed %q, %v", out.String(), err)
	}
}

func TestTheCommandEnforcesTheServicesRate(t *testing.T) {
	t.Parallel()
	for flags, want := range map[string]string{
		"-enforce-rate": `"rate_limit":20`, "-enforce-rate -rate-limit 7": `"rate_limit":7`,
	} {
		c := start(t, strings.Fields(flags)...)
		if _, text := c.ask("", http.MethodGet, "/_control/faults", ""); !strings.Contains(text, want) {
			t.Errorf("%s sets %s", flags, text)
		}
	}
}

func TestTheCommandMakesRequestsFail(t *testing.T) {
	t.Parallel()
	c := start(t, "-fault", `{"operation":"ListSecrets","status":503}`, "-fault",
		`{"operation":"ListSecrets","status":502}`, "-latency", "1ms", "-rate-limit", "100")
	token := c.login()
	for _, want := range []int{http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusOK} {
		if status, text := c.ask(token, http.MethodGet, api, ""); status != want {
			t.Errorf("got %d %s, want %d", status, text, want)
		}
	}
	_, text := c.ask("", http.MethodGet, "/_control/faults", "")
	if !strings.Contains(text, `"latency":"1ms","rate_limit":100`) {
		t.Errorf("got %s", text)
	}
}

func TestTheCommandAddsProjects(t *testing.T) {
	t.Parallel()
	c := start(t, "-project", "cn-east-3=eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee", "-project", "eu-west-101")
	token := c.login()
	for region, id := range map[string]string{
		"cn-east-3": "eeeeeeee", "eu-west-101": mockserver.ProjectID("eu-west-101"),
	} {
		if _, text := c.ask(token, http.MethodGet, "/v3/projects?name="+region, ""); !strings.Contains(text, id) {
			t.Errorf("got %s", text)
		}
	}
	if !strings.Contains(c.told, "export CSMS_ENDPOINT="+c.url+"/{region}\n") {
		t.Errorf("it printed\n%s", c.told)
	}
}

func TestSeededProjectsSurviveARestart(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	seed, state := filepath.Join(directory, "seed.yaml"), filepath.Join(directory, "state.json")
	text := "projects:\n  - {name: cn-east-3, secrets: [{name: eastern}]}\n"
	if err := os.WriteFile(seed, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	first := start(t, "-seed", seed, "-state", state)
	if !strings.Contains(first.told, "serves 1 secret.") {
		t.Errorf("it printed\n%s", first.told)
	}
	first.end()
	second := start(t, "-state", state)
	if _, text := second.ask("", http.MethodGet, control+"?region=cn-east-3", ""); !strings.Contains(text, "eastern") {
		t.Errorf("got %s", text)
	}
}

func TestTheCommandRefuses(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]struct {
		args []string
		says string
	}{
		"addresses that others reach": {[]string{"-addr", "0.0.0.0:0"}, "-allow-remote"},
		"all addresses":               {[]string{"-addr", ":0"}, "-allow-remote"},
		"half an address":             {[]string{"-addr", "127.0.0.1"}, "127.0.0.1"},
		"a missing seed":              {[]string{"-seed", "/no/such/seed"}, "/no/such/seed"},
		"a state in no directory":     {[]string{"-state", "/no/such/state"}, "/no/such/state"},
		"unknown flags":               {[]string{"-nonsense"}, "nonsense"},
		"unknown choices":             {[]string{"-version-order", "random"}, "no such choice"},
		"arguments":                   {[]string{"serve"}, `"serve"`},
		"half a project":              {[]string{"-project", "cn-east-3="}, "id is missing"},
		"a path as a project":         {[]string{"-project", "a/b"}, "not a valid name"},
		"faults of no effect":         {[]string{"-fault", `{}`}, "needs an effect"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := run(t.Context(), try.args, io.Discard); err == nil || !strings.Contains(err.Error(), try.says) {
				t.Errorf("got %v, want an error that says %q", err, try.says)
			}
		})
	}
}

func TestTheCommandServesOthersIfTold(t *testing.T) {
	t.Parallel()
	c := start(t, "-addr", "0.0.0.0:0", "-allow-remote")
	if status, text := c.ask("", http.MethodGet, "/", ""); status != http.StatusOK ||
		!strings.Contains(text, "db-password") {
		t.Errorf("the dashboard at %s is answered by %d %s", c.url, status, text)
	}
}
