package csmstest

import (
	"errors"
	"net/http"
)

// errorShape says in which of the documented forms an error's body is written.
type errorShape int

const (
	serviceError  errorShape = iota // {"error_code", "error_msg"}
	nestedError                     // The same inside {"error": …}, which the pages of tags and of rotation have.
	gatewayError                    // The same with "request_id"; the security token service has this form too.
	keystoneError                   // {"error": {"code", "message", "title"}}, the code being a number.
)

// apiError is a refusal as the API words it. Messages are the documented ones; clients
// are advised to rely on the code only.
type apiError struct {
	shape   errorShape
	status  int
	code    string
	message string
	missing bool // The status is the one chosen by WithNotFoundStatus.
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

var (
	errInvalidParameter = csmsError(http.StatusBadRequest, "CSMS.0002", "The value of parameter is invalid.")
	errBodyFormat       = csmsError(http.StatusBadRequest, "CSMS.0004", "The requested body format is wrong.")
	errPendingDeletion  = csmsError(http.StatusBadRequest, "CSMS.0103",
		"The secret is in the scheduled deletion state.")
	errBuiltInStage = csmsError(http.StatusBadRequest, "CSMS.0105", "Can not delete the system internal stage.")
	errNotPending   = csmsError(http.StatusBadRequest, "CSMS.0108", "The secret is not in schedule delete state.")
	errDisabled     = csmsError(http.StatusForbidden, "CSMS.0109", "The secret is disabled.")
	errSecretLimit  = csmsError(http.StatusBadRequest, "CSMS.0202",
		"The number of secret has reached the upper limit.")
	errStageLimit   = csmsError(http.StatusBadRequest, "CSMS.0203", "The number of stage has reached the upper limit.")
	errVersionLimit = csmsError(http.StatusBadRequest, "CSMS.0204",
		"The number of version has reached the upper limit.")

	errRotation       = nested(errInvalidParameter)
	errTagRequest     = nested(errInvalidParameter)
	errNoSuchTagged   = nested(errNoSuchResource)
	errNoSuchTag      = nested(missing("KMS.0416", "The tag does not exist."))
	errNoSuchResource = missing("CSMS.0005", "The resource does not exist.")
	errNoSuchSecret   = missing("CSMS.0106", "The secret name not found int the db.")

	errWrongProject = csmsError(http.StatusForbidden, "KMS.0321",
		"The project ID in the URL is inconsistent with that in the token.")
	errTokenInvalid  = csmsError(http.StatusForbidden, "KMS.0302", "The token is invalid.")
	errTokenExpired  = csmsError(http.StatusForbidden, "KMS.0303", "The token has expired.")
	errTokenUnscoped = csmsError(http.StatusForbidden, "KMS.0305", "The project or region of the token is illegal.")

	errNoSuchAPI = gateway(http.StatusNotFound, "APIGW.0101",
		"The API does not exist or has not been published in the environment")
	errBodyTooLarge = gateway(http.StatusRequestEntityTooLarge, "APIGW.0201", "Request entity too large")

	// The numbers of the security token service are not documented; clients can go by the status.
	errSTSRequest   = gateway(http.StatusBadRequest, "STS5.1001", "The request is invalid.")
	errSTSForbidden = gateway(http.StatusForbidden, "STS5.1002", "You are not authorized to assume the agency.")

	errIAMBody = csmsError(http.StatusBadRequest, "IAM.0011", "Request body is invalid.")
)

func csmsError(status int, code, message string) *apiError {
	return &apiError{status: status, code: code, message: message}
}

func missing(code, message string) *apiError {
	return &apiError{status: http.StatusNotFound, code: code, message: message, missing: true}
}

func gateway(status int, code, message string) *apiError {
	return &apiError{shape: gatewayError, status: status, code: code, message: message}
}

// nested returns an error in the shape that the calls around secrets have.
func nested(e *apiError) *apiError {
	copied := *e
	copied.shape = nestedError
	return &copied
}

// unauthenticated is the gateway's refusal of credentials, whatever is wrong with them.
func unauthenticated(reason string) *apiError {
	return gateway(http.StatusUnauthorized, "APIGW.0301", "Incorrect IAM authentication information: "+reason)
}

// iamError is a refusal by IAM's older calls, which number their errors by the HTTP status.
func iamError(status int, message string) *apiError {
	return &apiError{shape: keystoneError, status: status, message: message}
}

// refuse turns an error into the response that the service sends for it.
func (s *Server) refuse(c *call, err error) response {
	var e *apiError
	if !errors.As(err, &e) {
		e = &apiError{status: http.StatusInternalServerError, code: "KMS.0101", message: err.Error()}
	}
	c.record.Code = e.code
	status := e.status
	if e.missing {
		status = s.cfg.notFoundStatus
	}
	return jsonResponse(status, e.body(c.record.RequestID))
}

func (e *apiError) body(requestID string) any {
	switch e.shape {
	case keystoneError:
		return object{"error": object{"code": e.status, "message": e.message, "title": http.StatusText(e.status)}}
	case nestedError:
		return object{"error": object{"error_code": e.code, "error_msg": e.message}}
	case gatewayError:
		return object{"error_code": e.code, "error_msg": e.message, "request_id": requestID}
	default:
		return object{"error_code": e.code, "error_msg": e.message}
	}
}
