// Package cached keeps a value that somebody has to be asked for.
package cached

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Value remembers one fetched value and lets concurrent callers share a fetch. It differs from
// golang.org/x/sync/singleflight where its users need it: the value is kept, a value whose fetch
// began before Forget is not handed out, and callers do not inherit that somebody else's context
// ended. The zero Value is ready to use.
type Value[T any] struct {
	mu      sync.Mutex
	current *fetch[T]
}

type fetch[T any] struct {
	done            chan struct{}
	value           T
	err             error
	callerCancelled bool
}

// Get returns the remembered value if fresh accepts it, and otherwise what load returns. An error
// is not remembered.
func (v *Value[T]) Get(ctx context.Context, fresh func(T) bool, load func(context.Context) (T, error)) (T, error) {
	return v.get(ctx, fresh, v.isCurrent, load)
}

// GetStale is Get for a caller who also takes a value that was forgotten while it was fetched.
func (v *Value[T]) GetStale(ctx context.Context, load func(context.Context) (T, error)) (T, error) {
	return v.get(ctx, Always[T], Always[*fetch[T]], load)
}

func (v *Value[T]) get(
	ctx context.Context, fresh func(T) bool, usable func(*fetch[T]) bool, load func(context.Context) (T, error),
) (T, error) {
	for {
		f, isMine := v.startOrJoin(fresh)
		if isMine {
			v.run(ctx, f, load)
			if f.err != nil {
				return f.value, f.err
			}
		} else if err := f.wait(ctx); err != nil {
			var none T
			return none, err
		}
		if f.err != nil && !f.callerCancelled {
			return f.value, f.err
		}
		if usable(f) {
			return f.value, nil
		}
	}
}

// Forget makes the next Get load anew. A fetch under way is not interrupted, but its value is not
// used.
func (v *Value[T]) Forget() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.current = nil
}

// ForgetIf is Forget for a remembered value that stale recognises.
func (v *Value[T]) ForgetIf(stale func(T) bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.current != nil && v.current.finished() && stale(v.current.value) {
		v.current = nil
	}
}

func (v *Value[T]) startOrJoin(fresh func(T) bool) (f *fetch[T], isMine bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.current != nil && (!v.current.finished() || fresh(v.current.value)) {
		return v.current, false
	}
	v.current = &fetch[T]{done: make(chan struct{})}
	return v.current, true
}

func (v *Value[T]) run(ctx context.Context, f *fetch[T], load func(context.Context) (T, error)) {
	defer close(f.done)
	f.value, f.err = load(ctx)
	if f.err == nil {
		return
	}
	f.callerCancelled = ctx.Err() != nil
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.current == f {
		v.current = nil
	}
}

func (v *Value[T]) isCurrent(f *fetch[T]) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.current == f
}

func (f *fetch[T]) finished() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

func (f *fetch[T]) wait(ctx context.Context) error {
	started := time.Now()
	select {
	case <-f.done:
		return nil
	case <-ctx.Done():
		return WaitError{After: time.Since(started), Err: ctx.Err()}
	}
}

// WaitError is the end of a context while another caller's fetch was waited for.
type WaitError struct {
	After time.Duration
	Err   error
}

// Error returns for how long the fetch was waited for, and how the context ended.
func (e WaitError) Error() string {
	return fmt.Sprintf("waited %s for the answer to another call: %s", e.After, e.Err)
}

// Unwrap returns how the context ended.
func (e WaitError) Unwrap() error { return e.Err }

// Always accepts every value: what does not go stale by itself.
func Always[T any](T) bool { return true }
