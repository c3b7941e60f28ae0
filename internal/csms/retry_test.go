package csms_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

// passingFaults are faults that a later attempt gets over.
func passingFaults() map[string]csmstest.Fault {
	return map[string]csmstest.Fault{
		"429":                          csmstest.Throttled(""),
		"429 with Retry-After":         csmstest.Throttled("1"),
		"429 with Retry-After an hour": csmstest.Throttled("3600"),
		"429 with Retry-After garbage": csmstest.Throttled("soon"),
		"429 with Retry-After past":    csmstest.Throttled("Fri, 31 Dec 1999 23:59:59 GMT"),
		"429 with Retry-After endless": csmstest.Throttled("9223372036854775807"),
		"500":                          {Status: http.StatusInternalServerError, Body: `{"error_code":"KMS.0101","error_msg":"x"}`},
		"502 HTML":                     {Status: http.StatusBadGateway, Header: htmlHeader(), Body: "<html><title>Bad Gateway</title>"},
		"503":                          {Status: http.StatusServiceUnavailable},
		"504":                          {Status: http.StatusGatewayTimeout, Body: "x"},
		"reset":                        {Reset: true},
		"reset after processing":       {Reset: true, AfterProcessing: true},
		"truncated":                    {Truncate: true},
		"truncated JSON":               {Status: http.StatusOK, Body: `{"stage":{"version_id":"v`},
		"hung":                         {Hang: true},
		"hung after processing":        {Hang: true, AfterProcessing: true},
	}
}

func htmlHeader() http.Header { return http.Header{"Content-Type": {"text/html"}} }

func TestPassingFaultsAreGotOver(t *testing.T) {
	t.Parallel()
	for name, fault := range passingFaults() {
		for _, op := range operations() {
			if fault.Truncate && op.mockName == "DeleteStage" {
				continue // Its answer has no body that could break off.
			}
			t.Run(name+"/"+op.mockName, func(t *testing.T) {
				t.Parallel()
				if fault.Hang || fault.Status == http.StatusTooManyRequests { // only in a bubble does time pass at once
					synctest.Test(t, func(t *testing.T) { getsOver(t, newBubbleService(t), fault, op) })
					return
				}
				getsOver(t, newService(t), fault, op)
			})
		}
	}
}

func getsOver(t *testing.T, s *service, fault csmstest.Fault, op operation) {
	t.Helper()
	fault.Operation, fault.Times = op.mockName, 2
	s.Fail(fault)
	if err := op.do(t.Context(), s.client(t)); err != nil {
		t.Error(err)
	}
	want := 3
	if (fault.AfterProcessing || fault.Truncate) && op.isWrite() {
		want = 1 // it has taken effect
	}
	if n := s.Count(op.mockName); n != want {
		t.Errorf("%d requests, want %d", n, want)
	}
}

func TestLastAnswerIsInTheErrorWhenRetriesAreUsedUp(t *testing.T) {
	t.Parallel()
	for retries, attempts := range map[int]int{0: 1, 1: 2, 3: 4} {
		s := newService(t)
		s.config.MaxRetries = retries
		s.Fail(csmstest.Fault{Times: -1, Status: http.StatusBadGateway, Body: `{"error_code":"APIG.0201","error_msg":"x"}`})
		_, err := s.client(t).ListVersions(t.Context(), "db")
		e := errorOf(t, err)
		if e.StatusCode != http.StatusBadGateway || e.Code != "APIG.0201" || e.RequestID == "" || e.Attempts != attempts || len(s.Requests()) != attempts {
			t.Errorf("%d retries: %d requests, %+v", retries, len(s.Requests()), e)
		}
	}
}

func TestAnswersThatWillNotChangeAreNotAskedForAgain(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 304, 307, 400, 401, 403, 404, 405, 409, 413, 501, 505} {
		s := newService(t)
		s.Fail(csmstest.Fault{Times: -1, Status: status, Header: http.Header{"Location": {"https://login.example/?ticket=1"}}})
		_, err := s.client(t).GetStage(t.Context(), "db", "GREEN")
		if e := errorOf(t, err); e.StatusCode != status || len(s.Requests()) != 1 {
			t.Errorf("status %d: %d requests, %v", status, len(s.Requests()), err)
		}
	}
}

