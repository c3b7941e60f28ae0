package huaweicloud

import (
	"context"
	"sync"
)

// firstUseGate keeps credentials that were refused off the wire. A handful of wrong signatures in a
// row lock an access key for five minutes, and Terraform works on ten objects at a time. So the
// first request with fixed credentials goes alone, and after a refusal, whenever it comes, nothing
// more is sent with them: neither by new calls nor by those that wait for something.
type firstUseGate struct {
	mu       sync.Mutex
	firstUse map[credentialKey]*firstUse
	refused  map[credentialKey]*Error
}

// credentialKey is a pair of credentials and the host that has to accept them.
type credentialKey struct {
	origin string
	// by are fixed credentials, which are equal in all regions, or a pointer to issued ones.
	by credentials
}

// firstUse is taken by putting a value into alone, so that a waiter can also wait for a context.
type firstUse struct {
	alone    chan struct{}
	accepted bool
}

// refusalScope is where a refusal counts. An access key is the same everywhere, and so is the count
// of its wrong signatures. A token is for one project, so that another region may still take it.
func (u credentialKey) refusalScope() credentialKey {
	if fixed, ok := u.by.(fixedCredentials); ok && fixed.given.accessKey != "" {
		u.origin = ""
	}
	return u
}

// enter returns when a request may be sent: alone, until the host has accepted fixed credentials.
// leave is to be called afterwards, and told whether the host has taken a request with them. An
// error is that the context has ended.
func (g *firstUseGate) enter(ctx context.Context, use credentialKey) (leave func(accepted bool), err error) {
	first := g.first(use)
	if g.isAccepted(first) {
		return func(bool) {}, nil
	}
	select {
	case first.alone <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return func(accepted bool) {
		g.accept(first, accepted)
		<-first.alone
	}, nil
}

func (g *firstUseGate) first(use credentialKey) *firstUse {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.firstUse == nil {
		g.firstUse = map[credentialKey]*firstUse{}
	}
	if g.firstUse[use] == nil {
		g.firstUse[use] = &firstUse{alone: make(chan struct{}, 1)}
	}
	return g.firstUse[use]
}

func (g *firstUseGate) isAccepted(first *firstUse) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return first.accepted
}

func (g *firstUseGate) accept(first *firstUse, accepted bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	first.accepted = first.accepted || accepted
}

// refuse closes the gate for good.
func (g *firstUseGate) refuse(use credentialKey, answered *Error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.refused == nil {
		g.refused = map[credentialKey]*Error{}
	}
	g.refused[use.refusalScope()] = answered
}

// refusal returns the error of the call whose credentials were refused, or nil.
func (g *firstUseGate) refusal(use credentialKey) *Error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.refused[use.refusalScope()]
}

// enterGate returns when the request of a call may be sent. leave is to be called with its answer.
func (k *call) enterGate(ctx context.Context) (leave func(now answer), err error) {
	if k.credentials == nil {
		return func(answer) {}, nil
	}
	use := credentialKey{origin: k.endpoint.origin, by: k.credentials}
	pass := func(bool) {}
	if k.hasFixedCredentials() {
		if pass, err = k.gate.enter(ctx, use); err != nil {
			return nil, err
		}
	}
	if refused := k.gate.refusal(use); refused != nil {
		pass(false)
		return nil, k.notSentAfter(refused)
	}
	return func(now answer) {
		refused := now.refusesCredentials()
		if refused && (k.hasFixedCredentials() || k.renewed) {
			k.gate.refuse(use, k.responseError())
		}
		pass(now.status != 0 && !refused)
	}, nil
}

func (k *call) hasFixedCredentials() bool {
	_, fixed := k.credentials.(fixedCredentials)
	return fixed
}

// notSentAfter is the error of a call that came too late: the answer that another call got to the
// same credentials.
func (k *call) notSentAfter(refused *Error) *Error {
	e := k.responseError()
	e.StatusCode, e.Code, e.RequestID = refused.StatusCode, refused.Code, refused.RequestID
	e.ClockSkew = refused.ClockSkew
	e.Message = refused.Message + " (this was the answer to another request; " +
		"nothing more is sent with credentials that were refused)"
	return e
}
