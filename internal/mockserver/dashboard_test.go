package mockserver_test

import (
	"bufio"
	"net/http"
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
	b := browse(t, 1200, 800)
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
			b := browse(t, width, 800)
			b.call("Emulation.setDeviceMetricsOverride",
				map[string]any{"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false}, nil)
			b.open(c.url)
			b.wait(`document.documentElement.scrollWidth <= innerWidth`, "true")
		})
	}
}

func TestDashboardSaysWhenTheServerIsGone(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	b := browse(t, 1200, 800)
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
		"no stage: the service may delete it",
		`expires <time datetime="2026-03-08T13:30:15Z" title="2026-03-08T13:30:15Z">in 7 days`, ">20 days ago</time>",
		"CreateVersion", "1 fault waits for requests, every request waits 1ms.")
	page.wantNone(t, "the-value", "dGhlLWJpbmFyeQ", "the-new-value", csmstest.DefaultToken, "<script>alert")
}

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
	if strings.Contains(policy, "unsafe") || strings.Contains(got.body, "://") {
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
