package cached_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/csms/terraform-provider-csms/internal/cached"
)

// source counts how often it is asked, and answers when it is released.
type source struct {
	asked   int
	release chan struct{}
}

func newSource() *source { return &source{release: make(chan struct{})} }

func (s *source) load(ctx context.Context) (int, error) {
	s.asked++
	answer := s.asked
	select {
	case <-s.release:
		return answer, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func TestCallersShareOneFetch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var value cached.Value[int]
		s := newSource()
		for range 10 {
			go func() {
				if got, err := value.Get(t.Context(), cached.Always, s.load); got != 1 || err != nil {
					t.Errorf("got %d, %v", got, err)
				}
			}()
		}
		synctest.Wait()
		close(s.release)
		synctest.Wait()
		if got, err := value.Get(t.Context(), cached.Always, s.load); got != 1 || err != nil || s.asked != 1 {
			t.Errorf("got %d, %v; asked %d times", got, err, s.asked)
		}
	})
}

func TestValueThatWasForgottenDuringItsFetchIsOnlyForThoseWhoTakeAStaleOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var value cached.Value[int]
		s := newSource()
		var fresh, stale int
		go func() { fresh, _ = value.Get(t.Context(), cached.Always, s.load) }()
		synctest.Wait()
		go func() { stale, _ = value.GetStale(t.Context(), s.load) }()
		synctest.Wait()
		value.Forget()
		close(s.release)
		synctest.Wait()
		if fresh != 2 || stale != 1 {
			t.Errorf("got %d, and %d by a caller who takes a stale value; want 2 and 1", fresh, stale)
		}
	})
}

func TestCallersDoNotInheritThatAnotherOnesContextEnded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var value cached.Value[int]
		s := newSource()
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			if _, err := value.Get(ctx, cached.Always, s.load); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		}()
		synctest.Wait()
		var got int
		go func() { got, _ = value.Get(t.Context(), cached.Always, s.load) }()
		synctest.Wait()
		cancel()
		synctest.Wait()
		close(s.release)
		synctest.Wait()
		if got != 2 {
			t.Errorf("got %d, want the answer to a request of its own", got)
		}
	})
}

func TestWaitForAnotherCallersFetchEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var value cached.Value[int]
		s := newSource()
		go func() { _, _ = value.Get(t.Context(), cached.Always, s.load) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		_, err := value.Get(ctx, cached.Always, s.load)
		wait, ok := errors.AsType[cached.WaitError](err)
		if !ok || wait.After != 3*time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		close(s.release)
	})
}

func TestErrorsAndStaleValuesAreNotKept(t *testing.T) {
	t.Parallel()
	var value cached.Value[int]
	failed := errors.New("failed")
	if _, err := value.Get(t.Context(), cached.Always, func(context.Context) (int, error) { return 0, failed }); !errors.Is(err, failed) {
		t.Fatalf("got %v", err)
	}
	next := 0
	load := func(context.Context) (int, error) { next++; return next, nil }
	isSecond := func(n int) bool { return n == 2 }
	for _, step := range []struct {
		fresh func(int) bool
		want  int
	}{{cached.Always[int], 1}, {cached.Always[int], 1}, {isSecond, 2}, {isSecond, 2}} {
		if got, err := value.Get(t.Context(), step.fresh, load); got != step.want || err != nil {
			t.Errorf("got %d, %v; want %d", got, err, step.want)
		}
	}
	value.ForgetIf(func(n int) bool { return n == 1 })
	if got, _ := value.Get(t.Context(), cached.Always, load); got != 2 {
		t.Errorf("got %d: another value was forgotten", got)
	}
	value.ForgetIf(isSecond)
	if got, _ := value.Get(t.Context(), cached.Always, load); got != 3 {
		t.Errorf("got %d: the value was not forgotten", got)
	}
}
