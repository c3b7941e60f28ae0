package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

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
