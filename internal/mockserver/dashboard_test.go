package mockserver_test

import (
	"bufio"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// holder is an expression for the version that shows a stage of the secret "s".
func holder(stage string) string {
	return `document.querySelector('[data-secret="s"] [data-stage="` + stage + `"]')` +
		`?.closest("[data-version]").dataset.version`
}

func TestStageMovedThroughTheAPIMovesOnTheDashboard(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	b := browse(t, 1200)
	b.open(c.url)
	b.wait(holder("BLUE"), "v2")
	b.eval(`window.untouched = true`)
	c.do(http.MethodPut, blue, `{"version_id":"v1"}`).want(t, http.StatusOK)
	b.wait(holder("BLUE"), "v1")
	b.wait(holder("SYSCURRENT"), "v2")
	b.wait(`document.querySelector("#requests td b").textContent`, "PutStage")
	c.mock.AddVersion("s", "BLUE")
	b.wait(holder("BLUE"), "v4")
	if got := b.eval(`window.untouched`); got != "true" {
		t.Error("the page was loaded anew")
	}
}

func TestDashboardShowsTheNewestVersionFirstAndFoldsThoseWithoutAStage(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.mock.AddVersion("s")
	b := browse(t, 1200)
	b.open(c.url)
	const ids = `[...document.querySelectorAll("%s [data-version]")].map((v) => v.dataset.version).join()`
	b.wait(fmt.Sprintf(ids, ".secret > .versions"), "v4,v2")
	b.wait(fmt.Sprintf(ids, ".unstaged"), "v3,v1")
	b.wait(`document.querySelector(".unstaged").open`, "false")
	b.eval(`document.querySelector(".unstaged summary").click()`)
	c.mock.MoveStage("s", "BLUE", "v1")
	b.wait(fmt.Sprintf(ids, ".unstaged"), "v3")
	b.wait(`document.querySelector(".unstaged").open`, "true")
}

func TestDashboardFiltersSecrets(t *testing.T) {
	t.Parallel()
	c := newClient(t, csmstest.WithProject("cn-east-3", "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"))
	c.mock.PutSecret(csmstest.Secret{Name: "other", Tags: map[string]string{"team": "web"}})
	c.mock.Project("eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee").PutSecret(csmstest.Secret{Name: "eastern"})
	b := browse(t, 1200)
	b.open(c.url)
	const shown = `[...document.querySelectorAll("[data-secret]")].filter((s) => s.checkVisibility())` +
		`.map((s) => s.dataset.secret).join()`
	for _, try := range []struct{ filter, shown string }{
		{"", "other,s,eastern"}, {"blue", "s"}, {"TEAM=WEB", "other"},
		{"east", "eastern"}, {"v2 syscurrent", "s"}, {"nothing", ""},
	} {
		b.eval(fmt.Sprintf(`filter.value = %q, filter.dispatchEvent(new Event("input"))`, try.filter))
		b.wait(shown, try.shown)
	}
	b.wait(`document.getElementById("nothing").checkVisibility()`, "true")
	c.mock.PutSecret(csmstest.Secret{Name: "nothing-else"})
	b.wait(shown, "nothing-else")
}

func TestDashboardHasTabsOnNarrowScreens(t *testing.T) {
	t.Parallel()
	for width, want := range map[int]string{360: "true,false then false,true", 1600: "true,true then true,true"} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			t.Parallel()
			b := browse(t, width)
			b.open(newClient(t).url)
			const visible = `["secrets", "requests"].map((id) => document.getElementById(id).checkVisibility()).join()`
			before := b.eval(visible)
			b.eval(`document.querySelector("#tabs [data-tab=requests]").click()`)
			if got := before + " then " + b.eval(visible); got != want {
				t.Errorf("secrets and requests are visible: %s, want %s", got, want)
			}
		})
	}
}

func TestDashboardGivesTheEnvironment(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	b := browse(t, 1200)
	b.open(c.url)
	b.eval(`document.querySelector("#environment summary").click()`)
	b.eval(`document.getElementById("copy").click()`)
	b.wait(`["Copied", "Selected"].includes(document.getElementById("copy").textContent)`, "true")
	text := b.eval(`document.querySelector("#environment pre").textContent`)
	if !strings.Contains(text, "CSMS_ENDPOINT="+c.url) {
		t.Errorf("the environment is %q", text)
	}
}

func TestDashboardShowsChangesApartFromReads(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.do(http.MethodPut, blue, `{"version_id":"v1"}`).want(t, http.StatusOK)
	c.do(http.MethodGet, secretS+"/stages/NONE", "").want(t, http.StatusNotFound)
	for range 30 {
		c.do(http.MethodGet, blue, "").want(t, http.StatusOK)
	}
	page := c.do(http.MethodGet, "/", "").body
	changes, reads, _ := strings.Cut(page, `id="reads"`)
	if n := strings.Count(changes, "<b>ShowStage</b>"); n != 1 || !strings.Contains(changes, "<b>PutStage</b>") {
		t.Errorf("%d reads are among the changes\n%s", n, changes)
	}
	if n := strings.Count(reads, "<b>ShowStage</b>"); n != 20 {
		t.Errorf("%d reads are shown", n)
	}
}

