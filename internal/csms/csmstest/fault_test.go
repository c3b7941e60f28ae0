package csmstest_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"regexp"
	"syscall"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func TestAFaultAnswersInsteadOfTheService(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	c.mock.Fail(csmstest.Fault{
		Status: http.StatusBadGateway,
		Header: http.Header{"content-type": {"text/html"}, "X-Request-Id": nil},
		Body:   "<html>Bad Gateway</html>",
	})
	got := c.do(http.MethodPut, blue, `{"version_id":"v1"}`)
	got.wantStatus(t, http.StatusBadGateway)
	if got.header.Get("Content-Type") != "text/html" || got.header.Get("X-Request-Id") != "" ||
		string(got.body) != "<html>Bad Gateway</html>" {
		t.Errorf("got %v with %v", got, got.header)
	}
	if holder := c.mock.StageHolder("s", "BLUE"); holder != "v2" {
		t.Errorf("the service moved the stage to %s", holder)
	}
	c.do(http.MethodPut, blue, `{"version_id":"v1"}`).wantStatus(t, http.StatusOK)
}

func TestThrottling(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	for _, retryAfter := range []string{"", "2"} {
		c.mock.Fail(csmstest.Throttled(retryAfter))
		got := c.do(http.MethodGet, blue, "")
		got.wantError(t, http.StatusTooManyRequests, "APIGW.0308")
		got.wantText(t, "request_id", got.header.Get("X-Request-Id"))
		if after := got.header.Values("Retry-After"); len(after) > 1 || got.header.Get("Retry-After") != retryAfter {
			t.Errorf("got Retry-After %q, want %q", after, retryAfter)
		}
	}
	if seen := c.mock.Requests()[0]; seen.Status != http.StatusTooManyRequests || seen.Code != "APIGW.0308" {
		t.Errorf("recorded as %+v", seen)
	}
}

func TestFaultsMatchSomeRequests(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]struct {
		fault csmstest.Fault
		fails bool
	}{
		"its operation":     {csmstest.Fault{Operation: "ShowStage"}, true},
		"another operation": {csmstest.Fault{Operation: "PutStage"}, false},
		"its method":        {csmstest.Fault{Method: http.MethodGet}, true},
		"another method":    {csmstest.Fault{Method: http.MethodPut}, false},
		"its path":          {csmstest.Fault{Path: regexp.MustCompile(`/secrets/s/`)}, true},
		"another path":      {csmstest.Fault{Path: regexp.MustCompile(`/secrets/x/`)}, false},
		"only half of it":   {csmstest.Fault{Method: http.MethodGet, Operation: "PutStage"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := seeded(t)
			try.fault.Status = http.StatusInternalServerError
			c.mock.Fail(try.fault)
			if failed := c.do(http.MethodGet, blue, "").status != http.StatusOK; failed != try.fails {
				t.Errorf("failed: %v, want %v", failed, try.fails)
			}
		})
	}
}

func TestFaultsLastAsLongAsTold(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	c.mock.Fail(csmstest.Fault{Status: 500, Times: 2})
	c.mock.Fail(csmstest.Fault{Status: 503, Times: -1})
	for _, status := range []int{500, 500, 503, 503, 503} {
		c.do(http.MethodGet, blue, "").wantStatus(t, status)
	}
	c.mock.ClearFaults()
	c.do(http.MethodGet, blue, "").wantStatus(t, http.StatusOK)
}

func TestAFaultMayHideWhatTheServiceDid(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]csmstest.Fault{
		"behind a status": {Status: http.StatusGatewayTimeout, AfterProcessing: true},
		"behind a reset":  {Reset: true, AfterProcessing: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := seeded(t)
			c.mock.Fail(fault)
			if got, err := c.try(c.signed(http.MethodPut, blue, `{"version_id":"v1"}`)); err == nil &&
				got.status == http.StatusOK {
				t.Errorf("got %v", got)
			}
			if holder := c.mock.StageHolder("s", "BLUE"); holder != "v1" {
				t.Errorf("the stage is on %s", holder)
			}
			if seen := c.mock.Requests()[0]; !seen.Changed || seen.SignedBy != csmstest.DefaultAccessKey {
				t.Errorf("recorded as %+v", seen)
			}
		})
	}
}

func TestAResetIsSeenAsOne(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	c.mock.Fail(csmstest.Fault{Reset: true})
	if _, err := c.try(c.signed(http.MethodPut, blue, `{"version_id":"v1"}`)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v, want a connection reset", err)
	}
	if holder := c.mock.StageHolder("s", "BLUE"); holder != "v2" {
		t.Errorf("the service moved the stage to %s", holder)
	}
	if seen := c.mock.Requests()[0]; seen.Status != 0 || seen.Operation != "PutStage" {
		t.Errorf("recorded as %+v", seen)
	}
}

func TestAResetWorksOverTLSAndHTTP2(t *testing.T) {
	t.Parallel()
	for name, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := seeded(t)
			listener := httptest.NewUnstartedServer(c.mock)
			listener.EnableHTTP2 = http2
			listener.StartTLS()
			t.Cleanup(listener.Close)
			c.url, c.http = listener.URL, listener.Client()
			c.mock.Fail(csmstest.Fault{Reset: true, Times: -1})
			if got, err := c.try(c.signed(http.MethodPut, blue, `{"version_id":"v1"}`)); err == nil {
				t.Errorf("got %v", got)
			}
			c.mock.ClearFaults()
			c.do(http.MethodGet, blue, "").wantStatus(t, http.StatusOK)
		})
	}
}

