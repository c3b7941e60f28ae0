package csms

import (
	"context"
	"time"
)

// issuedCredentials are obtained from a service and end after a while. They are renewed a good while before that, and
// when the service refuses them. However many calls notice at once, they are renewed once.
type issuedCredentials struct {
	current     memo[issue]
	now         func() time.Time
	obtain      func(ctx context.Context) (issue, error)
	description string
	// awaited says what a call waits for that needs them, and from where.
	awaited string
}

// issue is an authorization and when it ends; zero if that is not known.
type issue struct {
	authorization authorization
	ends          time.Time
	renewal       time.Time
}

func (i *issuedCredentials) authorization(ctx context.Context) (authorization, error) {
	current, err := i.current.get(ctx, i.fresh, func(ctx context.Context) (issue, error) {
		obtained, err := i.obtain(ctx)
		obtained.renewal = renewal(i.now(), obtained.ends)
		return obtained, err
	})
	return current.authorization, err
}

func (i *issuedCredentials) fresh(current issue) bool {
	return current.renewal.IsZero() || i.now().Before(current.renewal)
}

func (i *issuedCredentials) renew(refused authorization) bool {
	i.current.forgetIf(func(current issue) bool { return current.authorization == refused })
	return true
}

func (i *issuedCredentials) source() string { return i.description }

// earliestRenewal is the SDK's: credentials of a day or so are renewed when 40 minutes are left.
const earliestRenewal = 40 * time.Minute

// renewal returns when to renew: when a quarter of the time is left, or 40 minutes. What has ended on arrival has done so
// by a clock that is wrong, so it is used until it is refused.
func renewal(now, ends time.Time) time.Time {
	left := ends.Sub(now)
	if ends.IsZero() || left <= 0 {
		return time.Time{}
	}
	return ends.Add(-min(left/4, earliestRenewal))
}
