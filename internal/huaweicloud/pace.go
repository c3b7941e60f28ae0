package huaweicloud

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// pace spreads the requests of all sessions over time. Without a limit of its own it lets
// everything pass until the service refuses a request as one too many (status 429). From then on it
// keeps the rate below what the service took: every refusal lowers it at once (multiplicative
// decrease), time without one raises it again (additive increase).
type pace struct {
	limiter *rate.Limiter
	most    rate.Limit // what the configuration allows
	slowest rate.Limit // below which no refusal lowers the rate

	mu        sync.Mutex
	limit     rate.Limit // rate.Inf while open
	closed    bool       // whether the service has ever refused a request as one too many
	lowered   time.Time  // requests that were sent before say nothing about the present limit
	raised    time.Time
	resume    time.Time // what the service asked to wait for
	delivered delivery
}

const (
	// pairBurst is what a guarded write takes at once: its look and its write.
	pairBurst = 2
	// decrease is what a refusal leaves of the rate.
	decrease = 0.9
	// slowestStart bounds the rate, in requests per second, at the first refusal, which says little
	// if it came before the service had taken anything. defaultSlowest bounds it ever after.
	slowestStart, defaultSlowest = 4, 0.2
	// leastRise and relativeRise say what a second without a refusal adds: so many requests per
	// second, or a part of the rate.
	leastRise, relativeRise = 0.17, 0.02
	// quietSeconds is how long after a refusal the rate begins to rise faster and faster: whoever
	// else used the service may have ended.
	quietSeconds = 7
)

// newPace returns a pace that keeps to most requests per second, and does not become slower than
// slowest; 0 and less mean no limit, and the default.
func newPace(most, slowest float64) *pace {
	limit := rate.Limit(most)
	if most <= 0 {
		limit = rate.Inf
	}
	p := &pace{limiter: rate.NewLimiter(limit, pairBurst), most: limit, slowest: rate.Limit(slowest), limit: limit}
	if slowest <= 0 {
		p.slowest = defaultSlowest
	}
	p.limiter.AllowN(time.Now(), pairBurst-1) // a burst on top of the rate would exceed it in the first second
	return p
}

// prepaidKey marks a context whose first request has been waited for already.
type prepaidKey struct{}

// prepaid lets the first request made with the context pass without a wait.
func prepaid(ctx context.Context) context.Context {
	once := make(chan struct{}, 1)
	once <- struct{}{}
	return context.WithValue(ctx, prepaidKey{}, once)
}

// wait returns when the next n requests, 2 at most, may be sent. It gives up at once if that is
// after the context's deadline.
func (p *pace) wait(ctx context.Context, n int) error {
	if once, ok := ctx.Value(prepaidKey{}).(chan struct{}); ok {
		select {
		case <-once:
			return ctx.Err()
		default:
		}
	}
	if err := p.waitUntilResumed(ctx); err != nil {
		return err
	}
	if err := p.limiter.WaitN(ctx, n); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%w: %w", errTooSlowAPace, context.DeadlineExceeded)
	}
	return nil
}

// waitUntilResumed waits for as long as the service has asked all callers to.
func (p *pace) waitUntilResumed(ctx context.Context) error {
	for {
		p.mu.Lock()
		left := time.Until(p.resume)
		p.mu.Unlock()
		if left <= 0 {
			return ctx.Err()
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < left {
			return rewordedError{
				fmt.Sprintf("the service asked to wait for another %s, which is more than is left of the operation's time limit",
					left.Round(time.Second)),
				fmt.Errorf("%w: %w", errTooSlowAPace, context.DeadlineExceeded),
			}
		}
		if err := sleep(ctx, left); err != nil {
			return err
		}
	}
}

// note takes in how a request ended that was sent at the given time; status is 0 if there was no
// answer.
func (p *pace) note(status int, sent time.Time, retryAfter time.Duration) {
	switch status {
	case 0:
	case http.StatusTooManyRequests:
		p.refused(sent, time.Now(), retryAfter)
	default:
		p.answered(time.Now())
	}
}

// answered notes that the service took a request.
func (p *pace) answered(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delivered.count(now)
	if !p.closed || p.limit >= p.most {
		return
	}
	quiet := now.Sub(p.lowered).Seconds() / quietSeconds
	perSecond := max(leastRise, relativeRise*float64(p.limit)) * max(1, quiet*quiet)
	p.limit = min(p.limit+rate.Limit(perSecond*now.Sub(p.raised).Seconds()), p.most)
	p.raised = now
	p.limiter.SetLimit(p.limit)
}

// refused notes that the service refused a request that was sent at the given time, and how long it
// asked to wait. Refusals of requests that were under way together count as one.
func (p *pace) refused(sent, now time.Time, retryAfter time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := now.Add(retryAfter); until.After(p.resume) {
		p.resume = until
	}
	if sent.Before(p.lowered) {
		return
	}
	if !p.closed { // begin below what the service has just taken
		p.limit = max(min(p.limit, p.delivered.perSecond(now)), slowestStart)
		p.closed = true
	}
	p.limit = min(max(decrease*p.limit, p.slowest), p.most)
	p.lowered, p.raised = now, now
	p.limiter.SetLimit(p.limit)
	p.limiter.AllowN(now, max(int(p.limiter.TokensAt(now)), 0)) // nor is anything sent at once
}

// delivery counts the requests that the service took, by the second.
type delivery struct {
	second       int64
	now, earlier int
}

func (d *delivery) count(now time.Time) {
	d.advance(now)
	d.now++
}

// perSecond is how many requests the service took in the present second or in the one before,
// whichever are more: what it can be expected to take.
func (d *delivery) perSecond(now time.Time) rate.Limit {
	d.advance(now)
	return rate.Limit(max(d.now, d.earlier))
}

func (d *delivery) advance(now time.Time) {
	switch passed := now.Unix() - d.second; {
	case passed == 1:
		d.earlier, d.now = d.now, 0
	case passed > 1:
		d.earlier, d.now = 0, 0
	}
	d.second = now.Unix()
}

// sleep waits, unless the context ends first.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}