func TestRedirectIsNotFollowedAndItsTicketNotTold(t *testing.T) {
	t.Parallel()
	header := http.Header{"Location": {"https://login.example/sso?ticket=once"}}
	_, err := answering(t, http.StatusFound, header, "").GetStage(t.Context(), "db", "GREEN")
	if text := errorOf(t, err).Error(); !strings.Contains(text, "login.example") || strings.Contains(text, "once") {
		t.Errorf("got %s", text)
	}
}

func TestUnreachableServiceIsTriedAgain(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = newClient(t, configFor("http://"+address)).GetSecret(t.Context(), "db")
	if e := errorOf(t, err); e.StatusCode != 0 || e.Attempts != 4 || !strings.Contains(err.Error(), address) {
		t.Errorf("%d attempts: %v", e.Attempts, err)
	}
}

func TestNameServerIsAskedAgainOnlyIfItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		fault    net.DNSError
		attempts int
	}{
		{net.DNSError{Err: "no such host", Name: "kms.mispelt.example", IsNotFound: true}, 1},
		{net.DNSError{Err: "server misbehaving", Name: "kms.example", IsTemporary: true}, 4},
		{net.DNSError{Err: "i/o timeout", Name: "kms.example", IsTimeout: true}, 4},
	} {
		cfg := configFor("http://kms.invalid")
		cfg.Hooks.RoundTrip = func(*http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &tt.fault}
		}
		_, err := newClient(t, cfg).GetSecret(t.Context(), "db")
		if e := errorOf(t, err); e.Attempts != tt.attempts || !strings.Contains(err.Error(), tt.fault.Err) {
			t.Errorf("%d attempts: %v", e.Attempts, err)
		}
	}
}

func TestRetryAfterIsHonouredUpToItsLimit(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]time.Duration{"1": time.Second, "3600": 1500 * time.Millisecond} {
		t.Run("Retry-After "+header, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newBubbleService(t)
				s.config.RetryAfterMax = 1500 * time.Millisecond
				s.Fail(csmstest.Throttled(header))
				started := time.Now()
				_, err := s.client(t).GetStage(t.Context(), "db", "GREEN")
				if took := time.Since(started); err != nil || took != want {
					t.Errorf("took %s, %v; want %s", took, err, want)
				}
			})
		})
	}
}

func TestWaitsGrowUpToTheirLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newBubbleService(t)
		s.config.MaxRetries, s.config.RetryWaitMin, s.config.RetryWaitMax = 4, time.Second, 5*time.Second
		s.Fail(csmstest.Fault{Times: 4, Status: http.StatusBadGateway})
		if _, err := s.client(t).GetStage(t.Context(), "db", "GREEN"); err != nil {
			t.Fatal(err)
		}
		sent := s.Requests()
		for i, longest := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second} {
			if waited := sent[i+1].Time.Sub(sent[i].Time); waited < longest/2 || waited > longest {
				t.Errorf("wait %d took %s, want between half of %s and the whole", i+1, waited, longest)
			}
		}
	})
}

func TestEveryWaitEndsWithTheContext(t *testing.T) {
	t.Parallel()
	throttled := csmstest.Throttled("3600")
	for name, fault := range map[string]csmstest.Fault{
		"hung answer": {Hang: true}, "wait for a retry": throttled, "slow answer": {Delay: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newBubbleService(t)
				s.config.RetryAfterMax, s.config.AttemptTimeout = time.Hour, time.Hour
				fault.Times = -1
				s.Fail(fault)
				client, started := s.client(t), time.Now()
				ctx, cancel := context.WithCancel(t.Context())
				failed := make(chan error, 1)
				go func() { _, err := client.GetStage(ctx, "db", "GREEN"); failed <- err }()
				synctest.Wait()
				cancel()
				err := <-failed
				synctest.Wait() // for the service to notice
				if took := time.Since(started); took > 0 || !errors.Is(err, context.Canceled) {
					t.Errorf("took %s: %v", took, err)
				}
				if n := len(s.Requests()); n != 1 {
					t.Errorf("%d requests were sent", n)
				}
				if e := errorOf(t, err); name == "wait for a retry" && (e.StatusCode != http.StatusTooManyRequests || e.Code != "APIGW.0308") {
					t.Errorf("the last answer is lost: %v", err)
				}
			})
		})
	}
}

