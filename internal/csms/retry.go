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

// shouldRetry is go-retryablehttp's CheckRetry. Only requests that can be sent twice without harm get here more than once.
// One that was refused as one too many waits for the pace instead.
func shouldRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if err != nil {
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		return retryableFault(ctx, err)
	}
	return isPassingStatus(resp.StatusCode) && ctx.Err() == nil, nil
}

// isPassingStatus reports whether another attempt may have another answer. 401 is not among them: five bad signatures lock
// an access key for five minutes.
func isPassingStatus(status int) bool {
	switch status {
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	default:
		return false
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

// retryAfter is how long the service asks to wait after the answer, up to a limit; 0 if it does not say.
func (k *call) retryAfter(resp *http.Response) time.Duration {
	return min(retryablehttp.DefaultBackoff(0, 0, 0, resp), k.client.config.RetryAfterMax)
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
