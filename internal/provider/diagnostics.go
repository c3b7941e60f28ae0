package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

// object says on what something was attempted: the parts that are known.
type object struct {
	region, secret, stage, version string
}

// String names the object in a sentence. It is not empty: a secret's name alone may be
// what is not known yet.
func (o object) String() string {
	var parts []string
	if o.secret != "" {
		parts = append(parts, fmt.Sprintf("secret %q", o.secret))
	}
	if o.stage != "" {
		parts = append(parts, fmt.Sprintf("stage %q", o.stage))
	}
	if o.version != "" {
		parts = append(parts, fmt.Sprintf("version %q", o.version))
	}
	if o.region != "" {
		parts = append(parts, "region "+o.region)
	}
	return cmp.Or(strings.Join(parts, ", "), "a secret that is not known yet")
}

// name is the object as an id names it: secret/stage, secret/version, or the secret.
func (o object) name() string {
	part := cmp.Or(o.stage, o.version)
	if part == "" {
		return o.secret
	}
	return o.secret + "/" + part
}

// warning names its object in the summary too: Terraform shows only the first of
// several warnings that have the same summary.
func warning(summary string, on object, format string, args ...any) diag.Diagnostic {
	return diag.NewWarningDiagnostic(summary+": "+on.name(), fmt.Sprintf("On %s: %s", on, fmt.Sprintf(format, args...)))
}

// apiError is the one place where an error of the client becomes a diagnostic.
// attempt completes "Unable to …". remedies say what to do next where the caller knows
// more than the error does.
func apiError(attempt string, on object, err error, remedies ...string) diag.Diagnostic {
	remedy := strings.Join(remedies, " ")
	if remedy == "" {
		remedy = remedyFor(err)
	}
	detail := sentence(fmt.Sprintf("On %s: %s", on, cause(err)))
	if remedy != "" {
		detail += "\n\n" + remedy
	}
	return diag.NewErrorDiagnostic("Unable to "+attempt, detail)
}

// cause says why a call failed, with everything that the service said to tell the
// case apart: status, code, message, request id.
func cause(err error) string {
	var e *csms.Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	return "cannot " + e.Operation + ": " + e.Cause()
}

