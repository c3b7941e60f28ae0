package huaweicloud

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// send makes attempts until there is an answer that another one would not change. What was refused
// as one too many is sent again for as long as there is time: the pace makes it wait.
func (k *call) send(ctx context.Context) error {
	for failures := 0; ; {
		if err := k.authorize(ctx); err != nil {
			return err
		}
		err := k.attempt(ctx)
		switch {
		case err != nil && ctx.Err() != nil:
			return ctx.Err()
		case k.Once:
			return err
		case err == nil && k.last.status == http.StatusTooManyRequests:
			failures = 0
		case err == nil && !k.renewed && k.renew():
			k.renewed, failures = true, 0
		case failures >= k.transport.retries || !k.mayPass(ctx, err) || ctx.Err() != nil:
			return err
		default:
			if err := sleep(ctx, k.backoff(failures, err == nil)); err != nil {
				return err
			}
			failures++
		}
	}
}

// renew reports whether the credentials were refused and others can be had.
func (k *call) renew() bool {
	return k.last.refusesCredentials() && k.credentials != nil && k.credentials.renew(k.used)
}

// mayPass reports whether an attempt failed for a reason that may be over at the next one.
func (k *call) mayPass(ctx context.Context, err error) bool {
	if err != nil {
		return isPassingFault(ctx, err)
	}
	return isPassingStatus(k.last.status)
}

// WaitBeforeRepeating reports whether a write that failed may be tried again, once it has waited for
// as long as that takes. A write that the service refused as one too many is tried for as long as
// there is time: the pace makes it wait. What else may pass is tried as often as the configuration
// says, which failures counts. An error is that ctx has ended.
func (e *Error) WaitBeforeRepeating(ctx context.Context, failures *int) (again bool, err error) {
	if e.repeat == nil {
		return false, nil
	}
	wait, again := e.repeat(ctx, e, failures)
	if !again {
		return false, nil
	}
	return true, sleep(ctx, wait)
}

// waitBeforeRepeating is how long to wait before the write is tried again, if it may be.
func (k *call) waitBeforeRepeating(
	ctx context.Context, failed *Error, failures *int,
) (wait time.Duration, again bool) {
	if k.attempts == 0 {
		return 0, false
	}
	if k.last.status == http.StatusTooManyRequests {
		return 0, true
	}
	most := k.transport.retries
	if k.last.refusesCredentials() {
		most = max(most, 1) // they are renewed, as for a read
	}
	if *failures++; *failures > most || !k.renew() && !k.mayPass(ctx, failed.Err) {
		return 0, false
	}
	return k.backoff(*failures-1, true), true
}

// isPassingStatus reports whether another attempt may have another answer. 401 is not among them:
// five bad signatures lock an access key for five minutes.
func isPassingStatus(status int) bool {
	switch status {
	case http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	default:
		return false
	}
}

// isPassingFault tells what a network may get over from what only a change of the configuration can
// mend.
func isPassingFault(ctx context.Context, err error) bool {
	if isTLSFault(err) || isUnknownHost(err) || isRejection(err) ||
		errors.Is(err, errTooLarge) || errors.Is(err, errTooSlowAPace) {
		return false
	}
	again, _ := retryablehttp.DefaultRetryPolicy(ctx, nil, &url.Error{Err: err})
	return again
}

// isRejection reports whether err is an error of this package: the request was not sent, for a
// reason that stays.
func isRejection(err error) bool {
	_, refused := errors.AsType[*Error](err)
	return refused
}

func isTLSFault(err error) bool {
	var verification *tls.CertificateVerificationError
	var header tls.RecordHeaderError
	return errors.As(err, &verification) || errors.As(err, &header) ||
		errors.Is(err, http.ErrSchemeMismatch) || isTLSAlert(err)
}

// isTLSAlert reports whether one side does not agree with the other's certificate, version or
// ciphers. The package tls has no type for that, but names for the operation.
func isTLSAlert(err error) bool {
	var fault *net.OpError
	return errors.As(err, &fault) && (fault.Op == "remote error" || fault.Op == "local error")
}

// isUnknownHost reports whether the name server knows for certain, which it does if the region or
// the endpoint is misspelt. A name server that does not answer is another matter.
func isUnknownHost(err error) bool {
	var fault *net.DNSError
	return errors.As(err, &fault) && fault.IsNotFound && !fault.IsTemporary && !fault.IsTimeout
}

// retryAfter is how long the service asks to wait after the answer, up to a limit; 0 if it does not
// say.
func (k *call) retryAfter(got received) time.Duration {
	resp := &http.Response{StatusCode: got.status, Header: got.header}
	return min(retryablehttp.DefaultBackoff(0, 0, 0, resp), k.config.RetryAfterMax)
}

// backoff waits exponentially longer, with jitter so that calls which failed together do not come
// back together, and at least for as long as the service asks, up to a limit.
func (k *call) backoff(failures int, answered bool) time.Duration {
	shortest, longest := k.config.RetryWaitMin, k.config.RetryWaitMax
	wait := retryablehttp.DefaultBackoff(shortest, longest, failures, nil)
	wait = retryablehttp.LinearJitterBackoff(wait/2, wait, 0, nil)
	if !answered || k.header.Get("Retry-After") == "" {
		return wait
	}
	resp := &http.Response{StatusCode: k.last.status, Header: k.header}
	asked := retryablehttp.DefaultBackoff(shortest, longest, failures, resp)
	return max(wait, min(asked, k.config.RetryAfterMax))
}
