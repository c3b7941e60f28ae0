package csms

import (
	"context"
	"sync"
)

// writerLocks lets one writer at a time at each secret. A lock that nobody holds or waits for takes no memory.
type writerLocks struct {
	mu    sync.Mutex
	locks map[string]*writerLock
}

// writerLock is taken by putting a value into its channel, so that a waiter can also wait for a context.
type writerLock struct {
	taken   chan struct{}
	holders int
}

// lockSecret waits until no other writer of this process is at the secret, and keeps others away until unlock is called. It
// fails only if ctx ends first.
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
		k := c.newCall(OperationLockSecret, ofSecret(secretName))
		return nil, k.failure(ctx.Err())
	}
}

func (w *writerLocks) join(secretName string) *writerLock {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.locks == nil {
		w.locks = map[string]*writerLock{}
	}
	lock, ok := w.locks[secretName]
	if !ok {
		lock = &writerLock{taken: make(chan struct{}, 1)}
		w.locks[secretName] = lock
	}
	lock.holders++
	return lock
}

func (w *writerLocks) leave(secretName string, lock *writerLock) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if lock.holders--; lock.holders == 0 {
		delete(w.locks, secretName)
	}
}
