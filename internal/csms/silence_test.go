package csms_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

// limited is a context whose deadline passes when a test says so.
type limited struct {
	context.Context
	done chan struct{}
	pass func()
}

func newLimited(t *testing.T) *limited {
	t.Helper()
	done := make(chan struct{})
	l := &limited{Context: t.Context(), done: done, pass: sync.OnceFunc(func() { close(done) })}
	t.Cleanup(l.pass)
	return l
}

func (l *limited) Done() <-chan struct{} { return l.done }

func (l *limited) Err() error {
	select {
	case <-l.done:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// says fails the test unless the error holds all the texts.
func says(t *testing.T, err error, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%q is missing in: %v", text, err)
		}
	}
}

func TestHungServiceIsNamedAndOnlyAWriteLeavesItOpenWhatHappened(t *testing.T) {
	t.Parallel()
	writes := map[string]bool{csms.OperationPutStage: true, csms.OperationDeleteStage: true, csms.OperationUpdateVersion: true}
	for _, op := range operations() {
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			s := newService(t)
			ctx := newLimited(t)
			s.Fail(csmstest.Fault{Operation: op.mockName, Times: -1, Hang: true, Do: ctx.pass})
			err := op.do(ctx, s.client(t))
			says(t, err, "no answer from "+s.url+" within ", "the operation's time limit is over")
			e := errorOf(t, err)
			if csms.ReasonOf(err) != csms.ReasonTimeout || !errors.Is(err, context.DeadlineExceeded) || !e.Sent || e.Unclear != writes[op.name] {
				t.Errorf("got %+v", e)
			}
		})
	}
}

func TestAttemptsThatGetNoAnswerAreNamedAndLeaveItOpen(t *testing.T) {
	t.Parallel()
	for _, op := range operations()[:2] { // a read and a write
		inBubble(t, op.name, func(t *testing.T) {
			s := newBubbleService(t)
			s.config.AttemptTimeout, s.config.MaxRetries = 50*time.Millisecond, 0
			s.Fail(csmstest.Fault{Operation: op.mockName, Times: -1, Hang: true})
			err := op.do(t.Context(), s.client(t))
			says(t, err, "no answer from "+s.url+" within 50ms")
			if e := errorOf(t, err); e.Unclear != (op.name == csms.OperationPutStage) || csms.ReasonOf(err) != csms.ReasonUnreachable {
				t.Errorf("got %+v", e)
			}
		})
	}
}

func TestWriteIsLeftOpenOnlyIfItWasSentAndNotRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault csmstest.Fault
		want  bool
	}{
		"reset":    {csmstest.Fault{Reset: true}, true},
		"502":      {csmstest.Fault{Status: http.StatusBadGateway}, true},
		"400":      {csmstest.Fault{Status: http.StatusBadRequest}, false},
		"not sent": {csmstest.Fault{}, false},
	} {
		s := newService(t)
		s.config.MaxRetries = 0
		if name == "not sent" {
			s.config.Endpoint = "http://127.0.0.1:1"
		} else {
			tt.fault.Operation = "PutStage"
			s.Fail(tt.fault)
		}
		_, err := move(t.Context(), s.client(t), "db", "GREEN", "v1")
		if e := errorOf(t, err); e.Unclear != tt.want || e.Sent != (name != "not sent") {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestHostThatTakesNoConnectionIsToldApart(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it listens until the test ends
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	ctx := newLimited(t)
	go func() {
		connection, err := listener.Accept()
		if err == nil {
			ctx.pass() // in the middle of the handshake
			_ = connection.SetDeadline(time.Now().Add(time.Minute))
			defer func() { _ = connection.Close() }()
			_, _ = connection.Read(make([]byte, 1<<20))
			_, _ = connection.Read(make([]byte, 1))
		}
	}()
	url := "https://" + listener.Addr().String()
	_, err = move(ctx, newClient(t, configFor(url)), "db", "GREEN", "v1")
	says(t, err, "no connection to "+url+" within ")
	if e := errorOf(t, err); e.Sent || e.Unclear {
		t.Errorf("got %+v", e)
	}
}

// within calls with longer and longer time limits until one is long enough for the call to come to where it hangs.
func within(t *testing.T, where string, call func(ctx context.Context) error) error {
	t.Helper()
	var err error
	for limit := 20 * time.Millisecond; limit < time.Minute; limit *= 4 {
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		err = call(ctx)
		cancel()
		if strings.Contains(err.Error(), where) {
			return err
		}
	}
	t.Errorf("%q is missing in: %v", where, err)
	return err
}

func TestCallThatIsNeverSentSaysSoAndWhatItWaitedFor(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change    func(*huaweicloud.Config)
		operation string // that hangs for another call
		waits     string
	}{
		"first request": {func(*huaweicloud.Config) {}, "ShowStage", "the answer to the first request with these credentials"},
		"token":         {withPassword, "CreateToken", "a token from http"},
		"keys":          {withMetadata, "ShowInstanceKey", "keys from http"},
		"agency's keys": {withAgency, "CreateTemporaryAccessKey", "keys of the agency rotator"},
		"project":       {func(c *huaweicloud.Config) { c.ProjectID = "" }, "ListProjects", "the project's id from http"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newIdentityService(t)
			tt.change(&s.config)
			s.config.AttemptTimeout = time.Hour
			client := s.client(t)
			hung, cancel := context.WithCancel(t.Context())
			arrived, ended := make(chan struct{}), make(chan struct{})
			s.Fail(csmstest.Fault{Operation: tt.operation, Hang: true, Do: func() { close(arrived) }})
			go func() {
				defer close(ended)
				_, _ = client.GetStage(hung, "db", "GREEN")
			}()
			<-arrived
			err := within(t, tt.waits, func(ctx context.Context) error {
				_, err := move(ctx, client, "db", "GREEN", "v1")
				return err
			})
			neverSent(t, err, "nothing was sent to "+s.url+": after ", "the call was still waiting for ")
			cancel()
			<-ended
		})
	}
}

