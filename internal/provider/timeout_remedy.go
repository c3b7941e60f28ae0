package provider

import (
	"strings"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

// timeoutRemedy is for a call that did not end in time: whether anything was sent decides
// what may have happened, and who was asked decides where to look.
func timeoutRemedy(e *csms.Error) string {
	address := "endpoint (CSMS_ENDPOINT)"
	for _, r := range signInRemedies {
		if strings.HasPrefix(e.Operation, r.operation) {
			address = "auth_url (HW_AUTH_URL)"
		}
	}
	return strings.Join(nonEmpty(
		"The operation ran out of time.", nothingSent(e),
		"Check "+address+" and the network or proxy between; if the service is slow, raise the limit in the resource's timeouts.",
	), " ")
}

func nothingSent(e *csms.Error) string {
	if e.Sent {
		return ""
	}
	return "Nothing was sent."
}
