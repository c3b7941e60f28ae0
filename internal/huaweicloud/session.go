// Package huaweicloud is what a client of any service of Huawei Cloud needs: sign-in, signing,
// connections, retries, a pace and errors that say what happened. It does not know what the
// services do.
//
// It uses the official SDK's signing and credential sources, and adds what the SDK lacks: a context
// in every call, retries, answers that are read whole and checked, and one error type, [Error].
//
// Each part rests on those before it: a transport sends one request and knows no credentials; a
// caller makes a call of one host, with credentials or without; the sign-in makes calls without any
// to obtain some; a [Session] makes those that are signed.
package huaweicloud

import (
	"context"
	"errors"
	"time"
)

// Session makes the calls of one service in one region. Its methods are safe for concurrent use.
type Session struct {
	config      Config
	serviceName string
	endpoints   endpoints
	shared      *shared
	credentials credentials
	service     *caller
}

// shared is what the sessions of all regions have in common.
type shared struct {
	transport *transport
	logins    *logins
	gate      firstUseGate
}

// NewSession returns a session for cfg.Region; service is the host name of its default endpoint,
// such as "kms". It makes no network call. An error names the setting that is wrong.
func NewSession(service string, cfg Config) (*Session, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	transport, err := newTransport(cfg)
	if err != nil {
		return nil, err
	}
	return newSession(service, cfg, &shared{transport: transport, logins: newLogins()})
}

func newSession(service string, cfg Config, shared *shared) (*Session, error) {
	at, err := cfg.endpoints(service)
	if err != nil {
		return nil, err
	}
	s := &Session{config: cfg, serviceName: service, endpoints: at, shared: shared}
	s.credentials = (&signIn{config: cfg, endpoints: at, shared: shared}).credentials()
	s.service = shared.caller(cfg, at.service, s.credentials)
	s.service.project = &projectLookup{config: cfg, iam: shared.caller(cfg, at.iam, s.credentials)}
	return s, nil
}

// Region returns the region that the session is for.
func (s *Session) Region() string { return s.config.Region }

// CredentialSource says which credentials the session uses, such as "access key". It never tells
// their value.
func (s *Session) CredentialSource() string { return s.credentials.source() }

// InRegion returns a new session for another region, with the same credentials, pace and
// connections. A custom endpoint serves other regions only if it holds "{region}".
func (s *Session) InRegion(region string) (*Session, error) {
	cfg, err := s.config.forRegion(region)
	if err != nil {
		return nil, err
	}
	return newSession(s.serviceName, cfg, s.shared)
}

// Do makes a call of the service. The error is an [*Error].
func (s *Session) Do(ctx context.Context, req Request) (*Response, error) {
	return s.service.do(ctx, req)
}

// NotSent is the error of an operation that ended before it could send anything.
func (s *Session) NotSent(operation string, err error) *Error {
	return newCall(s.service, Request{Operation: operation}).wrapError(err)
}

// ReservePair waits until two requests may be sent one right after the other: the first one that is
// made with each of the two contexts does not wait for its turn again.
func (s *Session) ReservePair(ctx context.Context) (first, second context.Context, err error) {
	started := time.Now()
	err = s.shared.transport.pace.wait(ctx, pairBurst)
	if endOf(err) != nil {
		err = waitError{what: waitsForTurn, after: time.Since(started), err: err}
	}
	if err != nil {
		return nil, nil, err
	}
	return prepaid(ctx), prepaid(ctx), nil
}

// ErrLate is the cause of a call that could not be sent in the time that [SendWithin] gives it.
var ErrLate = errors.New("the request was not sent, because what it was based on is not current any more")

// sendByKey marks a context with the time by which its requests have to be sent.
type sendByKey struct{}

// SendWithin keeps the requests that are made with the context from being sent after a while:
// whatever they had to wait for, such as new credentials, their caller then has to look again.
func SendWithin(ctx context.Context, d time.Duration) context.Context {
	return context.WithValue(ctx, sendByKey{}, time.Now().Add(d))
}

func isLate(ctx context.Context) bool {
	by, ok := ctx.Value(sendByKey{}).(time.Time)
	return ok && time.Now().After(by)
}
