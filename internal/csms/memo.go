package csms

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// memo remembers one fetched value and lets concurrent callers share a fetch. It differs from
// golang.org/x/sync/singleflight where this package needs it: the value is kept, a value whose fetch began before
// forget is not handed out, and callers do not inherit that somebody else's context ended.
type memo[T any] struct {
	mu      sync.Mutex
	current *fetch[T]
}

type fetch[T any] struct {
	done      chan struct{}
	value     T
	err       error
	abandoned bool
}

// get returns the remembered value if fresh accepts it, and otherwise what load returns. An error is not remembered.
func (m *memo[T]) get(ctx context.Context, fresh func(T) bool, load func(context.Context) (T, error)) (T, error) {
	return m.share(ctx, fresh, m.holds, load)
}

// getAny is get for a caller who also takes a value that was forgotten while it was fetched.
func (m *memo[T]) getAny(ctx context.Context, load func(context.Context) (T, error)) (T, error) {
	return m.share(ctx, always[T], always[*fetch[T]], load)
}

func (m *memo[T]) share(ctx context.Context, fresh func(T) bool, usable func(*fetch[T]) bool, load func(context.Context) (T, error)) (T, error) {
	for {
		f, leads := m.join(fresh)
		if leads {
			m.run(ctx, f, load)
			if f.err != nil {
				return f.value, f.err
			}
		} else if err := f.wait(ctx); err != nil {
			var none T
			return none, err
		}
		if f.err != nil && !f.abandoned {
			return f.value, f.err
		}
		if usable(f) {
			return f.value, nil
		}
	}
}

// forget makes the next get load anew. A fetch under way is not interrupted, but its value is not used.
func (m *memo[T]) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.current = nil
}

// forgetIf is forget for a remembered value that stale recognises.
func (m *memo[T]) forgetIf(stale func(T) bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.current != nil && m.current.finished() && stale(m.current.value) {
		m.current = nil
	}
}

func (m *memo[T]) join(fresh func(T) bool) (f *fetch[T], leads bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.current != nil && (!m.current.finished() || fresh(m.current.value)) {
		return m.current, false
	}
	m.current = &fetch[T]{done: make(chan struct{})}
	return m.current, true
}

func (m *memo[T]) run(ctx context.Context, f *fetch[T], load func(context.Context) (T, error)) {
	defer close(f.done)
	f.value, f.err = load(ctx)
	if f.err == nil {
		return
	}
	f.abandoned = ctx.Err() != nil
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.current == f {
		m.current = nil
	}
}

func (m *memo[T]) holds(f *fetch[T]) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.current == f
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
		return sharedWaitError{after: since(started), err: ctx.Err()}
	}
}

// sharedWaitError is the end of a context while another caller's fetch was waited for.
type sharedWaitError struct {
	after time.Duration
	err   error
}

func (e sharedWaitError) Error() string {
	return fmt.Sprintf("after %s the call was still waiting for the answer to another one: %s", e.after, endOf(e.err))
}

func (e sharedWaitError) Unwrap() error { return e.err }

// always accepts every value: what does not go stale by itself.
func always[T any](T) bool { return true }
