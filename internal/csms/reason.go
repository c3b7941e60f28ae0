package csms

import (
	"context"
	"errors"
	"net/http"

	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

// Reason sorts errors by what can be done about them.
type Reason string

// The reasons that an error can have. Those of the service's codes follow its table of error codes
// (https://support.huaweicloud.com/intl/en-us/api-dew/ErrorCode.html), which is silent on some of
// them.
const (
	// ReasonOther is an error that its code and its message have to explain.
	ReasonOther Reason = ""
	// ReasonGone is something that does not exist, see IsGone.
	ReasonGone Reason = "gone"
	// ReasonInactive is a secret in a state in which it refuses this: scheduled for deletion,
	// disabled, frozen.
	ReasonInactive Reason = "inactive"
	// ReasonStageLimit is a secret with as many labels as it can have.
	ReasonStageLimit Reason = "stage limit"
	// ReasonCredentials is that the credentials were not accepted.
	ReasonCredentials Reason = "credentials"
	// ReasonPermission is that they were, but do not suffice.
	ReasonPermission Reason = "permission"
	// ReasonThrottled is too many requests.
	ReasonThrottled Reason = "throttled"
	// ReasonService is a failure of the service.
	ReasonService Reason = "service"
	// ReasonElsewhere is an answer that something in front of the service gave: it says nothing
	// about the secret.
	ReasonElsewhere Reason = "elsewhere"
	// ReasonUnreachable is that nothing answered.
	ReasonUnreachable Reason = "unreachable"
	// ReasonTimeout is that the caller's time ran out.
	ReasonTimeout Reason = "timeout"
	// ReasonInterrupted is that the caller gave up.
	ReasonInterrupted Reason = "interrupted"
)

// reasonsByCode are the codes that say more than their status. Some editions of the API answer with
// status 400 that something does not exist.
var reasonsByCode = map[string]Reason{
	"CSMS.0005": ReasonGone, "CSMS.0106": ReasonGone,
	"CSMS.0103": ReasonInactive, "CSMS.0107": ReasonInactive, "CSMS.0109": ReasonInactive,
	"CSMS.0203": ReasonStageLimit, "CSMS.0204": ReasonStageLimit,
	huaweicloud.CodeTokenMissing: ReasonCredentials, huaweicloud.CodeTokenInvalid: ReasonCredentials,
	huaweicloud.CodeTokenExpired: ReasonCredentials,
	"KMS.0304":                   ReasonCredentials, "KMS.0305": ReasonCredentials,
}

var reasonsByStatus = map[int]Reason{
	0:                              ReasonUnreachable,
	http.StatusUnauthorized:        ReasonCredentials,
	http.StatusForbidden:           ReasonPermission,
	http.StatusNotFound:            ReasonElsewhere,
	http.StatusProxyAuthRequired:   ReasonElsewhere,
	http.StatusTooManyRequests:     ReasonThrottled,
	http.StatusInternalServerError: ReasonService,
	http.StatusBadGateway:          ReasonService,
	http.StatusServiceUnavailable:  ReasonService,
	http.StatusGatewayTimeout:      ReasonService,
}

// ReasonOf returns why a call failed, and ReasonOther for an error that is not one of this package.
func ReasonOf(err error) Reason {
	var e *Error
	switch {
	case !errors.As(err, &e):
		return ReasonOther
	case errors.Is(err, context.DeadlineExceeded) && e.StatusCode == 0:
		return ReasonTimeout // else the last answer tells why it took so long
	case errors.Is(err, context.Canceled):
		return ReasonInterrupted
	case IsGone(err):
		return ReasonGone
	case e.StatusCode == 0 && (e.Attempts == 0 || e.Err == nil):
		return ReasonOther // nothing was sent, or the answer was no refusal, and the error tells why that is no good
	}
	if reason, ok := reasonsByCode[e.Code]; ok && reason != ReasonGone {
		return reason
	}
	// A success that cannot be believed, a redirect, and a refusal without a code are those of a
	// proxy or a login page.
	if e.StatusCode != 0 && e.StatusCode < http.StatusBadRequest ||
		e.StatusCode == http.StatusForbidden && e.Code == "" {
		return ReasonElsewhere
	}
	return reasonsByStatus[e.StatusCode]
}
