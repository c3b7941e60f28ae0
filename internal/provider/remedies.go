package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

const (
	pendingDeletionRemedy = "The secret is scheduled for deletion. Cancel the deletion (in the console, or with the " +
		"API), then apply again; or remove the resource from the state with terraform state rm if the secret is to go."
	metadataRemedy = "Neither the provider block nor the environment says how to sign in, so the metadata service " +
		"was asked, which only cloud servers with an agency have. Set access_key and secret_key in the provider block, " +
		"or the environment variables HW_ACCESS_KEY and HW_SECRET_KEY; or a token (token, HW_AUTH_TOKEN)."
	missingSecretRemedy = "The secret does not exist. Check its name, and that the region and the project are the " +
		"secret's."
)

// codeRemedies say what to do about an error code.
var codeRemedies = map[string]string{
	"CSMS.0103": pendingDeletionRemedy,
	"CSMS.0107": pendingDeletionRemedy,
	"CSMS.0106": missingSecretRemedy,
	"KMS.0321": "The project in the address is not one of the credentials' projects. Check project_id " +
		"(HW_PROJECT_ID), and that it is a project of this region.",
}

// reasonRemedies say what to do about everything else.
var reasonRemedies = map[csms.Reason]string{
	csms.ReasonGone: "The secret, the version or the stage does not exist. Check their names, and that the " +
		"region and the project are the secret's.",
	csms.ReasonInactive: "The secret is disabled or frozen: this is its state, not a missing permission. Make it " +
		"ENABLED again, then apply.",
	csms.ReasonStageLimit: "A secret has 12 stages at most. Remove one that is not needed any more.",
	csms.ReasonPermission: "The credentials may not do this. What is granted takes effect after 15 to 30 minutes.",
	csms.ReasonThrottled: "The service throttles this user (about 20 requests a second for all that use the same " +
		"account and keys). Run fewer of them at a time, or wait a minute and apply again.",
	csms.ReasonService: "The service failed. Apply again later; if it lasts, give the request id to Huawei Cloud's " +
		"support.",
	csms.ReasonElsewhere: "This answer is not from CSMS but from something in front of it, so it says nothing about " +
		"the secret. Check endpoint (CSMS_ENDPOINT), region and proxy settings.",
	csms.ReasonUnreachable: "The service could not be reached. Check region, endpoint (CSMS_ENDPOINT) and the " +
		"network or proxy between.",
}

// remedyFor says what to do about an error.
func remedyFor(err error) string {
	var e *csms.Error
	if !errors.As(err, &e) {
		return ""
	}
	remedy := remedyOf(e, err)
	if e.Unclear {
		remedy += " The write may have taken effect or not: the next plan reads what the service has."
	}
	return remedy
}

func remedyOf(e *csms.Error, err error) string {
	reason := csms.ReasonOf(err)
	switch reason {
	case csms.ReasonTimeout:
		return timeoutRemedy(e)
	case csms.ReasonInterrupted:
		return strings.Join(nonEmpty("The operation was interrupted.", nothingSent(e)), " ")
	}
	if reason == csms.ReasonCredentials && e.Operation != csms.OperationGetMetadata {
		return credentialsRemedy(e)
	}
	if remedy, ok := signInRemedy(e.Operation, reason); ok {
		switch {
		case e.Operation == csms.OperationLogin:
			return credentialsAdvice[e.Credentials] + " " + remedy
		case e.Operation == csms.OperationGetMetadata && e.CredentialsFrom != "":
			return "This sign-in method works only on cloud servers that have an agency. " +
				"It comes from " + e.CredentialsFrom + "."
		}
		return remedy
	}
	if remedy, ok := codeRemedies[e.Code]; ok {
		return remedy
	}
	if errors.Is(err, context.DeadlineExceeded) && reason != csms.ReasonTimeout {
		return "The operation ran out of time. " + reasonRemedies[reason] + " Or raise the limit in the resource's timeouts."
	}
	if action, ok := permissions[e.Operation]; ok && reason == csms.ReasonPermission {
		return "The credentials may not do this. Grant the IAM action " + action + "; it takes effect after 15 to 30 minutes."
	}
	return reasonRemedies[reason]
}

