package csms

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

// Error is the one error of this package: what was attempted, on what, and why it failed. It never
// holds a credential or a secret value.
type Error struct {
	Target
	CallError
}

// CallError is what was attempted and why it failed.
type CallError = huaweicloud.Error

// Error names the operation, its target, the cause, the code and the request id in one line.
func (e *Error) Error() string {
	target := ""
	if e.Target != (Target{}) {
		target = fmt.Sprintf(" (%s)", e.Target)
	}
	return "cannot " + e.Operation + target + ": " + e.Cause()
}

// wrap adds the target to the error of a call.
func (t checkedTarget) wrap(err error) error {
	if failed, ok := errors.AsType[*CallError](err); ok {
		return &Error{Target: t.Target, CallError: *failed}
	}
	return err
}

// notSent is the error of an operation that ended before it could send anything.
func (c *Client) notSent(operation string, t checkedTarget, err error) *Error {
	return &Error{Target: t.Target, CallError: *c.session.NotSent(operation, err)}
}

// IsGone reports whether CSMS itself said that the thing does not exist. A 404 of a gateway or of a
// proxy is not that: it says that the request did not arrive.
func IsGone(err error) bool {
	var e *Error
	if !errors.As(err, &e) || e.Prerequisite || e.Err != nil {
		return false
	}
	switch e.StatusCode {
	case http.StatusNotFound:
		return strings.HasPrefix(e.Code, "CSMS.")
	case http.StatusBadRequest:
		return reasonsByCode[e.Code] == ReasonGone
	default:
		return false
	}
}