func sentence(text string) string {
	if strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

const (
	pendingDeletionRemedy = "The secret is scheduled for deletion. Cancel the deletion (in the console, or with the API), then apply again; " +
		"or remove the resource from the state with terraform state rm if the secret is to go."
	metadataRemedy = "Neither the provider block nor the environment says how to sign in, so the metadata service was asked, which only cloud servers with an agency have. " +
		"Set access_key and secret_key in the provider block, or the environment variables HW_ACCESS_KEY and HW_SECRET_KEY; or a token (token, HW_AUTH_TOKEN)."
	missingSecretRemedy = "The secret does not exist. Check its name, and that the region and the project are the secret's."
)

// codeRemedies say what to do about an error code.
var codeRemedies = map[string]string{
	"CSMS.0103": pendingDeletionRemedy,
	"CSMS.0107": pendingDeletionRemedy,
	"CSMS.0106": missingSecretRemedy,
	"KMS.0321":  "The project in the address is not one of the credentials' projects. Check project_id (HW_PROJECT_ID), and that it is a project of this region.",
}

// reasonRemedies say what to do about everything else.
var reasonRemedies = map[csms.Reason]string{
	csms.ReasonGone:       "The secret, the version or the stage does not exist. Check their names, and that the region and the project are the secret's.",
	csms.ReasonInactive:   "The secret is disabled or frozen: this is its state, not a missing permission. Make it ENABLED again, then apply.",
	csms.ReasonStageLimit: "A secret carries 12 stage labels at most. Remove one that is not needed any more.",
	csms.ReasonPermission: "The credentials may not do this. What is granted takes effect after 15 to 30 minutes.",
	csms.ReasonThrottled: "The service throttles this user (about 20 requests a second for all that use the same account and keys). " +
		"Run fewer of them at a time, or wait a minute and apply again.",
	csms.ReasonService: "The service failed. Apply again later; if it lasts, give the request id to Huawei Cloud's support.",
	csms.ReasonElsewhere: "This answer is not from CSMS but from something in front of it, so it says nothing about the secret. " +
		"Check endpoint (CSMS_ENDPOINT), region and proxy settings.",
	csms.ReasonUnreachable: "The service could not be reached. Check region, endpoint (CSMS_ENDPOINT) and the network or proxy between.",
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
			return "This way of signing in works on cloud servers that have an agency only. It comes from " + e.CredentialsFrom + "."
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

// signInRemedies say what to do where it was not CSMS that failed, but a service that
// is asked before: by the beginning of the operation.
var signInRemedies = []struct{ operation, remedy string }{
	{csms.OperationGetMetadata, metadataRemedy},
	{csms.OperationGetProject, "Check region (HW_REGION_NAME), auth_url (HW_AUTH_URL) and the credentials; or set project_id (HW_PROJECT_ID) or project_name (HW_PROJECT_NAME)."},
	{csms.OperationLogin, "Check auth_url (HW_AUTH_URL)."},
	{csms.OperationAssumeAgency, "Check agency_name and domain_name or domain_id of assume_role, that the agency trusts this account, and auth_url (HW_AUTH_URL)."},
	{csms.OperationGetAccount, "Check the credentials and auth_url (HW_AUTH_URL)."},
}

// signInRemedy is for what the configuration can mend; what mends itself is explained
// as for CSMS.
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

// refusalRemedy is remedyFor after a write: a secret that is not enabled takes none, and
// which code says so is documented for some states only, so the state is looked up.
func refusalRemedy(ctx context.Context, client *csms.Client, on object, err error) string {
	switch csms.ReasonOf(err) {
	case csms.ReasonOther, csms.ReasonInactive, csms.ReasonPermission:
	default:
		return remedyFor(err)
	}
	secret, lookUpErr := client.GetSecret(ctx, on.secret)
	if lookUpErr != nil {
		return remedyFor(err)
	}
	switch secret.State {
	case csms.SecretEnabled, "":
		return remedyFor(err)
	case csms.SecretPendingDelete:
		return "The secret is PENDING_DELETE. " + pendingDeletionRemedy
	default:
		return fmt.Sprintf("The secret is %s: this is its state, not a missing permission. Enable it, then apply again.", secret.State)
	}
}

// isInactive tells whether the service refused because of the secret's state, in
// which its versions and labels still are what they were.
func isInactive(err error) bool {
	return csms.ReasonOf(err) == csms.ReasonInactive
}

// inactiveWarning tells that a refresh could not look because of the secret's state.
func inactiveWarning(on object, err error) diag.Diagnostic {
	return warning("CSMS secret is not enabled", on, "%s What the state has is kept. %s", sentence(cause(err)), remedyFor(err))
}

// versionIDs lists the versions there are, for an error about one that is not.
func versionIDs(versions []csms.Version) string {
	if len(versions) == 0 {
		return "the secret has no versions"
	}
	ids := make([]string, len(versions))
	for i, v := range versions {
		ids[i] = v.ID
	}
	return "the secret has " + strings.Join(ids, ", ")
}

// stageNames lists the labels there are, for an error about one that is not. The service
// may count the built-in ones towards its limit or not, so there can be more than 12.
func stageNames(versions []csms.Version) string {
	var names []string
	for _, v := range versions {
		for _, name := range v.Stages {
			names = append(names, fmt.Sprintf("%s (on %s)", name, v.ID))
		}
	}
	if len(names) == 0 {
		return "the secret has no stages"
	}
	slices.Sort(names)
	count := fmt.Sprintf("%d of at most 12", len(names))
	if len(names) > 12 {
		count = strconv.Itoa(len(names))
	}
	return fmt.Sprintf("the secret has %s stages: %s", count, strings.Join(names, ", "))
}
