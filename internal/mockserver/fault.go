package mockserver

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// faultJSON is a fault as people write it in JSON.
type faultJSON struct {
	csmstest.Fault

	Delay     string            `json:"delay,omitempty"`
	ErrorCode string            `json:"error_code,omitempty"`
	Headers   map[string]string `json:"headers,omitempty"`
	Body      *string           `json:"body,omitempty"`
}

// faultSettings are csmstest.FaultSettings in JSON.
type faultSettings struct {
	Latency   string      `json:"latency"`
	RateLimit int         `json:"rate_limit"`
	Faults    []faultJSON `json:"faults"`
}

// ParseFault reads a fault from JSON such as {"operation": "PutStage", "status": 503, "times": 2}.
// A status without a body gets one as the gateway would send it, with error_code if that is given;
// OpenAPI describes all members. The error says what is wrong.
func ParseFault(text string) (csmstest.Fault, error) {
	var described faultJSON
	if err := decodeStrictly(strings.NewReader(text), &described); err != nil {
		return csmstest.Fault{}, fmt.Errorf("read the fault: %w", err)
	}
	return described.fault()
}

func (d *faultJSON) fault() (csmstest.Fault, error) {
	f := d.Fault
	f.Method = strings.ToUpper(f.Method)
	if err := d.validate(); err != nil {
		return f, err
	}
	var err error
	if f.Delay, err = parseDuration(d.Delay); err != nil {
		return f, fmt.Errorf("a fault's delay is a duration such as 200ms: %q", d.Delay)
	}
	if d.Status != 0 {
		f.Header = http.Header{}
		for name, value := range d.Headers {
			f.Header.Set(name, value)
		}
		f.Body = d.body()
	}
	return f, nil
}

// validate says what the description cannot mean.
func (d *faultJSON) validate() error {
	switch {
	case d.Operation != "" && !slices.Contains(slices.Collect(maps.Values(csmstest.Routes())), d.Operation):
		return fmt.Errorf("a fault's operation is one of those in /openapi.yaml, such as PutStage: %q", d.Operation)
	case d.Times < -1:
		return errors.New("a fault's times is a number of requests, or -1 for all")
	case d.Status != 0 && (d.Status < 200 || d.Status > 599):
		return errors.New("a fault's status is 200 to 599")
	case d.Status == 0 && (d.Body != nil || d.ErrorCode != "" || len(d.Headers) > 0):
		return errors.New("a fault with headers, body or error_code needs a status")
	case d.Status == 0 && d.Delay == "" && !d.Reset && !d.Hang && !d.Truncate:
		return errors.New("a fault needs an effect: status, delay, reset, hang or truncate")
	default:
		return nil
	}
}

// body is what the fault responds with: what it says, or what the gateway would say.
func (d *faultJSON) body() string {
	if d.Body != nil {
		return *d.Body
	}
	text, _ := json.Marshal(map[string]string{ // A map of strings can always be encoded.
		"error_code": cmp.Or(d.ErrorCode, gatewayCode(d.Status)),
		"error_msg":  cmp.Or(http.StatusText(d.Status), "Unknown status") + " (a fault of csms-mock)",
		"request_id": "{request_id}",
	})
	return string(text)
}

// gatewayCode is the code that the gateway sends with a status of its own.
func gatewayCode(status int) string {
	switch status {
	case http.StatusTooManyRequests:
		return "APIGW.0308"
	case http.StatusUnauthorized:
		return "APIGW.0301"
	case http.StatusForbidden:
		return "APIGW.0302"
	case http.StatusNotFound:
		return "APIGW.0101"
	default:
		return "APIGW.0201"
	}
}

// newFaultJSON is the reverse of fault, with the times that are left.
func newFaultJSON(f *csmstest.Fault) faultJSON {
	d := faultJSON{Fault: *f, Headers: map[string]string{}}
	if f.Delay > 0 {
		d.Delay = f.Delay.String()
	}
	if f.Status != 0 {
		d.Body = &f.Body
	}
	for name := range f.Header {
		d.Headers[name] = f.Header.Get(name)
	}
	return d
}

func showFaults(c *controlCall) (any, error) {
	set := c.mock.FaultSettings()
	shown := faultSettings{Latency: set.Latency.String(), RateLimit: set.RateLimit, Faults: []faultJSON{}}
	for i := range set.Faults {
		shown.Faults = append(shown.Faults, newFaultJSON(&set.Faults[i]))
	}
	return shown, nil
}

// replaceFaults sets latency, limit and faults together; what the body leaves out is none.
func replaceFaults(c *controlCall) error {
	var wanted faultSettings
	if err := c.read(&wanted); err != nil {
		return err
	}
	latency, err := parseDuration(wanted.Latency)
	if err != nil || wanted.RateLimit < 0 {
		return errors.New("latency is a duration such as 200ms, and rate_limit a number of requests per second")
	}
	set := csmstest.FaultSettings{Latency: latency, RateLimit: wanted.RateLimit}
	for i := range wanted.Faults {
		f, err := wanted.Faults[i].fault()
		if err != nil {
			return err
		}
		set.Faults = append(set.Faults, f)
	}
	c.mock.SetFaultSettings(set)
	return nil
}

func addFault(c *controlCall) error {
	var described faultJSON
	if err := c.read(&described); err != nil {
		return err
	}
	f, err := described.fault()
	if err != nil {
		return err
	}
	c.mock.Fail(f)
	return nil
}

func clearFaults(c *controlCall) error {
	c.mock.SetFaultSettings(csmstest.FaultSettings{})
	return nil
}

// parseDuration reads a duration of zero or more; none is zero.
func parseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(cmp.Or(text, "0s"))
	if d < 0 {
		err = errors.New("it is negative")
	}
	return d, err
}
