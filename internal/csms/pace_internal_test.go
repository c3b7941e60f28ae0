package csms

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"
)

// throttledService takes so many requests per second and refuses all others, as the gateway does.
type throttledService struct {
	limiter        *rate.Limiter
	mu             sync.Mutex
	taken, refused int
}

func newThrottledService(perSecond int) *throttledService {
	return &throttledService{limiter: rate.NewLimiter(rate.Limit(perSecond), perSecond)}
}

func (s *throttledService) answer() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.limiter.Allow() {
		s.refused++
		return http.StatusTooManyRequests
	}
	s.taken++
	return http.StatusOK
}

// send sends one request until the service takes it.
func (s *throttledService) send(t *testing.T, p *pace) {
	for {
		if err := p.wait(t.Context(), 1); err != nil {
			t.Error(err)
			return
		}
		sent := time.Now()
		time.Sleep(25 * time.Millisecond) //nolint:forbidigo // The clock is the bubble's.
		status := s.answer()
		time.Sleep(25 * time.Millisecond) //nolint:forbidigo // The clock is the bubble's.
		p.note(status, sent, 0)
		if status == http.StatusOK {
			return
		}
	}
}

func TestPaceFindsTheRateThatTheServiceTakes(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		perSecond, processes, requests int
		slower, refused                float64       // what is allowed: times the ideal, and part of the requests
		apart                          time.Duration // between the starts of two processes
	}{
		"20 per second":                        {20, 1, 700, 1.2, 0.1, 0},
		"20 per second, few requests":          {20, 1, 250, 1.2, 0.1, 0},
		"5 per second":                         {5, 1, 700, 1.2, 0.1, 0},
		"60 per second":                        {60, 1, 250, 1.2, 0.1, 0},
		"a little less than ten workers send":  {180, 1, 5000, 1.2, 0.1, 0},
		"as many as ten workers can just send": {200, 1, 5000, 1.01, 0.001, 0},
		"20 per second, two processes":         {20, 2, 350, 1.3, 0.1, 0},
		"20 per second, one after the other":   {20, 2, 350, 1.3, 0.1, 3 * time.Second},
		"5 per second, one after the other":    {5, 2, 200, 1.4, 0.45, 3 * time.Second},
		"20 per second, four processes":        {20, 4, 250, 1.4, 0.15, 0},
		"5 per second, two processes":          {5, 2, 350, 1.4, 0.45, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				service := newThrottledService(tt.perSecond)
				started := time.Now()
				var workers sync.WaitGroup
				for i := range tt.processes {
					p := newPace(0, 0)
					requests := make(chan struct{}, tt.requests)
					for range tt.requests {
						requests <- struct{}{}
					}
					close(requests)
					workers.Go(func() {
						time.Sleep(time.Duration(i) * tt.apart) //nolint:forbidigo // The clock is the bubble's.
						<-requests
						service.send(t, p) // the first one goes alone, until the credentials are accepted
						for range 10 {
							workers.Go(func() {
								for range requests {
									service.send(t, p)
								}
							})
						}
					})
				}
				workers.Wait()
				took, calls := time.Since(started), tt.processes*tt.requests
				ideal := max(float64(calls)/float64(tt.perSecond), float64(tt.requests)/200)
				t.Logf("%.1f s, ideal %.1f s, %d of %d refused", took.Seconds(), ideal, service.refused, calls)
				if took.Seconds() > tt.slower*ideal {
					t.Errorf("took %.1f s, more than %.1f times %.1f s", took.Seconds(), tt.slower, ideal)
				}
				if float64(service.refused) > tt.refused*float64(calls) {
					t.Errorf("%d refusals of %d calls", service.refused, calls)
				}
			})
		})
	}
}

func TestOpenPaceDoesNotWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, started := newPace(0, 0), time.Now()
		for range 1000 {
			if err := p.wait(t.Context(), pairBurst); err != nil {
				t.Fatal(err)
			}
			p.note(http.StatusOK, time.Now(), 0)
		}
		if took := time.Since(started); took != 0 {
			t.Errorf("took %s", took)
		}
	})
}

func TestConfiguredPaceIsNeverExceeded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, started := newPace(10, 0), time.Now()
		for range 101 {
			if err := p.wait(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
			p.note(http.StatusOK, time.Now(), 0)
		}
		if took := time.Since(started); took < 10*time.Second {
			t.Errorf("101 requests took %s", took)
		}
	})
}

func TestLookAndWriteWaitTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPace(1, 0)
		for range 3 {
			if err := p.wait(t.Context(), pairBurst); err != nil {
				t.Fatal(err)
			}
			looked := time.Now()
			for range pairBurst {
				if err := p.wait(prepaid(t.Context()), 1); err != nil {
					t.Fatal(err)
				}
			}
			if took := time.Since(looked); took != 0 {
				t.Errorf("%s between look and write", took)
			}
		}
	})
}

func TestRefusalsOfRequestsThatWereUnderWayTogetherCountAsOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		one, ten := newPace(100, 0), newPace(100, 0)
		for range 50 {
			one.note(http.StatusOK, time.Now(), 0)
			ten.note(http.StatusOK, time.Now(), 0)
		}
		sent := time.Now()
		time.Sleep(time.Millisecond) //nolint:forbidigo // The clock is the bubble's.
		one.note(http.StatusTooManyRequests, sent, 0)
		for range 10 {
			ten.note(http.StatusTooManyRequests, sent, 0)
		}
		if one.limit != ten.limit || one.limit >= 50 {
			t.Errorf("one refusal leaves %f, ten leave %f", one.limit, ten.limit)
		}
	})
}

func TestPaceStopsForAsLongAsTheServiceAsks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, started := newPace(0, 0), time.Now()
		p.note(http.StatusTooManyRequests, started, 30*time.Second)
		short, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if err := p.wait(short, 1); !errors.Is(err, errTooSlowAPace) || time.Since(started) != 0 {
			t.Errorf("with less time than that: %v after %s", err, time.Since(started))
		}
		if err := p.wait(t.Context(), 1); err != nil || time.Since(started) != 30*time.Second {
			t.Errorf("%v after %s", err, time.Since(started))
		}
	})
}
