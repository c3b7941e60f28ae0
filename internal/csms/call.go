package csms

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/config"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/def"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/impl"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/request"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/response"
)

// call is one operation under way. The SDK knows no context, but lets its user supply the credential, the round tripper
// and the error handler. All three are bound to a call, so that they know what it is about.
type call struct {
	client      *Client
	endpoint    endpoint
	transport   *transport
	credentials credentials
	conceal     []string

	operation, secretName, stage, version string
	refused                               error
	// once is set for a write: it is sent once, see Writer.
	once bool

	unsigned  *request.DefaultHttpRequest
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

// about is a part of what a call is about.
type about func(*call)

func (c *Client) newCall(operation string, parts ...about) *call {
	k := &call{
		client: c, endpoint: c.service, transport: c.family.transport, credentials: c.credentials, operation: operation,
		started: time.Now(),
	}
	for _, part := range parts {
		part(k)
	}
	return k
}

func ofSecret(name string) about {
	return func(k *call) {
		k.secretName = name
		k.require(ValidSecretName, "secret name", name)
	}
}

func atStage(name string) about {
	return func(k *call) {
		k.stage = name
		k.require(ValidStageName, "stage name", name)
	}
}

func ofVersion(id string) about {
	return func(k *call) {
		k.version = id
		k.require(ValidVersionID, "version id", id)
		if id == "latest" {
			k.refuse(errors.New(`"latest" stands for a version only where a version is read`))
		}
	}
}

// sentOnce keeps a write from being sent again before somebody has looked what became of it.
func sentOnce(k *call) { k.once = true }

func (k *call) require(form *regexp.Regexp, noun, name string) {
	if !form.MatchString(name) {
		k.refuse(fmt.Errorf("%q is not a valid %s", name, noun))
	}
}

func (k *call) refuse(err error) {
	if k.refused == nil {
		k.refused = err
	}
}

// send makes the call and returns the answer as the type that reqDef names.
func send[T any](ctx context.Context, k *call, req any, reqDef *def.HttpRequestDef) (T, error) {
	var none T
	if k.refused != nil {
		return none, k.failure(k.refused)
	}
	reqDef.Path = k.endpoint.prefix + reqDef.Path
	result, err := k.hcClient(ctx).Sync(req, reqDef)
	if err != nil {
		return none, k.failure(err)
	}
	typed, ok := result.(T)
	if !ok {
		return none, k.malformed(describe(k.header, k.body))
	}
	return typed, nil
}

// hcClient binds call and context to an SDK client of their own. That is a few small structs; the connections are
// elsewhere.
func (k *call) hcClient(ctx context.Context) *core.HcHttpClient {
	cfg := config.DefaultHttpConfig().
		WithUserAgent(k.client.config.UserAgent).
		WithHttpRoundTripper(roundTripper(func(req *http.Request) (*http.Response, error) {
			return k.roundTrip(ctx, req)
		})).
		// The SDK's timeout would count the waits between attempts. Each attempt has its own.
		WithTimeout(0)
	return core.NewHcHttpClient(impl.NewDefaultHttpClient(cfg)).
		WithEndpoints([]string{k.endpoint.origin}).
		WithCredential(signer(func(req *request.DefaultHttpRequest) error { return k.sign(ctx, req) })).
		WithErrorHandler(k)
}

// signer lets a function be an SDK credential.
type signer func(*request.DefaultHttpRequest) error

// ProcessAuthParams is the SDK's hook for looking up the project id. Only the SDK's own builder calls it.
func (f signer) ProcessAuthParams(*impl.DefaultHttpClient, string) (auth.ICredential, error) {
	return f, nil
}

// ProcessAuthRequest is the SDK's hook for signing a request.
func (f signer) ProcessAuthRequest(_ *impl.DefaultHttpClient, req *request.DefaultHttpRequest) (*request.DefaultHttpRequest, error) {
	return req, f(req)
}

func (k *call) sign(ctx context.Context, req *request.DefaultHttpRequest) error {
	k.unsigned = req
	if err := k.authorize(ctx); err != nil {
		return err
	}
	if !strings.Contains(req.GetPath(), "{project_id}") {
		return k.used.apply(req, "")
	}
	k.waiting = "the project's id from " + k.client.iam.origin
	var err error
	if k.projectID, err = k.client.projectID(ctx, k.used); err != nil {
		return err
	}
	return k.used.apply(req, k.projectID)
}

// authorize gets the credentials as they are now.
func (k *call) authorize(ctx context.Context) error {
	if issued, ok := k.credentials.(*issuedCredentials); ok {
		k.waiting = issued.awaited
	}
	var err error
	k.used, err = k.credentials.authorization(ctx)
	return err
}

// prepareRetry signs the request anew: a signature is good for 15 minutes, and its credentials may have ended too.
func (k *call) prepareRetry(req *http.Request) error {
	if err := k.authorize(req.Context()); err != nil {
		return err
	}
	if err := k.used.apply(k.unsigned, k.projectID); err != nil {
		return err
	}
	req.Header = req.Header.Clone()
	for _, name := range authorizationHeaders {
		req.Header.Del(name)
		if value, ok := k.unsigned.GetHeaderParams()[name]; ok {
			req.Header.Set(name, value)
		}
	}
	return nil
}

// roundTrip sends the request in the caller's context. A read is sent until there is an answer, as often as the
// configuration says, and a request that was one too many for the service for as long as there is time.
func (k *call) roundTrip(ctx context.Context, req *http.Request) (*http.Response, error) {
	retryable, err := retryablehttp.FromRequest(req.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	retries := k.transport.retries
	if k.once {
		retries = 0
	}
	retryer := newRetryer(k.client.config, retries, k.attempt, k.prepareRetry)
	for {
		resp, err := retryer.Do(retryable)
		switch {
		case err != nil:
			return nil, unwrapURL(err)
		case k.once:
			return asJSON(resp), nil
		case k.last.status == http.StatusTooManyRequests:
		case !k.renewed && k.last.refusesCredentials() && k.credentials.renew(k.used):
			k.renewed = true
		default:
			return asJSON(resp), nil
		}
		if err := k.prepareRetry(retryable.Request); err != nil {
			return nil, err
		}
	}
}

// asJSON keeps the SDK from choosing one of its other decoders by the media type. CSMS speaks nothing but JSON.
func asJSON(resp *http.Response) *http.Response {
	resp.Header = resp.Header.Clone()
	resp.Header.Set("Content-Type", "application/json")
	return resp
}

// attempt sends the request once and notes what came back.
func (k *call) attempt(req *http.Request) (*http.Response, error) {
	k.waiting = waitsForTurn
	if err := k.transport.pace.wait(req.Context(), 1); err != nil {
		return nil, err
	}
	k.waiting = waitsForFirstCall
	leave, err := k.admit(req.Context())
	if err != nil {
		return nil, err
	}
	k.attempts++
	k.attemptStarted = time.Now()
	var sent atomic.Bool
	resp, body, err := k.transport.exchange(traced(req, func() { sent.Store(true) }))
	now := answer{}
	if err == nil {
		now = read(resp, body)
		now.message = k.scrub(now.message)
		k.last, k.header, k.body = now, resp.Header, body
	} else {
		err = k.scrubbed(err)
	}
	k.transport.pace.note(now.status, k.attemptStarted, k.retryAfter(resp))
	k.note(req.Method, sent.Load(), now, err)
	leave(now)
	k.report(req.Context(), req.Method, now, time.Since(k.attemptStarted), err)
	return resp, err
}

func (k *call) report(ctx context.Context, method string, now answer, took time.Duration, err error) {
	if k.client.config.OnAttempt == nil {
		return
	}
	k.client.config.OnAttempt(ctx, Attempt{
		Operation: k.operation, Method: method,
		SecretName: k.secretName, Stage: k.stage, Version: k.version, Region: k.client.config.Region,
		Status: now.status, Code: now.code, RequestID: now.requestID,
		Duration: took, Number: k.attempts, Err: err,
	})
}

// HandleError is the SDK's hook for telling success from failure.
func (k *call) HandleError(*request.DefaultHttpRequest, *response.DefaultHttpResponse) error {
	if k.last.succeeded() {
		return nil
	}
	return k.failed()
}