// signInRemedies say what to do where it was not CSMS that failed, but a service that is asked
// before: by the beginning of the operation.
var signInRemedies = []struct{ operation, remedy string }{
	{csms.OperationGetMetadata, metadataRemedy},
	{csms.OperationGetProject, "Check region (HW_REGION_NAME), auth_url (HW_AUTH_URL) and the credentials; or set " +
		"project_id (HW_PROJECT_ID) or project_name (HW_PROJECT_NAME)."},
	{csms.OperationLogin, "Check auth_url (HW_AUTH_URL)."},
	{csms.OperationAssumeAgency, "Check agency_name and domain_name or domain_id of assume_role, that the agency " +
		"trusts this account, and auth_url (HW_AUTH_URL)."},
	{csms.OperationGetAccount, "Check the credentials and auth_url (HW_AUTH_URL)."},
}

// signInRemedy is for what the configuration can mend; what mends itself is explained as for CSMS.
func signInRemedy(operation string, reason csms.Reason) (string, bool) {
	switch reason {
	case csms.ReasonThrottled, csms.ReasonService, csms.ReasonTimeout, csms.ReasonInterrupted:
		return "", false
	}
	for _, r := range signInRemedies {
		if strings.HasPrefix(operation, r.operation) {
			return r.remedy, true
		}
	}
	return "", false
}

// permissions are the IAM actions that the client's operations need.
var permissions = map[string]string{
	csms.OperationGetStage:      "csms:secret:getStage",
	csms.OperationPutStage:      "csms:secret:updateStage",
	csms.OperationCreateStage:   "csms:secret:createStage",
	csms.OperationDeleteStage:   "csms:secret:deleteStage",
	csms.OperationListVersions:  "csms:secret:listVersion",
	csms.OperationUpdateVersion: "csms:secret:updateVersion",
	csms.OperationGetSecret:     "csms:secret:get",
	csms.OperationListSecrets:   "csms:secret:list",
}

// refusalRemedy is remedyFor after a write: a secret that is not enabled takes none, and which code
// says so is documented for some states only, so the state is looked up.
func refusalRemedy(ctx context.Context, client *csms.Client, t target, err error) string {
	switch csms.ReasonOf(err) {
	case csms.ReasonOther, csms.ReasonInactive, csms.ReasonPermission:
	default:
		return remedyFor(err)
	}
	secret, lookUpErr := client.GetSecret(ctx, t.secret)
	if lookUpErr != nil {
		return remedyFor(err)
	}
	switch secret.State {
	case csms.SecretEnabled, "":
		return remedyFor(err)
	case csms.SecretPendingDelete:
		return "The secret is PENDING_DELETE. " + pendingDeletionRemedy
	default:
		return fmt.Sprintf("The secret is %s: this is its state, not a missing permission. Enable it, then apply again.",
			secret.State)
	}
}

// missingVersionRemedy names the versions there are.
func missingVersionRemedy(versionID string, versions []csms.Version) string {
	return fmt.Sprintf("There is no version %q: %s. Set version_id to one of them, or let this resource depend on "+
		"the one that creates the version.",
		versionID, versionIDs(versions))
}

// missingStageRemedy names the stages there are.
func missingStageRemedy(ctx context.Context, client *csms.Client, t target) string {
	versions, err := client.ListVersions(ctx, t.secret)
	if csms.IsGone(err) {
		return missingSecretRemedy
	}
	if err != nil {
		return remedyFor(err)
	}
	return sentence("There is no such stage: " + stageNames(versions))
}

// timeoutRemedy is for a call that did not end in time: whether anything was sent decides what may
// have happened, and who was asked decides where to look.
func timeoutRemedy(e *csms.Error) string {
	address := "endpoint (CSMS_ENDPOINT)"
	for _, r := range signInRemedies {
		if strings.HasPrefix(e.Operation, r.operation) {
			address = "auth_url (HW_AUTH_URL)"
		}
	}
	return strings.Join(nonEmpty(
		"The operation ran out of time.", nothingSent(e),
		"Check "+address+" and the network or proxy between; if the service is slow, raise the limit in the resource's "+
			"timeouts.",
	), " ")
}

func nothingSent(e *csms.Error) string {
	if e.Sent {
		return ""
	}
	return "Nothing was sent."
}

func nonEmpty(sentences ...string) []string {
	var given []string
	for _, sentence := range sentences {
		if sentence != "" {
			given = append(given, sentence)
		}
	}
	return given
}
