package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
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
	for region, id := range map[string]string{"cn-east-3": "eeeeeeee", "eu-west-101": mockserver.ProjectID("eu-west-101")} {
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

// step is a call of the API.
type step struct{ method, path, body string }

func get(path string) step       { return step{http.MethodGet, path, ""} }
func put(path, body string) step { return step{http.MethodPut, path, body} }

// createStages creates so many stages on v1.
func createStages(n int) []step {
	steps := make([]step, 0, n)
	for i := range n {
		steps = append(steps, put(fmt.Sprint(password, "/stages/L", i), `{"version_id":"v1"}`))
	}
	return steps
}

func TestVariantsAreChosenByFlags(t *testing.T) {
	t.Parallel()
	const (
		versions = password + "/versions"
		stages   = password + "/stages"
		expiry   = `{"expire_time":1893456000000}`
		move     = `{"version_id":"v1"}`
		disabled = api + "/signing-key"
	)
	moveCurrent := []step{put(stages+"/SYSCURRENT", move)}
	createCurrent := step{http.MethodPost, stages, `{"name":"SYSCURRENT","version_id":"v2"}`}
	for flags, try := range map[string]struct {
		before []step
		do     step
		says   string
	}{
		"-not-found-status 400":     {nil, get(api + "/x"), "400 "},
		"-last-page-marker last-id": {nil, get(versions), `"next_marker":"v2"`},
		"-version-order descending": {nil, get(versions), `"previous_marker":"v2"`},
		"-omit-expire-time":         {nil, put(versions+"/v1", expiry), `{"create_time":\d+,"id":"v1"`},
		"-null-expire-time":         {nil, get(versions), `"expire_time":null`},
		"-clear-expiry":             {nil, put(versions+"/v1", `{"expire_time":0}`), "200 "},
		"-seconds":                  {nil, put(versions+"/v1", expiry), `"expire_time":1893456000,`},
		"-built-ins-uncounted":      {createStages(10), put(stages+"/L10", move), "200 "},
		"-create-stage-by-post":     {nil, put(stages+"/NEW", move), "404 "},
		"-refuse-existing-stage":    {nil, createCurrent, "400 "},
		"-delete-missing-stage":     {nil, step{http.MethodDelete, stages + "/NEW", ""}, "204 "},
		"-inactive-reads-refused":   {nil, get(disabled + "/versions"), "403 "},
		"-inactive-stage-writes":    {nil, put(disabled+"/stages/NEW", move), "200 "},
		"-values-as-stored=false":   {nil, get(versions + "/latest"), csmstest.PlaintextMark},
		"-previous-follows-current": {moveCurrent, get(stages + "/SYSPREVIOUS"), `"v2"`},
		"-collect-unstaged":         {moveCurrent, get(versions), `"current_count":1`},
		"-service-refuses-tokens":   {nil, get("/v3/projects"), "KMS.0302"},
	} {
		t.Run(flags, func(t *testing.T) {
			t.Parallel()
			response := func(c *command) string {
				token := c.login()
				if try.says == "KMS.0302" {
					token = "bad"
				}
				for _, s := range try.before {
					c.ask(token, s.method, s.path, s.body)
				}
				status, text := c.ask(token, try.do.method, try.do.path, try.do.body)
				return fmt.Sprint(status, " ", text)
			}
			says := regexp.MustCompile(try.says)
			if got := response(start(t, strings.Fields(flags)...)); !says.MatchString(got) {
				t.Errorf("got %s, want %q in it", got, try.says)
			}
			if got := response(start(t)); says.MatchString(got) {
				t.Errorf("without the flag too: %s", got)
			}
		})
	}
}

func TestVersionTimesAreDistinctUnlessTheCommandIsTold(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]struct {
		args     []string
		distinct bool
	}{
		"distinct":       {nil, true},
		"as the service": {[]string{"-distinct-version-times=false"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t, try.args...)
			token := c.login()
			for range 4 {
				c.ask(token, http.MethodPost, password+"/versions", `{"secret_string":"x"}`)
			}
			_, text := c.ask(token, http.MethodGet, password+"/versions", "")
			var list struct {
				Metadatas []struct {
					CreateTime int64 `json:"create_time"`
				} `json:"version_metadatas"`
			}
			if err := json.Unmarshal([]byte(text), &list); err != nil || len(list.Metadatas) != 6 {
				t.Fatalf("got %s, %v", text, err)
			}
			times := map[int64]bool{}
			for _, m := range list.Metadatas {
				times[m.CreateTime] = true
			}
			if (len(times) == 6) != try.distinct {
				t.Errorf("the times are %v", times)
			}
		})
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
		"half a project":              {[]string{"-project", "cn-east-3="}, "name=id"},
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
