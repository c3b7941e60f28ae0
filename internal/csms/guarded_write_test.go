package csms_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

var (
	expiryBefore = time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC)
	expiryOfOurs = time.Date(2091, 1, 1, 0, 0, 0, 0, time.UTC)
	expiryOfElse = time.Date(2092, 1, 1, 0, 0, 0, 0, time.UTC)
)

var errRefused = errors.New("it is not as it was")

// guardedWrite is a write whose guard lets it start from what the service of newGuardedService has, and what somebody else
// may do to the same thing.
type guardedWrite struct {
	look, write string // operations of the mock
	do          func(ctx context.Context, w *csms.Writer) error
	byElse      func(s *service)
	undone      func(s *service) bool
}

func guardedWrites() map[string]guardedWrite {
	stays := func(s *service) bool { return s.StageHolder("db", "GREEN") != "v3" }
	moves := func(s *service) { s.MoveStage("db", "GREEN", "v3") }
	return map[string]guardedWrite{
		"move": {
			"ShowStage", "PutStage", func(ctx context.Context, w *csms.Writer) error {
				_, err := w.MoveStage(ctx, "GREEN", "v1", onlyFrom("v2"))
				return err
			}, moves, stays,
		},
		"deletion": {
			"ShowStage", "DeleteStage", func(ctx context.Context, w *csms.Writer) error {
				return w.DeleteStage(ctx, "GREEN", onlyFrom("v2"))
			}, moves, stays,
		},
		"expiry": {
			"ListVersions", "UpdateVersion", func(ctx context.Context, w *csms.Writer) error {
				return w.SetVersionExpiry(ctx, "v2", expiryOfOurs, func(versions []csms.Version) error {
					if !versions[1].ExpireTime.Equal(expiryBefore) {
						return errRefused
					}
					return nil
				})
			},
			func(s *service) { s.SetExpiry("db", "v2", expiryOfElse) },
			func(s *service) bool { return !s.Expiry("db", "v2").Equal(expiryOfElse) },
		},
	}
}

// onlyFrom is a guard that lets a stage be written that is on one version, or nowhere.
func onlyFrom(version string) csms.StageGuard {
	return func(found *csms.Stage) error {
		if found != nil && found.VersionID != version {
			return errRefused
		}
		return nil
	}
}

// inBubble runs a test in a bubble, in which the waits of a pace and of attempts pass at once.
func inBubble(t *testing.T, name string, test func(*testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, test)
	})
}

func newGuardedService(t *testing.T) *service {
	t.Helper()
	s := newBubbleService(t)
	s.SetExpiry("db", "v2", expiryBefore)
	return s
}

// failingWrites are answers after which a write is tried again.
func failingWrites() map[string]csmstest.Fault {
	return map[string]csmstest.Fault{
		"429":                       csmstest.Throttled(""),
		"429 with Retry-After":      csmstest.Throttled("1"),
		"503":                       {Status: http.StatusServiceUnavailable},
		"500 after it took effect":  {Status: http.StatusInternalServerError, AfterProcessing: true},
		"lost request":              {Reset: true},
		"lost answer":               {Reset: true, AfterProcessing: true},
		"hung":                      {Hang: true},
		"hung after it took effect": {Hang: true, AfterProcessing: true},
	}
}

func TestEveryAttemptToWriteLooksAgain(t *testing.T) {
	t.Parallel()
	for name, write := range guardedWrites() {
		for kind, fault := range failingWrites() {
			inBubble(t, name+", "+kind, func(t *testing.T) {
				s := newGuardedService(t)
				fault.Operation = write.write
				s.Fail(fault)
				s.Fail(csmstest.Fault{Operation: write.look}) // the first look
				s.Fail(csmstest.Fault{Operation: write.look, Do: func() { write.byElse(s) }})
				err := s.client(t).Write(t.Context(), "db", func(w *csms.Writer) error { return write.do(t.Context(), w) })
				if !errors.Is(err, errRefused) {
					t.Errorf("got %v, want the guard's refusal", err)
				}
				if write.undone(s) {
					t.Error("what somebody else did is undone")
				}
				if n := s.Count(write.write); n != 1 {
					t.Errorf("%d writes", n)
				}
			})
		}
	}
}

func TestWriteWhoseAnswerWasLostIsNotRepeated(t *testing.T) {
	t.Parallel()
	for name, write := range guardedWrites() {
		for kind, fault := range failingWrites() {
			if !fault.AfterProcessing {
				continue
			}
			inBubble(t, name+", "+kind, func(t *testing.T) {
				s := newGuardedService(t)
				fault.Operation = write.write
				s.Fail(fault)
				err := s.client(t).Write(t.Context(), "db", func(w *csms.Writer) error { return write.do(t.Context(), w) })
				if err != nil || s.Count(write.write) != 1 {
					t.Errorf("%d writes, %v", s.Count(write.write), err)
				}
			})
		}
	}
}