func TestReaderWhoWaitsForTheListOfAnotherOneSaysSo(t *testing.T) {
	t.Parallel()
	s := newService(t)
	client := s.client(t)
	hung, cancel := context.WithCancel(t.Context())
	arrived, ended := make(chan struct{}), make(chan struct{})
	s.Fail(csmstest.Fault{Operation: "ListVersions", Hang: true, Do: func() { close(arrived) }})
	go func() {
		defer close(ended)
		_, _ = client.CachedVersions(hung, "db")
	}()
	<-arrived
	ctx := newLimited(t)
	ctx.pass()
	_, err := client.CachedVersions(ctx, "db")
	neverSent(t, err, "nothing was sent to "+s.url+": after ", "waiting for the answer to another one: the operation's time limit is over")
	cancel()
	<-ended
}

func TestCallThatWaitsForItsTurnIsNeverSent(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.config.MaxRequestsPerSecond = 0.001
	client := s.client(t)
	if _, err := client.GetSecret(t.Context(), "db"); err != nil {
		t.Fatal(err)
	}
	ctx := newLimited(t)
	ctx.pass()
	_, err := move(ctx, client, "db", "GREEN", "v1")
	neverSent(t, err, "nothing was sent to "+s.url+": after ", "its turn among the requests that are allowed per second")
}

func neverSent(t *testing.T, err error, texts ...string) {
	t.Helper()
	says(t, err, texts...)
	if e := errorOf(t, err); e.Sent || e.Unclear || e.Attempts != 0 || csms.ReasonOf(err) != csms.ReasonTimeout {
		t.Errorf("got %+v", e)
	}
}

func TestHungSignInNamesItsOwnHost(t *testing.T) {
	t.Parallel()
	for operation, change := range map[string]func(*huaweicloud.Config){
		"CreateToken": withPassword, "ShowInstanceKey": withMetadata, "CreateTemporaryAccessKey": withAgency,
		"ListProjects": func(c *huaweicloud.Config) { c.ProjectID = "" },
	} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			s := newIdentityService(t)
			change(&s.config)
			identity := httptest.NewServer(s)
			t.Cleanup(identity.Close)
			s.config.AuthURL, s.config.MetadataURL = identity.URL, identity.URL
			ctx := newLimited(t)
			s.Fail(csmstest.Fault{Operation: operation, Times: -1, Hang: true, Do: ctx.pass})
			_, err := move(ctx, s.client(t), "db", "GREEN", "v1")
			says(t, err, "no answer from "+identity.URL+" within ")
			if e := errorOf(t, err); e.Unclear || csms.ReasonOf(err) != csms.ReasonTimeout {
				t.Errorf("got %+v", e)
			}
		})
	}
}

func TestCallThatGivesUpBetweenAttemptsTellsWhatTheLastOneBrought(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault csmstest.Fault
		says  string
	}{
		"answer": {csmstest.Fault{Status: http.StatusServiceUnavailable}, "the last answer was 503 Service Unavailable"},
		"reset":  {csmstest.Fault{Reset: true}, "the last attempt failed: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t)
			s.config.RetryWaitMin, s.config.RetryWaitMax = time.Hour, time.Hour
			tt.fault.Times = -1
			s.Fail(tt.fault)
			client := s.client(t)
			err := within(t, "gave up on "+s.url+" after ", func(ctx context.Context) error {
				_, err := client.GetSecret(ctx, "db")
				return err
			})
			says(t, err, "the operation's time limit is over", tt.says)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the end of the context is lost: %v", err)
			}
		})
	}
}

func TestInterruptedCallSaysSo(t *testing.T) {
	t.Parallel()
	s := newService(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.Fail(csmstest.Fault{Hang: true, Do: cancel})
	_, err := s.client(t).GetSecret(ctx, "db")
	says(t, err, "no answer from "+s.url+" within ", "the operation was interrupted")
	if csms.ReasonOf(err) != csms.ReasonInterrupted {
		t.Errorf("got %v", csms.ReasonOf(err))
	}
}
