package provider_test

import (
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"pgregory.net/rapid"
)

const (
	toMilliseconds = "rfc3339_to_milliseconds"
	toRFC3339      = "milliseconds_to_rfc3339"
)

func TestFunction_ConvertsExactly(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		ms   int64
	}{
		{"2030-01-01T00:00:00Z", 1893456000000},
		{"2001-09-09T01:46:40Z", 1000000000000},
		{"1970-04-26T17:46:40Z", 10000000000},
		{"2286-11-20T17:46:39Z", 9999999999000},
	} {
		s := newUnconfiguredTFServer(t)
		if got, failure := s.milliseconds(tt.text); got != tt.ms || failure != "" {
			t.Errorf("%s is %d ms (%s), want %d", tt.text, got, failure, tt.ms)
		}
		if got, failure := s.rfc3339(tt.ms); got != tt.text || failure != "" {
			t.Errorf("%d ms is %s (%s), want %s", tt.ms, got, failure, tt.text)
		}
	}
}

func TestFunction_TakesAnyOffset(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"2030-01-01T08:00:00+08:00", "2029-12-31T16:00:00-08:00", "2030-01-01T00:00:00.000Z", "2030-01-01T00:00:00+00:00"} {
		if got, failure := newUnconfiguredTFServer(t).milliseconds(text); got != 1893456000000 || failure != "" {
			t.Errorf("%s is %d ms (%s)", text, got, failure)
		}
	}
}

func TestFunction_IsTheInverseOfTheOther(t *testing.T) {
	t.Parallel()
	s := newUnconfiguredTFServer(t)
	rapid.Check(t, func(t *rapid.T) {
		second := rapid.Int64Range(10_000_000, 9_999_999_999).Draw(t, "second")
		offset := rapid.IntRange(-14*60, 14*60).Draw(t, "offset in minutes")
		text := time.Unix(second, 0).In(time.FixedZone("somewhere", offset*60)).Format(time.RFC3339)
		ms, failure := s.milliseconds(text)
		if ms != second*1000 || failure != "" {
			t.Fatalf("%s is %d ms (%s)", text, ms, failure)
		}
		if back, failure := s.rfc3339(ms); back != time.Unix(second, 0).UTC().Format(time.RFC3339) || failure != "" {
			t.Fatalf("%d ms is %s (%s)", ms, back, failure)
		}
	})
}

func TestFunction_RefusesATimeThatTheServiceCannotKeep(t *testing.T) {
	t.Parallel()
	for text, remedy := range map[string]string{
		"":                       "write date, time and offset, such as 2030-01-31T00:00:00Z",
		"2030-01-01":             "write date, time and offset, such as 2030-01-31T00:00:00Z",
		"1893456000000":          "write date, time and offset, such as 2030-01-31T00:00:00Z",
		"2030-01-01T00:00:00.5Z": "write 2030-01-01T00:00:00Z",
		"9999-12-31T23:59:59Z":   "write 2286-11-20T17:46:39Z at the latest",
		"1969-12-31T23:59:59Z":   "write a later one",
	} {
		if got, failure := newUnconfiguredTFServer(t).milliseconds(text); got != 0 || !strings.Contains(failure, remedy) {
			t.Errorf("%q is %d ms, error %q does not say %q", text, got, failure, remedy)
		}
	}
}

func TestFunction_RefusesANumberThatIsNoTimeOfTheService(t *testing.T) {
	t.Parallel()
	for ms, says := range map[int64]string{
		-1:               "not between 1000 and 9999999999000",
		0:                "not between 1000 and 9999999999000",
		9999999999001:    "not between 1000 and 9999999999000",
		1893456000000000: "not between 1000 and 9999999999000",
		1893456000:       "looks like seconds: CSMS counts milliseconds, so write 1893456000000",
		1893456000001:    "write 1893456000000",
		1893456000999:    "write 1893456000000",
	} {
		if got, failure := newUnconfiguredTFServer(t).rfc3339(ms); got != "" || !strings.Contains(failure, says) {
			t.Errorf("%d ms is %s, error %q does not say %q", ms, got, failure, says)
		}
	}
}

func TestFunction_IsCalledFromAConfigurationWithoutCredentials(t *testing.T) {
	t.Parallel()
	m := newMock(t)
	c := newCLI(t, m, `
output "milliseconds" {
  value = provider::csms::rfc3339_to_milliseconds("2030-01-01T08:00:00+08:00")
}

output "round_trip" {
  value = provider::csms::milliseconds_to_rfc3339(provider::csms::rfc3339_to_milliseconds("2286-11-20T17:46:39Z"))
}
`)
	c.env = append(c.env, "HW_ACCESS_KEY=", "HW_SECRET_KEY=")
	output := c.must("plan", "-no-color")
	assertContains(t, output, "+ milliseconds = 1893456000000\n", `+ round_trip   = "2286-11-20T17:46:39Z"`)
	m.assertRequests(t, map[string]int{})
}

// milliseconds calls rfc3339_to_milliseconds; failure is its error.
func (s *tfServer) milliseconds(text string) (ms int64, failure string) {
	s.t.Helper()
	result, failure := s.call(toMilliseconds, tftypes.NewValue(tftypes.String, text), tftypes.Number)
	var number big.Float
	if failure != "" || result.As(&number) != nil {
		return 0, failure
	}
	ms, _ = number.Int64()
	return ms, ""
}

// rfc3339 calls milliseconds_to_rfc3339; failure is its error.
func (s *tfServer) rfc3339(ms int64) (text, failure string) {
	s.t.Helper()
	result, failure := s.call(toRFC3339, tftypes.NewValue(tftypes.Number, ms), tftypes.String)
	if failure != "" || result.As(&text) != nil {
		return "", failure
	}
	return text, ""
}

func (s *tfServer) call(name string, argument tftypes.Value, result tftypes.Type) (value tftypes.Value, failure string) {
	s.t.Helper()
	packed, err := tfprotov6.NewDynamicValue(argument.Type(), argument)
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := s.CallFunction(s.t.Context(), &tfprotov6.CallFunctionRequest{Name: name, Arguments: []*tfprotov6.DynamicValue{&packed}})
	if err != nil {
		s.t.Fatal(err)
	}
	if resp.Error != nil {
		return value, resp.Error.Text
	}
	if value, err = resp.Result.Unmarshal(result); err != nil {
		s.t.Fatal(err)
	}
	return value, ""
}
