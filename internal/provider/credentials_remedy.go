package provider

import (
	"fmt"
	"strings"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

// credentialsAdvice says, for each kind of credentials, what to look at once the service has
// refused them. That of an agency is found by the beginning of its kind.
var credentialsAdvice = map[string]string{
	huaweicloud.CredentialsAccessKey: "Check that the access key exists and is enabled, and that the secret key is its own. " +
		keyLock,
	huaweicloud.CredentialsTemporaryKey: "A temporary access key is valid for a limited time, and only together with the " +
		"security token that it was issued with: get a new set of the three. " + keyLock,
	huaweicloud.CredentialsToken: "A token is valid for 24 hours at most, for one project and its region: get a new one, " +
		"or sign in by access key or password, which needs no new ones.",
	huaweicloud.CredentialsPassword: "Check the user name, the account (domain) that it belongs to, and the password. " +
		"Several wrong passwords lock a user, so it is not tried again.",
	huaweicloud.CredentialsOIDC: "Check the id of the identity provider (idp_id), and that its token is current and " +
		"meant for this account.",
	huaweicloud.CredentialsMetadata: "Check that the agency of the cloud server still exists and is allowed to act in this " +
		"project.",
	huaweicloud.CredentialsAgency: "Check that the agency still exists, and that it trusts the account that assumes it.",
}

const keyLock = "More than five wrong signatures in a row lock a key for five minutes: until the lock expires, " +
	"even the right one is refused."

// credentialsRemedy is for credentials that were refused: it says which, where they come from, and
// what to do about that kind alone.
func credentialsRemedy(e *csms.Error) string {
	kind, noun := e.Credentials, e.Credentials
	if kind == huaweicloud.CredentialsMetadata {
		noun = "temporary access key of the cloud server's agency"
	}
	text := "The service did not accept the " + noun
	if e.CredentialsFrom != "" {
		text += " from " + e.CredentialsFrom
	}
	if strings.HasPrefix(kind, huaweicloud.CredentialsAgency+" ") {
		kind = huaweicloud.CredentialsAgency
	}
	return strings.Join(nonEmpty(text+".", clockAdvice(e.ClockSkew), credentialsAdvice[kind]), " ")
}

// tolerableSkew is far from the 15 minutes that the service tolerates, and far above what an answer
// can take.
const tolerableSkew = 5 * time.Minute

func clockAdvice(skew time.Duration) string {
	switch {
	case skew.Abs() < tolerableSkew:
		return ""
	case skew > 0:
		return clockIsWrong(skew, "ahead of")
	default:
		return clockIsWrong(-skew, "behind")
	}
}

func clockIsWrong(by time.Duration, direction string) string {
	return fmt.Sprintf("This machine's clock is %s %s the service's, and a signature is refused if they differ by "+
		"more than 15 minutes: set the clock.", strings.TrimSuffix(by.Round(time.Minute).String(), "0s"), direction)
}
