package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

// setExpiry is what a write attempts, for its errors.
const setExpiry = "set expiry of CSMS secret version"

// put makes the version expire at the planned time. before is what the plan was made
// from, null on creation. It returns false after an error.
func (r *secretVersionExpiryResource) put(ctx context.Context, plan secretVersionExpiryModel, before instant, diags *diag.Diagnostics) bool {
	on := plan.object()
	client, unlock, err := r.session.lock(ctx, plan.Region, on.secret)
	if err != nil {
		diags.Append(apiError(setExpiry, on, err))
		return false
	}
	defer unlock()

	versions, err := client.ListVersions(ctx, on.secret)
	if err != nil {
		diags.Append(apiError(setExpiry, on, err))
		return false
	}
	wanted, _ := plan.ExpireTime.time()
	version := findVersion(versions, on.version)
	switch {
	case version == nil:
		diags.Append(apiError(setExpiry, on, fmt.Errorf("the version does not exist"), missingVersionRemedy(on.version, versions)))
		return false
	case version.ExpireTime.Equal(wanted):
		return true
	case !wanted.After(r.session.now()):
		diags.Append(pastError(on, wanted, version.ExpireTime))
		return false
	}
	if err := putExpiry(ctx, client, on, wanted); err != nil {
		diags.Append(apiError(setExpiry, on, err, refusalRemedy(ctx, client, on, err)))
		return false
	}
	warnOfOverwritten(on, before, version.ExpireTime, diags)
	return true
}

// putExpiry writes the expiry and makes sure that it was stored as it was sent.
func putExpiry(ctx context.Context, client *csms.Client, on object, wanted time.Time) error {
	version, err := client.UpdateVersionExpiry(ctx, on.secret, on.version, wanted)
	if err != nil {
		return err
	}
	if version.ExpireTime.IsZero() { // some editions answer without it
		versions, err := client.ListVersions(ctx, on.secret)
		if err != nil {
			return err
		}
		version = findVersion(versions, on.version)
	}
	if version == nil || !version.ExpireTime.Equal(wanted) {
		return fmt.Errorf("the service took %s but stored %s", formatTime(wanted), describeExpiry(version))
	}
	return nil
}

func describeExpiry(v *csms.Version) string {
	switch {
	case v == nil:
		return "nothing: the version is gone"
	case v.ExpireTime.IsZero():
		return "no expiry"
	default:
		return formatTime(v.ExpireTime)
	}
}

// warnOfOverwritten tells of an expiry that the plan did not know of: somebody else set
// it after the plan, or before this resource existed.
func warnOfOverwritten(on object, before instant, stored time.Time, diags *diag.Diagnostics) {
	expected, _ := before.time()
	if stored.IsZero() || stored.Equal(expected) {
		return
	}
	diags.Append(warning("Expiry of CSMS secret version was overwritten", on,
		"the plan was made from %s, but the version had %s when it was applied.", describeExpiry(&csms.Version{ExpireTime: expected}), formatTime(stored)))
}

// pastError refuses to write a time that has passed.
func pastError(on object, wanted, stored time.Time) diag.Diagnostic {
	remedy := "Set expire_time to a later time."
	if !stored.IsZero() {
		remedy += fmt.Sprintf(" The version has %s now; to keep that, set expire_time to it.", formatTime(stored))
	}
	return apiError(setExpiry, on, fmt.Errorf("expire_time %s has passed, and an expiry must be in the future when it is written", formatTime(wanted)), remedy)
}
