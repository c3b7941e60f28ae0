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

// apiError is a refusal as the API words it. Messages are the documented ones; clients are told to rely on the code alone.
type apiError struct {
	shape   errorShape
	status  int
	code    string
	message string
	missing bool // The status is the one chosen by WithNotFoundStatus.
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

var (
	errInvalidParameter = csmsError("CSMS.0002", "The value of parameter is invalid.")
	errBodyFormat       = csmsError("CSMS.0004", "The requested body format is wrong.")
	errPendingDeletion  = csmsError("CSMS.0103", "The secret is in the scheduled deletion state.")
	errBuiltInStage     = csmsError("CSMS.0105", "Can not delete the system internal stage.")
	errNotPending       = csmsError("CSMS.0108", "The secret is not in schedule delete state.")
	errSecretLimit      = csmsError("CSMS.0202", "The number of secret has reached the upper limit.")
	errStageLimit       = csmsError("CSMS.0203", "The number of stage has reached the upper limit.")
	errVersionLimit     = csmsError("CSMS.0204", "The number of version has reached the upper limit.")

	errRotation   = nested(csmsError("CSMS.0002", "The value of parameter is invalid."))
	errTagRequest = nested(csmsError("CSMS.0002", "The value of parameter is invalid."))

	errNoSuchTagged   = nested(missingError("CSMS.0005", "The resource does not exist."))
	errNoSuchTag      = nested(missingError("KMS.0416", "The tag does not exist."))
	errNoSuchResource = missingError("CSMS.0005", "The resource does not exist.")
	errNoSuchSecret   = missingError("CSMS.0106", "The secret name not found int the db.")

	errDisabled = &apiError{status: http.StatusForbidden, code: "CSMS.0109", message: "The secret is disabled."}

	errWrongProject  = forbidden("KMS.0321", "The project ID in the URL is inconsistent with that in the token.")
	errTokenInvalid  = forbidden("KMS.0302", "The token is invalid.")
	errTokenExpired  = forbidden("KMS.0303", "The token has expired.")
	errTokenUnscoped = forbidden("KMS.0305", "The project or region of the token is illegal.")

	errNoSuchAPI = &apiError{
		shape: gatewayError, status: http.StatusNotFound, code: "APIGW.0101",
		message: "The API does not exist or has not been published in the environment",
	}
	errBodyTooLarge = &apiError{
		shape: gatewayError, status: http.StatusRequestEntityTooLarge, code: "APIGW.0201", message: "Request entity too large",
	}
	// The numbers of the security token service are not documented; clients can go by the status alone.
	errSTSRequest = &apiError{
		shape: gatewayError, status: http.StatusBadRequest, code: "STS5.1001", message: "The request is invalid.",
	}
	errSTSForbidden = &apiError{
		shape: gatewayError, status: http.StatusForbidden, code: "STS5.1002", message: "You are not authorized to assume the agency.",
	}

	errIAMBody = &apiError{status: http.StatusBadRequest, code: "IAM.0011", message: "Request body is invalid."}
)

func csmsError(code, message string) *apiError {
	return &apiError{status: http.StatusBadRequest, code: code, message: message}
}

func missingError(code, message string) *apiError {
	return &apiError{status: http.StatusNotFound, code: code, message: message, missing: true}
}

// nested gives an error the shape that the calls around secrets have.
func nested(e *apiError) *apiError {
	e.shape = nestedError
	return e
}

func forbidden(code, message string) *apiError {
	return &apiError{status: http.StatusForbidden, code: code, message: message}
}

// unauthenticated is the gateway's refusal of credentials, whatever is wrong with them.
func unauthenticated(reason string) *apiError {
	return &apiError{
		shape: gatewayError, status: http.StatusUnauthorized, code: "APIGW.0301",
		message: "Incorrect IAM authentication information: " + reason,
	}
}

// iamError is a refusal by IAM's older calls, which number their errors by the HTTP status.
func iamError(status int, message string) *apiError {
	return &apiError{shape: keystoneError, status: status, message: message}
}

// refuse turns an error into the answer that the service sends for it.
func (s *Server) refuse(c *call, err error) answer {
	var e *apiError
	if !errors.As(err, &e) {
		e = &apiError{status: http.StatusInternalServerError, code: "KMS.0101", message: err.Error()}
	}
	c.record.Code = e.code
	status := e.status
	if e.missing {
		status = s.cfg.notFoundStatus
	}
	return jsonAnswer(status, e.body(c.record.RequestID))
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