func TestDashboardNamesTheFaultsThatWait(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	for _, f := range []csmstest.Fault{
		{Operation: "PutStage", Status: 503, Times: 2, AfterProcessing: true},
		{Method: http.MethodGet, Path: regexp.MustCompile("/stages/"), Delay: time.Second, Hang: true, Times: -1},
		{Reset: true}, {Truncate: true},
	} {
		c.mock.Fail(f)
	}
	c.mock.SetRateLimit(7)
	c.do(http.MethodGet, "/", "").want(t, http.StatusOK,
		"No more than 7 calls a second are answered.",
		"PutStage gets status 503, takes effect all the same, 2 times.",
		"any operation, GET, path /stages/ waits 1s, hangs, until faults are cleared.",
		"any operation is reset, once.", "any operation gets half a response, once.")
}

func TestDashboardIsToldOfEveryChangeOnce(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	response, err := http.DefaultClient.Do(c.request(http.MethodGet, "/_dashboard/events", ""))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	lines := bufio.NewScanner(response.Body)
	next := func() string {
		for lines.Scan() {
			if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				return text
			}
		}
		t.Fatalf("the stream ended: %v", lines.Err())
		return ""
	}
	last := next()
	for _, change := range []func(){
		func() { c.mock.MoveStage("s", "BLUE", "v1") },
		func() { c.mock.Fail(csmstest.Fault{Operation: "PutStage", Delay: time.Second}) },
		func() { c.do(http.MethodGet, blue, "").want(t, http.StatusOK) },
	} {
		change()
		now := next()
		if now == last {
			t.Errorf("the page is told %s again", now)
		}
		last = now
	}
	c.mock.Close()
	if lines.Scan() && lines.Text() != "" {
		t.Errorf("the stream goes on with %q", lines.Text())
	}
}

func TestDashboardFitsNarrowAndWideScreens(t *testing.T) {
	t.Parallel()
	for name, width := range map[string]int{"narrow": 360, "wide": 1600} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t)
			for range 17 {
				c.mock.AddVersion("s", "STAGE_"+strings.Repeat("X", 58))
			}
			b := browse(t, width)
			b.open(c.url)
			b.wait(`document.documentElement.scrollWidth <= innerWidth`, "true")
		})
	}
}

func TestDashboardSaysWhenTheServerIsGone(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	b := browse(t, 1200)
	b.open(c.url)
	c.mock.Close()
	b.wait(`document.getElementById("live").textContent`, "not connected")
}

func TestDashboardShowsWhatMattersAndNoValues(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.mock.PutSecret(csmstest.Secret{
		Name: "t", State: "DISABLED", Description: `<script>alert("x")</script>`, Tags: map[string]string{"team": "db"},
		Versions: []csmstest.Version{
			{ID: "v1", ExpireTime: instant.Add(-20 * 24 * time.Hour), Value: "the-value"},
			{
				ID:         "v2",
				Stages:     []string{"SYSCURRENT"},
				ExpireTime: instant.Add(7*24*time.Hour + time.Hour),
				Binary:     "dGhlLWJpbmFyeQ==",
			},
		},
	})
	c.do(http.MethodPost, versions, `{"secret_string":"the-new-value"}`).want(t, http.StatusOK)
	c.mock.SetLatency(time.Millisecond)
	c.mock.Fail(csmstest.Fault{Operation: "PutStage", Status: http.StatusServiceUnavailable})
	page := c.do(http.MethodGet, "/", "")
	page.want(t, http.StatusOK, `data-secret="s"`, `data-stage="BLUE"`, "DISABLED", "team=db", "&lt;script&gt;alert",
		"1 without a stage: the service may delete it",
		`expires <time datetime="2026-03-08T13:30:15Z" title="2026-03-08T13:30:15Z">in 7 days`, ">20 days ago</time>",
		"CreateVersion", "Every request waits 1ms.", "PutStage gets status 503, once.")
	page.wantNone(t, "the-value", "dGhlLWJpbmFyeQ", "the-new-value", csmstest.DefaultToken, "<script>alert")
}

var foreignReference = regexp.MustCompile(`(src|href)="[^/]`)

func TestDashboardAllowsNothingFromElsewhere(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	got := c.do(http.MethodGet, "/", "")
	policy := got.header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'",
		"frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy is %q", policy)
		}
	}
	if strings.Contains(policy, "unsafe") || foreignReference.MatchString(got.body) {
		t.Errorf("the policy is %q, the page\n%s", policy, got.body)
	}
	for path, media := range map[string]string{
		"/_dashboard/style.css": "text/css", "/_dashboard/script.js": "text/javascript",
		"/_dashboard/icon.svg": "image/svg+xml",
	} {
		if got := c.do(http.MethodGet, path, ""); !strings.HasPrefix(got.header.Get("Content-Type"), media) {
			t.Errorf("%s is %v", path, got.header)
		}
	}
	c.do(http.MethodGet, "/_dashboard/page.html", "").want(t, http.StatusNotFound)
}

func TestEmptyDashboardSaysHowToFillIt(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.mock.DeleteSecret("s")
	c.do(http.MethodGet, "/", "").want(t, http.StatusOK, "No secrets yet", "None yet")
}
