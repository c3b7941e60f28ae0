package csms

import (
	"context"
	"net/http"
	"sync"
)

// probation sends the first request with given credentials alone. If they are not accepted, nothing more is sent with
// them: a handful of wrong signatures in a row lock an access key for five minutes, and Terraform asks for ten objects at
// a time.
type probation struct {
	mu   sync.Mutex
	seen map[acquaintance]*trial
}

// acquaintance is a pair of credentials and the host that has to accept them.
type acquaintance struct {
	origin string
	given  authorization
}

// trial is taken by putting a value into alone, so that a waiter can also wait for a context.
type trial struct {
	alone   chan struct{}
	mu      sync.Mutex
	passed  bool
	refused *Error
}

// enter waits until it is known whether the credentials are accepted, or lets the caller find out. leave is to be called
// with the error of the call if it was refused with status 401, else with nil, and whether there was an answer at all. An
// error is that of the request that was refused before.
func (p *probation) enter(ctx context.Context, origin string, given authorization) (leave func(answered bool, refusal *Error), err error) {
	t := p.of(acquaintance{origin: origin, given: given})
	if t.isPassed() {
		return func(bool, *Error) {}, nil
	}
	select {
	case t.alone <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if refused := t.refusal(); refused != nil {
		<-t.alone
		return nil, refused
	}
	return func(answered bool, refusal *Error) {
		t.conclude(answered, refusal)
		<-t.alone
	}, nil
}

func (p *probation) of(who acquaintance) *trial {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seen == nil {
		p.seen = map[acquaintance]*trial{}
	}
	t, ok := p.seen[who]
	if !ok {
		t = &trial{alone: make(chan struct{}, 1)}
		p.seen[who] = t
	}
	return t
}

func (t *trial) isPassed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.passed
}

// refusal is the error for whoever comes after the one that was refused.
func (t *trial) refusal() *Error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.refused == nil {
		return nil
	}
	e := *t.refused
	e.Message += " (this was the answer to an earlier request; nothing more is sent with credentials that were refused)"
	return &e
}

func (t *trial) conclude(answered bool, refusal *Error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refused = refusal
	t.passed = answered && refusal == nil
}

// tryOut is enter for the request of a call. Only credentials that are given once and for all are on probation: others can
// be renewed.
func (k *call) tryOut(ctx context.Context) (leave func(now answer), err error) {
	if _, fixed := k.credentials.(fixedCredentials); !fixed || k.used == (authorization{}) {
		return func(answer) {}, nil
	}
	conclude, err := k.client.family.probation.enter(ctx, k.endpoint.origin, k.used)
	if err != nil {
		return nil, err
	}
	return func(now answer) {
		var refusal *Error
		if now.status == http.StatusUnauthorized {
			refusal = k.failed()
		}
		conclude(now.status != 0, refusal)
	}, nil
}
