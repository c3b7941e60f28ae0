package huaweicloud

import (
	"context"
	"time"

	"github.com/csms/terraform-provider-csms/internal/cached"
)

// refreshingCredentials are obtained from a service and end after a while. They are renewed a good
// while before that, and when the service refuses them. However many calls notice at once, they are
// renewed once.
type refreshingCredentials struct {
	current     cached.Value[issue]
	now         func() time.Time
	fetch       func(ctx context.Context) (issue, error)
	description string
	awaits      string
}

// issue is an authorization and when it ends; zero if that is not known.
type issue struct {
	authorization authorization
	ends          time.Time
	renewal       time.Time
}

func (r *refreshingCredentials) authorization(ctx context.Context) (authorization, error) {
	current, err := r.current.Get(ctx, r.isFresh, func(ctx context.Context) (issue, error) {
		obtained, err := r.fetch(ctx)
		obtained.renewal = renewal(r.now(), obtained.ends)
		return obtained, err
	})
	return current.authorization, err
}

func (r *refreshingCredentials) isFresh(current issue) bool {
	return current.renewal.IsZero() || r.now().Before(current.renewal)
}

func (r *refreshingCredentials) renew(refused authorization) bool {
	r.current.ForgetIf(func(current issue) bool { return current.authorization == refused })
	return true
}

func (r *refreshingCredentials) awaited() string { return r.awaits }

func (r *refreshingCredentials) source() string { return r.description }

// earliestRenewal is the SDK's: credentials of a day or so are renewed when 40 minutes are left.
const earliestRenewal = 40 * time.Minute

// renewal returns when to renew: when a quarter of the time is left, or 40 minutes. What has ended
// on arrival has done so by a clock that is wrong, so it is used until it is refused.
func renewal(now, ends time.Time) time.Time {
	left := ends.Sub(now)
	if ends.IsZero() || left <= 0 {
		return time.Time{}
	}
	return ends.Add(-min(left/4, earliestRenewal))
}
