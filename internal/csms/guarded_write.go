package csms

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Writer changes one secret while no other writer of this process is at it. Each of its methods looks before every attempt
// to write, lets the caller's guard decide by what it finds, and writes at most once before it looks again: so what somebody
// else does while a write waits to be tried again is never undone, and a write whose answer was lost is not repeated.
type Writer struct {
	client     *Client
	secretName string
}

// Write waits until no other writer of this process is at the secret, and keeps others away until do returns. It returns
// what do returns, and an [Error] if ctx ends before that.
func (c *Client) Write(ctx context.Context, secretName string, do func(*Writer) error) error {
	unlock, err := c.lockSecret(ctx, secretName)
	if err != nil {
		return err
	}
	defer unlock()
	return do(&Writer{client: c, secretName: secretName})
}

// attempt is one look at the service and the write that may follow it.
type attempt struct {
	// subject says what the write is about, for errors.
	subject *call
	// look reports whether there is nothing to write. An error, the guard's included, ends the operation.
	look func(context.Context) (done bool, err error)
	// write sends one request.
	write func(context.Context) (*call, error)
}

// errLookAgain is returned by a write that found out that another request is needed instead.
var errLookAgain = errors.New("look again")

// guarded makes attempts until one succeeds, or fails in a way that another one cannot get over. The pace is waited for
// before look and write together, so that nothing waits between the two.
func (w *Writer) guarded(ctx context.Context, a attempt) error {
	if a.subject.refused != nil {
		return a.subject.failure(a.subject.refused)
	}
	a.subject.waiting = waitsForTurn
	var last *Error
	for sent, failures := 0, 0; ; {
		if err := w.client.family.transport.pace.wait(ctx, pairBurst); err != nil {
			return a.ended(last, err)
		}
		done, err := a.look(prepaid(ctx))
		if err != nil && last != nil && ctx.Err() != nil {
			return a.ended(last, ctx.Err())
		}
		if done || err != nil {
			return err
		}
		k, err := w.writeOnce(ctx, a)
		if errors.Is(err, errLookAgain) {
			continue
		}
		if sent++; !errors.As(err, &last) {
			return err
		}
		last.Attempts = sent
		wait, again := k.waitBeforeRepeating(ctx, last, &failures)
		if !again {
			return last
		}
		if err := sleep(ctx, wait); err != nil {
			return a.ended(last, err)
		}
	}
}

// writeOnce forgets the version list before and after: what was read in between may be older than the write.
func (w *Writer) writeOnce(ctx context.Context, a attempt) (*call, error) {
	defer w.client.versions.writing(w.secretName)()
	return a.write(prepaid(ctx))
}

// ended is the error of an operation whose time is over before an attempt; last is that of the attempt before, if any.
func (a attempt) ended(last *Error, err error) error {
	if last == nil {
		return a.subject.failure(err)
	}
	e := *last
	if e.Err = err; last.Err != nil {
		e.Err = fmt.Errorf("%w; the last attempt failed: %w", err, last.Err)
	}
	return &e
}

// waitBeforeRepeating reports whether a write that failed may be tried again, and after how long. A write that the service
// refused as one too many is tried for as long as there is time: the pace makes it wait. What else may pass is tried as
// often as the configuration says.
func (k *call) waitBeforeRepeating(ctx context.Context, failed *Error, failures *int) (wait time.Duration, again bool) {
	if k.attempts == 0 {
		return 0, false
	}
	if k.last.status == http.StatusTooManyRequests {
		return 0, true
	}
	most := k.transport.retries
	if k.last.refusesCredentials() {
		most = max(most, 1) // they are renewed, as for a read
	}
	if *failures++; *failures > most || !k.mayPass(ctx, failed) {
		return 0, false
	}
	cfg := k.client.config
	resp := &http.Response{StatusCode: k.last.status, Header: k.header}
	return backoff(cfg.RetryAfterMax)(cfg.RetryWaitMin, cfg.RetryWaitMax, *failures-1, resp), true
}

// mayPass reports whether a write failed for a reason that may be over at the next attempt.
func (k *call) mayPass(ctx context.Context, failed *Error) bool {
	switch {
	case k.last.status == 0:
		again, _ := retryableFault(ctx, failed.Err)
		return again
	case k.last.refusesCredentials():
		return k.credentials.renew(k.used)
	default:
		return isPassingStatus(k.last.status)
	}
}
