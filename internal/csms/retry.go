package csms

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// newRetryer sends a request again for as long as that can help, and not more often than retries. roundTrip makes one
// attempt, prepare readies the request for the next one.
func newRetryer(cfg Config, retries int, roundTrip roundTripper, prepare retryablehttp.PrepareRetry) *retryablehttp.Client {
	return &retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport:     roundTrip,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		RetryMax:     retries,
		RetryWaitMin: cfg.RetryWaitMin,
		RetryWaitMax: cfg.RetryWaitMax,
		CheckRetry:   shouldRetry,
		Backoff:      backoff(cfg.RetryAfterMax),
		PrepareRetry: prepare,
		ErrorHandler: keepLast,
	}
}

// roundTripper lets a method be an http.RoundTripper. It deliberately has no CloseIdleConnections: go-retryablehttp
// calls that after each failure, which would take the connections away from all other calls.
type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip calls the function.
func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// shouldRetry is go-retryablehttp's CheckRetry. All requests of this package can be sent twice without harm; a second
// creation or deletion may be refused.
func shouldRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if err != nil {
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		return retryableFault(ctx, err)
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return ctx.Err() == nil, nil
	default:
		// Least of all 401: five bad signatures lock an access key for five minutes.
		return false, nil
	}
}

// retryableFault tells what a network may get over from what only a change of the configuration can mend.
func retryableFault(ctx context.Context, err error) (bool, error) {
	if isTLSFault(err) || isUnknownHost(err) || errors.Is(err, errTooLarge) || errors.Is(err, errTooSlowAPace) || isRefusal(err) {
		return false, nil
	}
	return retryablehttp.DefaultRetryPolicy(ctx, nil, err)
}

// isRefusal is true for an error of this package: the request was not sent, for a reason that stays.
func isRefusal(err error) bool {
	_, refused := errors.AsType[*Error](err)
	return refused
}

func isTLSFault(err error) bool {
	var verification *tls.CertificateVerificationError
	var header tls.RecordHeaderError
	return errors.As(err, &verification) || errors.As(err, &header) || errors.Is(err, http.ErrSchemeMismatch) || isTLSAlert(err)
}

// isTLSAlert is true if one side does not agree with the other's certificate, version or ciphers. The package tls has no
// type for that, but names for the operation.
func isTLSAlert(err error) bool {
	var fault *net.OpError
	return errors.As(err, &fault) && (fault.Op == "remote error" || fault.Op == "local error")
}

// isUnknownHost is true where the name server knows for certain, which it does if the region or the endpoint is
// misspelt. A name server that does not answer is another matter.
func isUnknownHost(err error) bool {
	var fault *net.DNSError
	return errors.As(err, &fault) && fault.IsNotFound && !fault.IsTemporary && !fault.IsTimeout
}

// backoff waits exponentially longer, with jitter so that calls which failed together do not come back together, and
// at least for as long as the service asks, up to a limit.
func backoff(retryAfterMax time.Duration) retryablehttp.Backoff {
	return func(shortest, longest time.Duration, attempt int, resp *http.Response) time.Duration {
		wait := retryablehttp.DefaultBackoff(shortest, longest, attempt, nil)
		wait = retryablehttp.LinearJitterBackoff(wait/2, wait, 0, nil)
		if resp == nil || resp.Header.Get("Retry-After") == "" {
			return wait
		}
		return max(wait, min(retryablehttp.DefaultBackoff(shortest, longest, attempt, resp), retryAfterMax))
	}
}

// keepLast hands on what the last attempt brought, where go-retryablehttp would only say that it gives up.
func keepLast(resp *http.Response, err error, _ int) (*http.Response, error) {
	if err != nil {
		return nil, err
	}
	return resp, nil
}
