package csmstest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func TestRequestsAreRecorded(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	got := c.do(http.MethodPut, blue+"?x=1", `{"version_id":"v1"}`)
	seen := c.mock.Requests()
	if len(seen) != 1 {
		t.Fatalf("got %d requests", len(seen))
	}
	r := seen[0]
	recorded := fmt.Sprint(r.Operation, r.Method, r.Path, r.RawQuery, string(r.Body), r.Region, r.ProjectID, r.Secret,
		r.Stage, r.Version, r.Status, r.Code, r.RequestID, r.SignedBy, r.Changed, r.Time.Equal(instant))
	want := fmt.Sprint("PutStage", "PUT", blue, "x=1", `{"version_id":"v1"}`, "cn-north-4", csmstest.DefaultProjectID,
		"s", "BLUE", "v1", 200, "", got.header.Get("X-Request-Id"), csmstest.DefaultAccessKey, true, true)
	if recorded != want || r.Header.Get("X-Sdk-Date") == "" || r.Duration <= 0 {
		t.Errorf("got %s\nwant %s", recorded, want)
	}
}

func TestRequestsAreCopies(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	c.do(http.MethodPut, blue, `{"version_id":"v1"}`)
	first := c.mock.Requests()[0]
	first.Body[0] = 'x'
	first.Header.Set("X-Sdk-Date", "changed")
	second := c.mock.Requests()[0]
	if second.Body[0] != '{' || second.Header.Get("X-Sdk-Date") == "changed" {
		t.Error("changing a copy changed the record")
	}
}

func TestEveryAnswerHasARequestIDOfItsOwn(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	seen := map[string]bool{}
	for _, r := range []*http.Request{
		c.signed(http.MethodGet, blue, ""),
		c.signed(http.MethodDelete, blue, ""),
		c.signed(http.MethodGet, blue, ""),
		c.signed(http.MethodGet, "/nothing/here", ""),
		c.request(http.MethodGet, blue, ""),
		c.request(http.MethodPost, "/v3/auth/tokens", "{}"),
	} {
		got := c.send(r)
		id := got.header.Get("X-Request-Id")
		if id == "" || seen[id] {
			t.Errorf("%s %s is answered with request id %q", r.Method, r.URL.Path, id)
		}
		seen[id] = true
		if len(got.body) > 0 && got.header.Get("Content-Type") != "application/json" {
			t.Errorf("%v has content type %q", got, got.header.Get("Content-Type"))
		}
	}
}

func TestUnknownPathsAreCountedAsNoOperation(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	c.do(http.MethodGet, "/v1", "").wantError(t, http.StatusNotFound, "APIGW.0101")
	c.do(http.MethodGet, blue, "").wantStatus(t, http.StatusOK)
	if c.mock.Count("") != 1 || c.mock.Count("ShowStage") != 1 {
		t.Errorf("got %+v", c.mock.Requests())
	}
	c.mock.ResetRequests()
	if len(c.mock.Requests()) != 0 {
		t.Errorf("got %+v after the reset", c.mock.Requests())
	}
}

func TestOnlyTheLastRequestsAreKept(t *testing.T) {
	t.Parallel()
	c := seeded(t, csmstest.WithRequestLimit(2))
	for _, path := range []string{"/a", "/b", "/c"} {
		c.do(http.MethodGet, path, "")
	}
	if seen := c.mock.Requests(); len(seen) != 2 || seen[0].Path != "/b" || seen[1].Path != "/c" {
		t.Errorf("got %+v", seen)
	}
}

func TestTheLogTellsNothingSecret(t *testing.T) {
	t.Parallel()
	lines := make(chan string, 2)
	c := seeded(t, csmstest.WithRequestLog(func(r csmstest.Request) { lines <- r.String() + fmt.Sprintf(" %v", r) }))
	c.do(http.MethodPost, versions, `{"secret_string":"the-value"}`).wantStatus(t, http.StatusOK)
	line := <-lines
	for _, want := range []string{"2026-03-01T12:30:15Z", "POST", versions, "200", "CreateVersion"} {
		if !strings.Contains(line, want) {
			t.Errorf("%q is not in %q", want, line)
		}
	}
	for _, secret := range []string{"the-value", csmstest.DefaultAccessKey, "Signature"} {
		if strings.Contains(line, secret) {
			t.Errorf("%q is in %q", secret, line)
		}
	}
	c.do(http.MethodGet, "/a%0Ab", "")
	if line := <-lines; strings.Contains(line, "\n") || !strings.Contains(line, "APIGW.0101") {
		t.Errorf("got %q, want one line with the code", line)
	}
}

func TestLongBodiesAreVerifiedAndRefused(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	c.do(http.MethodPut, blue, `{"version_id":"v1"`+strings.Repeat(" ", 2<<20)+`}`).
		wantError(t, http.StatusBadRequest, "CSMS.0004")
	if kept := len(c.mock.Requests()[0].Body); kept != 1<<20 {
		t.Errorf("%d bytes are kept", kept)
	}
}

func TestContentIsNotKeptIfTold(t *testing.T) {
	t.Parallel()
	c := seeded(t, csmstest.WithoutContent())
	c.do(http.MethodPut, blue, `{"version_id":"v1"}`).wantStatus(t, http.StatusOK)
	if r := c.mock.Requests()[0]; r.Body != nil || r.Header != nil || r.Operation != "PutStage" {
		t.Errorf("kept is %+v", r)
	}
}

func TestHugeBodiesAreRefused(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	c.do(http.MethodPut, blue, strings.Repeat(" ", 12<<20+1)).
		wantError(t, http.StatusRequestEntityTooLarge, "APIGW.0201")
}
