package huaweicloud

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"sync/atomic"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/request"
)

// Request is a call to make.
type Request struct {
	// Operation says in words what the request is part of, such as "read the secret".
	Operation string
	// Method and Path are the request line; "{project_id}" in the path is filled in. Names in it
	// need no escaping.
	Method, Path string
	// Query and Header go with it.
	Query, Header map[string]string
	// Body is sent as JSON unless it is nil.
	Body any
	// Once is set for a write, which is sent once: whoever sends it again has to look first what
	// became of it.
	Once bool
	// Subject says what the request is about, for [Attempt].
	Subject any

	// secrets are what the request holds that no error may repeat, besides the credentials that
	// authorize it.
	secrets []string
}

// Response is an answer by which the service says that it has done what it was asked for.
type Response struct {
	Header http.Header
	Body   []byte
	call   *call
}

// Decode reads the JSON of the body.
func (r *Response) Decode(into any) error {
	if json.Unmarshal(r.Body, into) != nil {
		return r.Invalid(describe(r.Header, r.Body))
	}
	return nil
}

// Invalid is the error of an answer that cannot be believed, though it is a success. Taking it for
// "there is nothing" would empty somebody's state.
func (r *Response) Invalid(what string) *Error { return r.call.invalid(what) }

// Attempt is one HTTP request and how it ended, for a log. Nothing in it is secret.
type Attempt struct {
	// Operation says in words what the request is part of, such as "move the stage".
	Operation string
	// Method is the HTTP method.
	Method string
	// Region is the region of the session.
	Region string
	// Subject is that of the [Request], nil for a request that serves to sign in.
	Subject any
	// Status, Code and RequestID are what came back; Status is 0 if nothing did.
	Status          int
	Code, RequestID string
	// Duration is how long the request took.
	Duration time.Duration
	// Number counts the attempts of one call from 1.
	Number int
	// Err is why there was no answer.
	Err error
}

// caller makes calls of one host.
type caller struct {
	config    Config
	gate      *firstUseGate
	transport *transport
	endpoint  endpoint
	// credentials authorize the requests. They are nil if the requests need no authorization, as
	// those to sign in.
	credentials credentials
	// kind is the kind of credentials that the requests carry in one form or another, for errors.
	kind string
	// project is filled into paths. It is nil if they have none.
	project *projectLookup
}

// caller returns one whose requests are authorized.
func (s *shared) caller(cfg Config, at endpoint, by credentials) *caller {
	return &caller{
		config: cfg, gate: &s.gate, transport: s.transport, endpoint: at, credentials: by, kind: by.source(),
	}
}

// bareCaller returns one whose requests need no authorization, because they hold credentials of a
// kind themselves.
func (s *shared) bareCaller(cfg Config, at endpoint, kind string) *caller {
	return &caller{config: cfg, gate: &s.gate, transport: s.transport, endpoint: at, kind: kind}
}

// do makes a call. A read is sent until there is an answer, as often as the configuration says.
func (c *caller) do(ctx context.Context, req Request) (*Response, error) {
	k := newCall(c, req)
	if err := k.send(ctx); err != nil {
		return nil, k.wrapError(err)
	}
	if !k.last.succeeded() {
		return nil, k.responseError()
	}
	return &Response{Header: k.header, Body: k.body, call: k}, nil
}

// call is one call under way.
type call struct {
	*caller
	Request

	projectID string
	used      authorization
	renewed   bool

	started time.Time
	waiting string // what the call waits for before it sends anything

	// How the last attempt ended, and whether any was sent and left open if a write took effect.
	attemptStarted     time.Time
	sentLast, answered bool
	lastFault          error
	sent, unclear      bool

	attempts int
	last     answer
	header   http.Header
	body     []byte
}

func newCall(c *caller, req Request) *call {
	return &call{caller: c, Request: req, started: time.Now()}
}

// authorize gets the credentials as they are now, and the project.
func (k *call) authorize(ctx context.Context) (err error) {
	if k.credentials == nil {
		return nil
	}
	k.waiting = k.credentials.awaited()
	if k.used, err = k.credentials.authorization(ctx); err != nil {
		return err
	}
	if k.project == nil || k.projectID != "" {
		return nil
	}
	k.waiting = k.project.awaited()
	k.projectID, err = k.project.id(ctx, k.used)
	return err
}

// attempt sends the request once and notes what came back. The gate comes after the pace: what has
// waited for its turn is not sent with credentials that were refused in the meantime.
func (k *call) attempt(ctx context.Context) error {
	k.waiting = waitsForTurn
	if err := k.transport.pace.wait(ctx, 1); err != nil {
		return err
	}
	req, err := k.httpRequest(ctx)
	if err != nil {
		return err
	}
	k.waiting = waitsForFirstCall
	leave, err := k.enterGate(ctx)
	if err != nil {
		return err
	}
	if isLate(ctx) {
		leave(answer{})
		return ErrLate
	}
	k.attempts++
	k.attemptStarted = time.Now()
	var sent atomic.Bool
	got, err := k.transport.exchange(traced(req, func() { sent.Store(true) }))
	now := answer{}
	if err == nil {
		now = read(got)
		now.message = k.redact(now.message)
		k.last, k.header, k.body = now, got.header, got.body
	} else {
		err = k.redacted(err)
	}
	k.transport.pace.note(now.status, k.attemptStarted, k.retryAfter(got))
	k.note(sent.Load(), now, err)
	leave(now)
	k.report(ctx, now, err)
	return err
}

func (k *call) report(ctx context.Context, now answer, err error) {
	if k.config.OnAttempt == nil {
		return
	}
	k.config.OnAttempt(ctx, Attempt{
		Operation: k.Operation, Method: k.Method, Region: k.config.Region, Subject: k.Subject,
		Status: now.status, Code: now.code, RequestID: now.requestID,
		Duration: time.Since(k.attemptStarted), Number: k.attempts, Err: err,
	})
}

// sdkUserAgent is how the SDK names itself.
const sdkUserAgent = "huaweicloud-usdk-go/3.0"

// httpRequest signs the request, anew for each attempt: a signature is good for 15 minutes. The
// SDK's request is what its signer reads.
func (k *call) httpRequest(ctx context.Context) (*http.Request, error) {
	builder := request.NewHttpRequestBuilder().WithMethod(k.Method).WithEndpoint(k.endpoint.origin).
		WithPath(k.endpoint.prefix+strings.ReplaceAll(k.Path, "{project_id}", k.projectID)).
		AddHeaderParam("User-Agent", strings.TrimSuffix(sdkUserAgent+"; "+k.config.UserAgent, "; ")).
		AddHeaderParam("Content-Type", "application/json").
		WithBody("", k.Body)
	if k.Body != nil {
		builder.AddHeaderParam("Content-Type", "application/json;charset=UTF-8")
	}
	if k.projectID != "" {
		builder.AddHeaderParam("X-Project-Id", k.projectID)
	}
	for name, value := range k.Query {
		builder.AddQueryParam(name, reflect.ValueOf(value))
	}
	for name, value := range k.Header {
		builder.AddHeaderParam(name, value)
	}
	unsigned := builder.Build()
	if err := k.used.sign(unsigned); err != nil {
		return nil, err
	}
	req, err := unsigned.ConvertRequest()
	if err != nil {
		return nil, errors.New("the request cannot be encoded") // the encoder's error may repeat a value
	}
	return req.WithContext(ctx), nil
}
