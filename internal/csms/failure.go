package csms

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
)

// failed is the error of a call that was refused.
func (k *call) failed() *Error {
	e := &Error{
		Operation: k.operation, Region: k.client.config.Region,
		SecretName: k.secretName, Stage: k.stage, Version: k.version,
		StatusCode: k.last.status, Code: k.last.code, Message: k.last.message, RequestID: k.last.requestID,
		Attempts: k.attempts,
	}
	if e.Credentials = k.presented(); e.Credentials != "" {
		e.CredentialsFrom = k.client.config.CredentialsFrom
	}
	if k.last.refusesCredentials() && k.used.accessKey != "" && !k.last.date.IsZero() {
		e.ClockSkew = k.client.now().Sub(k.last.date)
	}
	return e
}

// presented is the kind of credentials that the call is made with. What obtains some is made with those that the
// configuration has.
func (k *call) presented() string {
	return cmp.Or(k.credentials.source(), k.client.configured)
}

// malformed is the error of a call whose answer is a success that cannot be believed. Taking it for "there is nothing"
// would empty somebody's state.
func (k *call) malformed(what string) *Error {
	e := k.failed()
	e.Message = "the answer is not what this operation returns: " + what
	return e
}

// failure makes one of our own errors of what came out of the SDK.
func (k *call) failure(err error) error {
	var own *Error
	switch {
	case errors.As(err, &own) && own.Operation == k.operation:
		return own
	case errors.As(err, &own):
		return k.onBehalf(own)
	case k.last.succeeded():
		return k.malformed(describe(k.header, k.body))
	}
	e := k.failed()
	e.Err = k.scrubbed(k.located(unwrapURL(err)))
	return e
}

// located says who did not answer, unless there was nobody to ask.
func (k *call) located(err error) error {
	if k.attempts == 0 {
		return err
	}
	return fmt.Errorf("no answer from %s: %w", k.endpoint.origin, err)
}

// onBehalf is the error of a call that failed because another one did, which it needed first. The operation is the other's:
// it is what has to be mended.
func (k *call) onBehalf(first *Error) *Error {
	e := *first
	e.Region, e.SecretName, e.Stage, e.Version, e.elsewhere = k.client.config.Region, k.secretName, k.stage, k.version, true
	return &e
}

// unwrapURL drops the method and the URL that net/http puts in front of each error, at each level.
func unwrapURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}