func TestATruncatedAnswerEndsEarly(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	c.mock.Fail(csmstest.Fault{Truncate: true})
	got, err := c.try(c.signed(http.MethodPut, blue, `{"version_id":"v1"}`))
	if !errors.Is(err, io.ErrUnexpectedEOF) || got.status != http.StatusOK || len(got.body) == 0 {
		t.Errorf("got %v and %v, want half an answer", got, err)
	}
	if holder := c.mock.StageHolder("s", "BLUE"); holder != "v1" {
		t.Errorf("the stage is on %s", holder)
	}
}

func TestAHangingRequestEndsWithTheClient(t *testing.T) {
	t.Parallel()
	ctx, leave := context.WithCancel(t.Context())
	c := seeded(t, csmstest.WithRequestLog(func(csmstest.Request) { leave() }))
	c.mock.Fail(csmstest.Fault{Hang: true, AfterProcessing: true})
	r := c.signed(http.MethodPut, blue, `{"version_id":"v1"}`)
	if got, err := c.try(r.WithContext(ctx)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v and %v", got, err)
	}
	if c.mock.Count("PutStage") != 1 || c.mock.StageHolder("s", "BLUE") != "v1" {
		t.Errorf("recorded %+v", c.mock.Requests())
	}
}

func TestCloseEndsHangingRequests(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	c.mock.Fail(csmstest.Fault{Hang: true, Do: c.mock.Close})
	if got, err := c.try(c.signed(http.MethodGet, blue, "")); err == nil {
		t.Errorf("got %v", got)
	}
	c.do(http.MethodGet, blue, "").wantStatus(t, http.StatusOK)
}

func TestADelayEndsWithTheClient(t *testing.T) {
	t.Parallel()
	ended := make(chan csmstest.Request, 1)
	c := seeded(t, csmstest.WithRequestLog(func(r csmstest.Request) { ended <- r }))
	c.mock.Fail(csmstest.Fault{Delay: time.Hour})
	ctx, leave := context.WithCancel(t.Context())
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { leave() }})
	r := c.signed(http.MethodPut, blue, `{"version_id":"v1"}`)
	if got, err := c.try(r.WithContext(ctx)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v and %v", got, err)
	}
	if seen := <-ended; seen.Operation != "PutStage" || seen.Status != 0 {
		t.Errorf("recorded as %+v", seen)
	}
	if holder := c.mock.StageHolder("s", "BLUE"); holder != "v2" {
		t.Errorf("the stage moved to %s", holder)
	}
}

func TestADelayedRequestIsAnswered(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	c.mock.Fail(csmstest.Fault{Delay: 20 * time.Millisecond})
	began := time.Now()
	c.do(http.MethodGet, blue, "").wantStatus(t, http.StatusOK)
	if took := time.Since(began); took < 20*time.Millisecond {
		t.Errorf("answered after %v", took)
	}
}

func TestAFaultMayChangeSecretsBeforeARequestIsProcessed(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	c.mock.Fail(csmstest.Fault{Operation: "ShowStage", Do: func() { c.mock.MoveStage("s", "BLUE", "v3") }})
	c.do(http.MethodGet, blue, "").wantText(t, "stage.version_id", "v3")
}

func TestAFaultNeedsAStatusForItsBody(t *testing.T) {
	t.Parallel()
	wantPanic(t, func() { csmstest.New().Fail(csmstest.Fault{Body: "x"}) })
}

func TestServersSpeakHTTP2(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	listener := httptest.NewUnstartedServer(c.mock)
	listener.EnableHTTP2 = true
	listener.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	listener.StartTLS()
	t.Cleanup(listener.Close)
	c.url, c.http = listener.URL, listener.Client()
	c.mock.Fail(csmstest.Fault{Truncate: true})
	if got, err := c.try(c.signed(http.MethodGet, blue, "")); err == nil {
		t.Errorf("got the whole of %v", got)
	}
	c.do(http.MethodDelete, blue, "").wantStatus(t, http.StatusNoContent)
}

func TestRateLimitRefusesWhatIsTooMuchForASecond(t *testing.T) {
	t.Parallel()
	c := seeded(t, csmstest.WithCredentials("other", "other-secret"))
	c.mock.SetRateLimit(1)
	c.do(http.MethodGet, blue, "").wantStatus(t, http.StatusOK)
	c.do(http.MethodGet, "/v3/projects", "").wantStatus(t, http.StatusOK)
	refused := false
	for range 50 {
		refused = refused || c.do(http.MethodPut, blue, `{"version_id":"v1"}`).status == http.StatusTooManyRequests
	}
	if !refused {
		t.Error("fifty requests at once are all answered")
	}
	r := c.request(http.MethodGet, blue, "")
	sign(r, "", "other", "other-secret", time.Now(), "x-sdk-date")
	c.send(r).wantStatus(t, http.StatusOK)
}

func TestLatencyHoldsEveryRequest(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	const latency = 50 * time.Millisecond
	c.mock.SetLatency(latency)
	before := time.Now()
	c.do(http.MethodGet, blue, "").wantStatus(t, http.StatusOK)
	if took := time.Since(before); took < latency {
		t.Errorf("it took %v", took)
	}
}
