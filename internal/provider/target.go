package provider

import (
	"cmp"
	"fmt"
	"strings"
)

// target is the remote object that an error, a conflict of plans, a record of the journal or a lock
// is about: a secret, or a stage or a version of it. The parts that are not known are empty.
type target struct {
	region, secret, stage, version string
}

// String names the target in a sentence. It is never empty: even the secret's name may be unknown.
func (t target) String() string {
	var parts []string
	if t.secret != "" {
		parts = append(parts, fmt.Sprintf("secret %q", t.secret))
	}
	if t.stage != "" {
		parts = append(parts, fmt.Sprintf("stage %q", t.stage))
	}
	if t.version != "" {
		parts = append(parts, fmt.Sprintf("version %q", t.version))
	}
	if t.region != "" {
		parts = append(parts, "region "+t.region)
	}
	return cmp.Or(strings.Join(parts, ", "), "a secret that is not known yet")
}

// name is the target as an id names it: secret/stage, secret/version, or the secret.
func (t target) name() string {
	part := cmp.Or(t.stage, t.version)
	if part == "" {
		return t.secret
	}
	return t.secret + "/" + part
}

// ofSecret is the secret of the target.
func (t target) ofSecret() target { return target{region: t.region, secret: t.secret} }
