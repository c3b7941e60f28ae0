package csms_test

import (
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

func TestMillisecondsOfTheWire(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		ms   int64
		want string
	}{
		{"milliseconds", 1893456000000, "2030-01-01T00:00:00Z"},
		{"ten digits are seconds", 1893456000, "2030-01-01T00:00:00Z"},
		{"the latest time", 9999999999999, "2286-11-20T17:46:39.999Z"},
		{"the first of ten digits", 1000000000, "2001-09-09T01:46:40Z"},
		{"the last of ten digits", 9999999999, "2286-11-20T17:46:39Z"},
		{"eleven digits", 10000000000, "1970-04-26T17:46:40Z"},
		{"nine digits", 999999999, "1970-01-12T13:46:39.999Z"},
		{"one", 1, "1970-01-01T00:00:00.001Z"},
		{"zero is no time", 0, "0001-01-01T00:00:00Z"},
		{"less than zero is no time", -1, "0001-01-01T00:00:00Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := csms.FromMilliseconds(tt.ms).Format(time.RFC3339Nano); got != tt.want {
				t.Errorf("FromMilliseconds(%d) = %s, want %s", tt.ms, got, tt.want)
			}
		})
	}
}

func TestTimesBecomeMilliseconds(t *testing.T) {
	t.Parallel()
	berlin := time.FixedZone("Berlin", 3600)
	for _, tt := range []struct {
		t    time.Time
		want int64
	}{
		{time.Date(2030, 1, 1, 1, 0, 0, 0, berlin), 1893456000000},
		{csms.MaxTime, 9999999999000},
		{time.Time{}, 0},
	} {
		if got := csms.ToMilliseconds(tt.t); got != tt.want {
			t.Errorf("ToMilliseconds(%s) = %d, want %d", tt.t, got, tt.want)
		}
	}
}

func FuzzTimestampsSurviveTheWire(f *testing.F) {
	for _, seed := range []int64{0, 1, -1, 1893456000, 1893456000000, 9999999999999, 1 << 62, -1 << 63} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, ms int64) {
		instant := csms.FromMilliseconds(ms)
		if ms <= 0 {
			if !instant.IsZero() {
				t.Fatalf("%d is the time %s, want none", ms, instant)
			}
			return
		}
		back := csms.ToMilliseconds(instant)
		if seconds := ms >= 1e9 && ms < 1e10; back != ms && (!seconds || back != ms*1000) {
			t.Fatalf("%d comes back as %d", ms, back)
		}
	})
}
