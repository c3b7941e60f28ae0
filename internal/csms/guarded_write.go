package csms

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

// Writer changes one secret while no other writer of this process is at it. Each of its methods
// looks before every attempt to write, lets the caller's guard decide by what it finds, and writes
// at most once before it looks again: so what somebody else does while a write waits to be tried
// again is never undone, and a write whose answer was lost is not repeated.
type Writer struct {
	client     *Client
	secretName string
}

// Write waits until no other writer of this process is at the secret, and keeps others away until
// do returns. It returns what do returns, and an [Error] if ctx ends before that.
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
	// operation and target say what the write is about, for errors.
	operation string
	target    checkedTarget
	// look reports whether there is nothing to write. An error, the guard's included, ends the
	// operation.
	look func(context.Context) (done bool, err error)
	// write sends one request.
	write func(context.Context) error
}

// errLookAgain is returned by a write that found out that another request is needed instead.
var errLookAgain = errors.New("look again")

// lookAge is how old a look may be when the write that it allows is sent. Nothing is waited for in
// between, but new credentials may be needed all of a sudden.
const lookAge = time.Second

// guarded makes attempts until one succeeds, or fails in a way that another one cannot get over.
// The pace is waited for before look and write together, so that nothing waits between the two.
func (w *Writer) guarded(ctx context.Context, a attempt) error {
	if a.target.invalid != nil {
		return w.client.notSent(a.operation, a.target, a.target.invalid)
	}
	var last *Error
	for sent, failures := 0, 0; ; {
		forLook, forWrite, err := w.client.session.ReservePair(ctx)
		if err != nil {
			return w.ended(ctx, a, last, err)
		}
		done, err := a.look(forLook)
		if err != nil && last != nil && ctx.Err() != nil {
			return w.ended(ctx, a, last, ctx.Err())
		}
		if done || err != nil {
			return err
		}
		err = w.writeOnce(huaweicloud.SendWithin(forWrite, lookAge), a)
		if errors.Is(err, errLookAgain) || errors.Is(err, huaweicloud.ErrLate) {
			continue
		}
		if sent++; !errors.As(err, &last) {
			return err
		}
		again, err := last.WaitBeforeRepeating(ctx, &failures)
		if last.Attempts = sent; err != nil {
			return w.ended(ctx, a, last, err)
		}
		if !again {
			return last
		}
	}
}

// writeOnce forgets the version list before and after: what was read in between may be older than
// the write.
func (w *Writer) writeOnce(ctx context.Context, a attempt) error {
	defer w.client.versions.writing(w.secretName)()
	return a.write(ctx)
}

// ended is the error of an operation whose time is over before an attempt; last is that of the
// attempt before, if any.
func (w *Writer) ended(ctx context.Context, a attempt, last *Error, err error) error {
	if last == nil {
		return w.client.notSent(a.operation, a.target, err)
	}
	e := *last
	if e.Err = cmp.Or(ctx.Err(), err); last.Err != nil {
		e.Err = fmt.Errorf("%w; the last attempt failed: %w", e.Err, last.Err)
	}
	return &e
}
