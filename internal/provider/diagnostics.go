package provider

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

// warning names its target in the summary too: Terraform shows only the first of several warnings
// that have the same summary.
func warning(summary string, t target, format string, args ...any) diag.Diagnostic {
	return diag.NewWarningDiagnostic(summary+": "+t.name(), fmt.Sprintf("On %s: %s", t, fmt.Sprintf(format, args...)))
}

// apiError is the one place where an error of the client becomes a diagnostic. action completes
// "Unable to …". remedies say what to do next where the caller knows more than the error does.
func apiError(action string, t target, err error, remedies ...string) diag.Diagnostic {
	remedy := strings.Join(remedies, " ")
	if remedy == "" {
		remedy = remedyFor(err)
	}
	detail := sentence(fmt.Sprintf("On %s: %s", t, cause(err)))
	if remedy != "" {
		detail += "\n\n" + remedy
	}
	return diag.NewErrorDiagnostic("Unable to "+action, detail)
}

// cause says why a call failed, with all that the service said to identify the case: status, code,
// message, request id.
func cause(err error) string {
	e, ok := errors.AsType[*csms.Error](err)
	if !ok {
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

// isInactive reports whether the service refused because of the secret's state, in which its
// versions and stages still are what they were.
func isInactive(err error) bool {
	return csms.ReasonOf(err) == csms.ReasonInactive
}

// inactiveWarning says that a refresh could not look because of the secret's state.
func inactiveWarning(t target, err error) diag.Diagnostic {
	return warning("CSMS secret is not enabled", t,
		"%s What the state has is kept. %s", sentence(cause(err)), remedyFor(err))
}

// goneWarning says that a refresh did not find the remote object. There is none for an import,
// which has no id yet and fails with Terraform's own words. If its region was assumed, it may be in
// another one.
func goneWarning(id types.String, t target, regionAssumed bool) diag.Diagnostics {
	var diags diag.Diagnostics
	switch {
	case id.IsNull():
	case regionAssumed:
		diags.Append(warning("CSMS object was not found", t,
			"the state came without a region, so it was looked for in %s, the provider's region, and it is not there. "+
				"It is removed from the state. If it is in another region, import it with an id that names the region, "+
				"such as %q, or let the plan create it: a stage or an expiry that is as configured is adopted.",
			t.region, "<region>/"+t.name()))
	default:
		diags.Append(warning("CSMS object was not found", t,
			"it does not exist any more, so it is removed from the state. If the configuration still has it, "+
				"the plan creates it again, for which its secret and its version must exist."))
	}
	return diags
}
