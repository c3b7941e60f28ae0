package csms

import (
	"context"
	"sync"
)

// secretLocks lets one writer at a time at each secret. A lock that nobody holds or waits for takes
// no memory.
type secretLocks struct {
	mu    sync.Mutex
	locks map[string]*secretLock
}

// secretLock is taken by putting a value into its channel, so that a waiter can also wait for a
// context.
type secretLock struct {
	taken   chan struct{}
	holders int
}

// lockSecret waits until no other writer of this process is at the secret, and keeps others away
// until unlock is called. It fails only if ctx ends first.
func (c *Client) lockSecret(ctx context.Context, secretName string) (unlock func(), err error) {
	lock := c.writers.join(secretName)
	unlock = func() {
		<-lock.taken
		c.writers.leave(secretName, lock)
	}
	select {
	case lock.taken <- struct{}{}: // free, so it does not matter whether ctx has ended
		return unlock, nil
	default:
	}
	select {
	case lock.taken <- struct{}{}:
		return unlock, nil
	case <-ctx.Done():
		c.writers.leave(secretName, lock)
		return nil, c.notSent(OperationLockSecret, c.secret(secretName), ctx.Err())
	}
}

func (w *secretLocks) join(secretName string) *secretLock {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.locks == nil {
		w.locks = map[string]*secretLock{}
	}
	lock, ok := w.locks[secretName]
	if !ok {
		lock = &secretLock{taken: make(chan struct{}, 1)}
		w.locks[secretName] = lock
	}
	lock.holders++
	return lock
}

func (w *secretLocks) leave(secretName string, lock *secretLock) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if lock.holders--; lock.holders == 0 {
		delete(w.locks, secretName)
	}
}
