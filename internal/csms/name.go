package csms

import "regexp"

// Labels that every secret may carry without anybody having created them. The service moves them on
// its own when a secret rotates, and refuses to delete them.
const (
	StageCurrent  = "SYSCURRENT"
	StagePrevious = "SYSPREVIOUS"
)

// Forms of the names that become part of a request path. They hold the documented alphabet, and
// beyond it no more than what the service has once accepted, because the SDK puts a name into the
// path as it is.
var (
	// ValidSecretName takes 1 to 64 letters, digits, dashes, underscores and dots. Dots are no
	// longer allowed for new secrets, but older secrets have them. "." and ".." alone are path
	// segments with a meaning of their own.
	ValidSecretName = regexp.MustCompile(
		`^(?:[A-Za-z0-9_-]|[A-Za-z0-9_.-][A-Za-z0-9_-]|[A-Za-z0-9_-]\.|[A-Za-z0-9_.-]{3,64})$`)

	// ValidStageName takes 1 to 64 letters, digits, dashes and underscores.
	ValidStageName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

	// ValidVersionID takes up to 64 letters, digits, dashes, underscores and dots, the first a
	// letter or a digit. The service numbers versions v1, v2, v3; other forms are left to the
	// service to judge.
	ValidVersionID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)
)

// IsBuiltInStage reports whether the service owns the label, which means that it can be moved but
// never deleted.
func IsBuiltInStage(name string) bool {
	return name == StageCurrent || name == StagePrevious
}