func TestMoveWhoseAnswerWasLostTellsWhereTheStageWas(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.Fail(csmstest.Fault{Operation: "PutStage", Reset: true, AfterProcessing: true})
	moved, err := move(t.Context(), s.client(t), "db", "GREEN", "v1")
	if err != nil || moved.VersionID != "v1" || moved.From != "v2" {
		t.Errorf("got %+v, %v", moved, err)
	}
}

func TestStageThatIsThereIsNotPutAgain(t *testing.T) {
	t.Parallel()
	s := newService(t)
	err := s.client(t).Write(t.Context(), "db", func(w *csms.Writer) error {
		moved, err := w.MoveStage(t.Context(), "GREEN", "v2", func(*csms.Stage) error { return errRefused })
		if err == nil && (moved.From != "" || moved.VersionID != "v2") {
			err = fmt.Errorf("got %+v", moved)
		}
		return err
	})
	if err != nil || s.Count("PutStage") != 0 {
		t.Errorf("%d writes, %v", s.Count("PutStage"), err)
	}
}

func TestRefusalForTooManyRequestsIsNoRetry(t *testing.T) {
	t.Parallel()
	for name, write := range guardedWrites() {
		inBubble(t, name, func(t *testing.T) {
			s := newGuardedService(t)
			s.config.MaxRetries = 0
			for _, operation := range []string{write.look, write.write} {
				throttled := csmstest.Throttled("")
				throttled.Operation = operation
				s.Fail(throttled)
			}
			err := s.client(t).Write(t.Context(), "db", func(w *csms.Writer) error { return write.do(t.Context(), w) })
			if err != nil || s.Count(write.write) != 2 {
				t.Errorf("%d writes, %v", s.Count(write.write), err)
			}
		})
	}
}

func TestFailedWriteIsTriedAsOftenAsConfigured(t *testing.T) {
	t.Parallel()
	for name, write := range guardedWrites() {
		for retries, attempts := range map[int]int{0: 1, 2: 3} {
			inBubble(t, fmt.Sprintf("%s, %d retries", name, retries), func(t *testing.T) {
				s := newGuardedService(t)
				s.config.MaxRetries = retries
				s.Fail(csmstest.Fault{Operation: write.write, Times: -1, Status: http.StatusBadGateway})
				err := s.client(t).Write(t.Context(), "db", func(w *csms.Writer) error { return write.do(t.Context(), w) })
				e := errorOf(t, err)
				if e.StatusCode != http.StatusBadGateway || e.Attempts != attempts || s.Count(write.write) != attempts || !e.Unclear {
					t.Errorf("%d writes, %+v", s.Count(write.write), e)
				}
			})
		}
	}
}

func TestRefusedWriteIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	for name, write := range guardedWrites() {
		for _, status := range []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusConflict} {
			inBubble(t, fmt.Sprintf("%s, %d", name, status), func(t *testing.T) {
				s := newGuardedService(t)
				s.Fail(csmstest.Fault{Operation: write.write, Times: -1, Status: status})
				err := s.client(t).Write(t.Context(), "db", func(w *csms.Writer) error { return write.do(t.Context(), w) })
				if e := errorOf(t, err); e.StatusCode != status || s.Count(write.write) != 1 || e.Unclear {
					t.Errorf("%d writes, %+v", s.Count(write.write), e)
				}
			})
		}
	}
}

func TestWriteThatEndsWhileItWaitsTellsTheLastAnswer(t *testing.T) {
	t.Parallel()
	for name, write := range guardedWrites() {
		for kind, retryAfter := range map[string]string{"429": "3600", "503": "3600"} {
			inBubble(t, name+", "+kind, func(t *testing.T) {
				s := newGuardedService(t)
				s.config.RetryAfterMax = time.Hour
				ctx, cancel := context.WithCancel(t.Context())
				s.config.OnAttempt = func(_ context.Context, a huaweicloud.Attempt) {
					if a.Method != http.MethodGet {
						cancel()
					}
				}
				fault := csmstest.Throttled(retryAfter)
				if fault.Operation = write.write; kind == "503" {
					fault.Status = http.StatusServiceUnavailable
				}
				s.Fail(fault)
				err := s.client(t).Write(ctx, "db", func(w *csms.Writer) error { return write.do(ctx, w) })
				if e := errorOf(t, err); !errors.Is(err, context.Canceled) || e.StatusCode != fault.Status || e.Code != "APIGW.0308" {
					t.Errorf("got %v", err)
				}
			})
		}
	}
}
