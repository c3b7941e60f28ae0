package csms

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"
)

// failed is the error of a call that was refused.
func (k *call) failed() *Error {
	e := &Error{
		Operation: k.operation, Region: k.client.config.Region,
		SecretName: k.secretName, Stage: k.stage, Version: k.version,
		StatusCode: k.last.status, Code: k.last.code, Message: k.last.message, RequestID: k.last.requestID,
		Attempts: k.attempts, Sent: k.sent, Unclear: k.unclear,
	}
	if e.Credentials = k.presented(); e.Credentials != "" {
		e.CredentialsFrom = k.client.config.CredentialsFrom
	}
	if k.last.refusesCredentials() && k.used.accessKey != "" && !k.last.date.IsZero() {
		e.ClockSkew = k.client.now().Sub(k.last.date)
	}
	return e
}

// presented is the kind of credentials that the call is made with. What obtains some is made with those that the
// configuration has.
func (k *call) presented() string {
	return cmp.Or(k.credentials.source(), k.client.configured)
}

// malformed is the error of a call whose answer is a success that cannot be believed. Taking it for "there is nothing"
// would empty somebody's state.
func (k *call) malformed(what string) *Error {
	e := k.failed()
	e.Message = plain("the answer is not what this operation returns: " + what)
	return e
}

// failure makes one of our own errors of what came out of the SDK.
func (k *call) failure(err error) error {
	var own *Error
	switch {
	case errors.As(err, &own) && own.Operation == k.operation:
		return own
	case errors.As(err, &own):
		return k.onBehalf(own)
	case k.last.succeeded():
		return k.malformed(describe(k.header, k.body))
	}
	e := k.failed()
	e.Err = k.scrubbed(k.located(unwrapURL(err)))
	return e
}

// located says who did not answer and for how long, or that nothing was sent and what the call was waiting for.
func (k *call) located(err error) error {
	host, ended := k.endpoint.origin, endOf(err)
	shared, isShared := errors.AsType[sharedWaitError](err)
	timeout, timedOut := errors.AsType[timeoutError](err)
	switch {
	case k.attempts == 0 && ended != nil && k.waiting != "":
		return fmt.Errorf("nothing was sent to %s: after %s the call was still waiting for %s: %w",
			host, since(k.started), k.waiting, ended)
	case k.attempts == 0 && isShared:
		return fmt.Errorf("nothing was sent to %s: %w", host, shared)
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

func since(t time.Time) time.Duration {
	passed := time.Since(t)
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
func (k *call) note(method string, sent bool, now answer, err error) {
	k.sentLast, k.sent = sent, k.sent || sent
	k.answered, k.lastFault = err == nil, nil
	if err != nil && !isEnd(err) {
		k.lastFault = err
	}
	isWrite := method != http.MethodGet && k.endpoint == k.client.service
	if isWrite && sent && (err != nil || now.status >= http.StatusInternalServerError) {
		k.unclear = true
	}
}

// onBehalf is the error of a call that failed because another one did, which it needed first. The operation is the other's:
// it is what has to be mended.
func (k *call) onBehalf(first *Error) *Error {
	e := *first
	e.Region, e.SecretName, e.Stage, e.Version, e.elsewhere = k.client.config.Region, k.secretName, k.stage, k.version, true
	return &e
}

// unwrapURL drops the method and the URL that net/http puts in front of each error, at each level.
func unwrapURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}
