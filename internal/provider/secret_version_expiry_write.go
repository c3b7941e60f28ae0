package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

// actionSetExpiry is what a write attempts, for its errors.
const actionSetExpiry = "set expiry of CSMS secret version"

// put makes the version expire at the planned time. It returns false after an error.
func (r *secretVersionExpiryResource) put(
	ctx context.Context, plan secretVersionExpiryModel, guard csms.ExpiryGuard, diags *diag.Diagnostics,
) bool {
	version := plan.target(r.data.region)
	client, err := r.data.clientIn(plan.Region)
	if err != nil {
		diags.Append(apiError(actionSetExpiry, version, err))
		return false
	}
	wanted, _ := plan.ExpireTime.time()
	err = client.Write(ctx, version.secret, func(w *csms.Writer) error {
		return w.SetVersionExpiry(ctx, version.version, wanted, guard)
	})
	if refusal, ok := errors.AsType[refusedError](err); ok {
		diags.Append(apiError(actionSetExpiry, version, err, refusal.remedy))
	} else if err != nil {
		diags.Append(apiError(actionSetExpiry, version, err, refusalRemedy(ctx, client, version, err)))
	}
	return err == nil
}

// refusedError is a write that a guard refused, and what to do about it.
type refusedError struct{ why, remedy string }

func (e refusedError) Error() string { return e.why }

// createGuard lets a new resource set the expiry whatever the version has, but not over what
// somebody set while the write waited to be tried again. overwritten is what the version had.
func (r *secretVersionExpiryResource) createGuard(
	plan secretVersionExpiryModel, overwritten *time.Time,
) csms.ExpiryGuard {
	looked := false
	return func(versions []csms.Version) error {
		version, err := r.writable(plan, versions)
		if err != nil {
			return err
		}
		if looked && !version.ExpireTime.Equal(*overwritten) {
			return expiryChangedError(*overwritten, version.ExpireTime)
		}
		looked, *overwritten = true, version.ExpireTime
		return nil
	}
}

// updateGuard lets the expiry be set only over the one that the plan was made from.
func (r *secretVersionExpiryResource) updateGuard(plan, state secretVersionExpiryModel) csms.ExpiryGuard {
	before, _ := state.ExpireTime.time()
	return func(versions []csms.Version) error {
		version, err := r.writable(plan, versions)
		if err != nil {
			return err
		}
		if !version.ExpireTime.Equal(before) {
			return expiryChangedError(before, version.ExpireTime)
		}
		return nil
	}
}

// writable returns the version, and refuses one that does not exist, and a time that has passed.
func (r *secretVersionExpiryResource) writable(
	plan secretVersionExpiryModel, versions []csms.Version,
) (*csms.Version, error) {
	wanted, _ := plan.ExpireTime.time()
	version := findVersion(versions, plan.VersionID.ValueString())
	switch {
	case version == nil:
		return nil, refusedError{"the version does not exist", missingVersionRemedy(plan.VersionID.ValueString(), versions)}
	case !wanted.After(r.data.now()):
		return nil, pastError(wanted, version.ExpireTime)
	default:
		return version, nil
	}
}

func expiryChangedError(before, stored time.Time) error {
	return refusedError{
		fmt.Sprintf("somebody changed the expiry after the plan was made: the plan was made from %s, but the version "+
			"has %s now. Nothing was written", describeExpiry(before), describeExpiry(stored)),
		"Make a new plan, and review it before you apply it.",
	}
}

func describeExpiry(t time.Time) string {
	if t.IsZero() {
		return "no expiry"
	}
	return formatTime(t)
}

// warnExpiryOverwritten warns of an expiry that a new resource has replaced.
func warnExpiryOverwritten(t target, overwritten time.Time, diags *diag.Diagnostics) {
	if !overwritten.IsZero() {
		diags.Append(warning("Expiry of CSMS secret version was overwritten", t,
			"the version expired at %s before.", formatTime(overwritten)))
	}
}

// pastError refuses to write a time that has passed.
func pastError(wanted, stored time.Time) refusedError {
	remedy := "Set expire_time to a later time."
	if !stored.IsZero() {
		remedy += fmt.Sprintf(" The version has %s now; to keep that, set expire_time to it.", formatTime(stored))
	}
	return refusedError{
		fmt.Sprintf("expire_time %s has passed, and an expiry must be in the future when it is written", formatTime(wanted)),
		remedy,
	}
}
