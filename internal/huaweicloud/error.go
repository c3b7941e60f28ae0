package huaweicloud

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Error is the one error of a call: what was attempted, and why it failed. It never holds a
// credential or a secret value.
type Error struct {
	// Operation says in words what was attempted, such as "move the stage".
	Operation string
	// StatusCode is the HTTP status of the last answer, 0 if there was none or if it says nothing
	// of the failure.
	StatusCode int
	// Code is the service's error code, such as "CSMS.0005", empty if the answer had none.
	Code string
	// Message is the service's own text or, where an answer makes no sense, what is wrong with it.
	Message string
	// RequestID identifies the last answer to the service's support.
	RequestID string
	// Attempts counts the HTTP requests that were sent.
	Attempts int
	// Credentials is the kind of credentials that the request was made with, such as
	// CredentialsAccessKey, and CredentialsFrom says where they came from, as [Config] has it. Both
	// are empty if none were needed.
	Credentials, CredentialsFrom string
	// ClockSkew is how far this machine's clock is ahead of the service's if the request was signed
	// and the credentials were refused. A signature holds the time and is good for 15 minutes.
	ClockSkew time.Duration
	// Sent reports whether any of the requests left this machine.
	Sent bool
	// Unclear reports whether a write was sent and no answer says if it took effect.
	Unclear bool
	// Err is the cause where it is not the answer: a name that cannot be, a broken connection, an
	// ended context.
	Err error

	// Prerequisite reports whether the call failed because another one did, which it needed first,
	// such as a call of IAM: everything else here is about that one.
	Prerequisite bool

	repeat func(ctx context.Context, failed *Error, failures *int) (wait time.Duration, again bool)
}

// Error names the operation, the cause, the code and the request id in one line.
func (e *Error) Error() string { return "cannot " + e.Operation + ": " + e.Cause() }

// Cause is Error without the operation, for a caller who names it in words of its own.
func (e *Error) Cause() string { return e.cause() + e.trace() }

// Unwrap returns the cause, so that errors.Is finds an ended context.
func (e *Error) Unwrap() error { return e.Err }

func (e *Error) cause() string {
	switch {
	case e.Err != nil && e.StatusCode != 0:
		return e.Err.Error() + "; the last answer was " + e.answer()
	case e.Err != nil:
		return e.Err.Error()
	case e.StatusCode != 0:
		return "the service answered " + e.answer()
	default:
		return e.Message
	}
}

func (e *Error) answer() string {
	text := fmt.Sprintf("%d %s", e.StatusCode, http.StatusText(e.StatusCode))
	if e.Code != "" {
		text += ", code " + e.Code
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

func (e *Error) trace() string {
	var parts []string
	if e.RequestID != "" {
		parts = append(parts, "request id "+e.RequestID)
	}
	if e.Attempts > 1 {
		parts = append(parts, fmt.Sprintf("%d attempts", e.Attempts))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}
