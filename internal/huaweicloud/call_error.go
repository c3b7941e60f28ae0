package huaweicloud

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"time"

	"github.com/csms/terraform-provider-csms/internal/cached"
)

// responseError is the error of a call that was refused.
func (k *call) responseError() *Error {
	e := &Error{
		Operation:  k.Operation,
		StatusCode: k.last.status, Code: k.last.code, Message: k.last.message, RequestID: k.last.requestID,
		Attempts: k.attempts, Sent: k.sent, Unclear: k.unclear, Credentials: k.kind, repeat: k.waitBeforeRepeating,
	}
	if e.Credentials != "" {
		e.CredentialsFrom = k.config.CredentialsFrom
	}
	if k.last.refusesCredentials() && k.used.accessKey != "" && !k.last.date.IsZero() {
		e.ClockSkew = k.config.Hooks.Now().Sub(k.last.date)
	}
	return e
}

// invalid is the error of a call whose answer is a success that cannot be believed.
func (k *call) invalid(what string) *Error {
	e := k.responseError()
	e.Message = sanitize("the answer is not what this operation returns: " + what)
	return e
}

// wrapError makes an [Error] of what kept the call from getting an answer.
func (k *call) wrapError(err error) *Error {
	if own, ok := errors.AsType[*Error](err); ok {
		if own.Operation == k.Operation {
			return own
		}
		return own.ofPrerequisite()
	}
	e := k.responseError()
	e.Err = k.redacted(k.withHost(err))
	return e
}

// ofPrerequisite is the error of a call that failed because another one did, which it needed first.
// The operation is the other's: it is what has to be mended.
func (e *Error) ofPrerequisite() *Error {
	prerequisite := *e
	prerequisite.Prerequisite, prerequisite.repeat = true, nil
	return &prerequisite
}

// withHost says who did not answer and for how long, or that nothing was sent and what the call was
// waiting for.
func (k *call) withHost(err error) error {
	host, ended := k.endpoint.origin, endOf(err)
	wait, waited := waitOf(err)
	timeout, timedOut := errors.AsType[timeoutError](err)
	switch {
	case k.attempts == 0 && ended != nil && k.waiting != "":
		return fmt.Errorf("nothing was sent to %s: after %s the call was still waiting for %s: %w",
			host, since(k.started), k.waiting, ended)
	case k.attempts == 0 && waited:
		return fmt.Errorf("nothing was sent to %s: %w", host, wait)
	case k.attempts == 0 && isEnd(err):
		return fmt.Errorf("nothing was sent to %s: %w", host, cmp.Or(ended, err))
	case k.attempts == 0:
		return err
	case ended != nil && k.lastFault != nil:
		return fmt.Errorf("gave up on %s after %s: %w; the last attempt failed: %w",
			host, since(k.started), ended, k.lastFault)
	case ended != nil && k.answered:
		return fmt.Errorf("gave up on %s after %s: %w", host, since(k.started), ended)
	case ended != nil:
		return fmt.Errorf("%s %s within %s: %w", k.silence(), host, since(k.attemptStarted), ended)
	case timedOut:
		return rewordedError{fmt.Sprintf("%s %s within %s", k.silence(), host, timeout.after), err}
	default:
		return fmt.Errorf("no answer from %s: %w", host, err)
	}
}

// silence tells a host that cannot be reached from one that took the request.
func (k *call) silence() string {
	if k.sentLast {
		return "no answer from"
	}
	return "no connection to"
}

// rewordedError says in words of its own what err says.
type rewordedError struct {
	text string
	err  error
}

func (e rewordedError) Error() string { return e.text }
func (e rewordedError) Unwrap() error { return e.err }

// waitError is the end of a context while something was waited for that had to come first.
type waitError struct {
	what  string
	after time.Duration
	err   error
}

func (e waitError) Error() string {
	return fmt.Sprintf("after %s the call was still waiting for %s: %s", rounded(e.after), e.what, endOf(e.err))
}

func (e waitError) Unwrap() error { return e.err }

// waitOf finds a wait in the error, for a value that another call has asked for too.
func waitOf(err error) (waitError, bool) {
	if wait, ok := errors.AsType[cached.WaitError](err); ok {
		return waitError{what: "the answer to another one", after: wait.After, err: wait.Err}, true
	}
	return errors.AsType[waitError](err)
}

func isEnd(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

// endOf returns the end of a context in words that a person understands, and nil for anything else.
func endOf(err error) error {
	switch {
	case errors.Is(err, errTooSlowAPace):
		return nil // the time is not over yet
	case errors.Is(err, context.DeadlineExceeded):
		return rewordedError{"the operation's time limit is over", context.DeadlineExceeded}
	case errors.Is(err, context.Canceled):
		return rewordedError{"the operation was interrupted", context.Canceled}
	default:
		return nil
	}
}

func since(t time.Time) time.Duration { return rounded(time.Since(t)) }

func rounded(passed time.Duration) time.Duration {
	if passed < time.Second {
		return passed.Round(time.Millisecond)
	}
	return passed.Round(time.Second)
}

// What a call waits for before it sends anything.
const (
	waitsForTurn      = "its turn among the requests that are allowed per second"
	waitsForFirstCall = "the answer to the first request with these credentials"
)

// traced lets sent be called as soon as the request has left.
func traced(req *http.Request, sent func()) *http.Request {
	return req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{WroteHeaders: sent}))
}

// note remembers how an attempt ended, for the error of the call.
func (k *call) note(sent bool, now answer, err error) {
	k.sentLast, k.sent = sent, k.sent || sent
	k.answered, k.lastFault = err == nil, nil
	if err != nil && !isEnd(err) {
		k.lastFault = err
	}
	if k.Once && sent && (err != nil || now.status >= http.StatusInternalServerError) {
		k.unclear = true
	}
}
