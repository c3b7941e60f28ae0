package csms

import "time"

// MaxTime is the latest instant the API takes: 13 digits of milliseconds, less the fraction of a
// second that the service does not keep.
var MaxTime = time.Date(2286, time.November, 20, 17, 46, 39, 0, time.UTC)

// Numbers of exactly ten digits are seconds. As milliseconds they would lie between 12 January and
// 26 April 1970.
const (
	fewestSeconds = 1_000_000_000
	mostSeconds   = 9_999_999_999
)

// FromMilliseconds returns the instant, in UTC, of a time as the API sends it: milliseconds since
// 1970, although the API's prose says seconds. A number of ten digits is taken as seconds. 0 and
// less mean that there is no time and give the zero Time.
func FromMilliseconds(ms int64) time.Time {
	switch {
	case ms <= 0:
		return time.Time{}
	case ms >= fewestSeconds && ms <= mostSeconds:
		return time.Unix(ms, 0).UTC()
	default:
		return time.UnixMilli(ms).UTC()
	}
}

// ToMilliseconds returns the instant as the API wants it, in milliseconds since 1970; 0 for the
// zero Time.
func ToMilliseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// timeOf is FromMilliseconds for a field that an answer may lack. It reports false for a time that
// no calendar of four digit years has.
func timeOf(ms *int64) (time.Time, bool) {
	if ms == nil {
		return time.Time{}, true
	}
	return FromMilliseconds(*ms), *ms <= ToMilliseconds(MaxTime)+999
}