func TestEndedContextSendsNothing(t *testing.T) {
	t.Parallel()
	s := newService(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, op := range operations() {
		if err := op.do(ctx, s.client(t)); !errors.Is(err, context.Canceled) || errorOf(t, err).Operation != op.name {
			t.Errorf("%s: %v", op.name, err)
		}
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestHungAnswerIsAnErrorOfItsOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newBubbleService(t)
		s.config.AttemptTimeout, s.config.MaxRetries = 50*time.Millisecond, 1
		s.Fail(csmstest.Fault{Times: -1, Hang: true})
		_, err := s.client(t).GetStage(t.Context(), "db", "GREEN")
		if e := errorOf(t, err); e.Attempts != 2 || errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "within 50ms") {
			t.Errorf("%d attempts: %v", e.Attempts, err)
		}
	})
}

func TestRetryIsSignedAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newBubbleService(t)
		throttled := csmstest.Throttled("1")
		throttled.Operation = "PutStage"
		s.Fail(throttled)
		s.config.RetryAfterMax = 1100 * time.Millisecond
		if _, err := move(t.Context(), s.client(t), "db", "GREEN", "v1"); err != nil {
			t.Fatal(err)
		}
		expectSignedAnew(t, slices.DeleteFunc(s.Requests(), func(r csmstest.Request) bool { return r.Operation != "PutStage" }))
	})
}

func expectSignedAnew(t *testing.T, sent []csmstest.Request) {
	t.Helper()
	if len(sent) != 2 {
		t.Fatalf("%d requests", len(sent))
	}
	for _, name := range []string{"X-Sdk-Date", "Authorization"} {
		if sent[0].Header.Get(name) == sent[1].Header.Get(name) || len(sent[1].Header.Values(name)) != 1 {
			t.Errorf("%s of the second attempt is %q", name, sent[1].Header.Values(name))
		}
	}
	if string(sent[0].Body) != string(sent[1].Body) || len(sent[1].Body) == 0 {
		t.Errorf("the bodies are %q and %q", sent[0].Body, sent[1].Body)
	}
}

func TestAttemptsAreReported(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.Fail(csmstest.Fault{Reset: true}) // before anything else: net/http itself repeats a GET on a connection it has used before
	s.Fail(csmstest.Throttled(""))
	type key struct{}
	var mu sync.Mutex
	var seen []huaweicloud.Attempt
	s.config.OnAttempt = func(ctx context.Context, a huaweicloud.Attempt) {
		mu.Lock()
		defer mu.Unlock()
		if ctx.Value(key{}) != "of the caller" {
			t.Error("the context is not the caller's")
		}
		seen = append(seen, a)
	}
	ctx := context.WithValue(t.Context(), key{}, "of the caller")
	if _, err := s.client(t).GetStage(ctx, "db", "GREEN"); err != nil {
		t.Fatal(err)
	}
	if len(seen) != 3 {
		t.Fatalf("%d attempts were reported", len(seen))
	}
	about := csms.Target{Region: csmstest.DefaultRegion, SecretName: "db", Stage: "GREEN"}
	for i, want := range []huaweicloud.Attempt{{}, {Status: 429, Code: "APIGW.0308"}, {Status: 200}} {
		got := seen[i]
		if got.Number != i+1 || got.Status != want.Status || got.Code != want.Code || (got.Err == nil) != (want.Status != 0) {
			t.Errorf("attempt %d: %+v", i+1, got)
		}
		if got.Operation != csms.OperationGetStage || got.Method != http.MethodGet || got.Subject != about ||
			got.Region != csmstest.DefaultRegion || got.Duration <= 0 || (got.RequestID == "") != (want.Status == 0) {
			t.Errorf("attempt %d: %+v", i+1, got)
		}
	}
}
