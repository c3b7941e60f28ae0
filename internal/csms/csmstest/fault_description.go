package csmstest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// faultDescription is a Fault as people write it in JSON.
type faultDescription struct {
	Method          string            `json:"method,omitempty"`
	Path            string            `json:"path,omitempty"`
	Operation       string            `json:"operation,omitempty"`
	Times           int               `json:"times,omitempty"`
	Delay           string            `json:"delay,omitempty"`
	Status          int               `json:"status,omitempty"`
	ErrorCode       string            `json:"error_code,omitempty"`
	Headers         map[string]string `json:"headers,omitempty"`
	Body            *string           `json:"body,omitempty"`
	Reset           bool              `json:"reset,omitempty"`
	Hang            bool              `json:"hang,omitempty"`
	Truncate        bool              `json:"truncate,omitempty"`
	AfterProcessing bool              `json:"after_processing,omitempty"`
}

// ParseFault reads a fault from JSON such as {"operation": "PutStage", "status": 503, "times": 2}. A status without a body gets one
// as the gateway would send it, with error_code if that is given; OpenAPI describes all members. The error says what is wrong.
func ParseFault(text string) (Fault, error) {
	var d faultDescription
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		return Fault{}, fmt.Errorf("read the fault: %w", err)
	}
	return d.fault()
}

func (d *faultDescription) fault() (Fault, error) {
	f := Fault{
		Method: strings.ToUpper(d.Method), Operation: d.Operation, Times: d.Times, Status: d.Status,
		Reset: d.Reset, Hang: d.Hang, Truncate: d.Truncate, AfterProcessing: d.AfterProcessing,
	}
	if err := d.check(); err != nil {
		return f, err
	}
	var err error
	if d.Path != "" {
		if f.Path, err = regexp.Compile(d.Path); err != nil {
			return f, fmt.Errorf("a fault's path is a regular expression: %w", err)
		}
	}
	if f.Delay, err = time.ParseDuration(cmp.Or(d.Delay, "0s")); err != nil || f.Delay < 0 {
		return f, errors.New("a fault's delay is a duration such as 200ms")
	}
	d.answer(&f)
	return f, nil
}

// check says what the description cannot mean.
func (d *faultDescription) check() error {
	switch {
	case d.Operation != "" && !knownOperation(d.Operation):
		return fmt.Errorf("a fault's operation is one of those in /openapi.yaml, such as PutStage: %q", d.Operation)
	case d.Times < -1:
		return errors.New("a fault's times is a number of requests, or -1 for all")
	case d.Status != 0 && (d.Status < 200 || d.Status > 599):
		return errors.New("a fault's status is 200 to 599")
	case d.Status == 0 && (d.Body != nil || d.ErrorCode != "" || len(d.Headers) > 0):
		return errors.New("a fault with headers, body or error_code needs a status")
	case d.Status == 0 && d.Delay == "" && !d.Reset && !d.Hang && !d.Truncate:
		return errors.New("a fault does something: status, delay, reset, hang or truncate")
	default:
		return nil
	}
}

// answer fills in what the fault answers.
func (d *faultDescription) answer(f *Fault) {
	if d.Status == 0 {
		return
	}
	f.Header = http.Header{}
	for name, value := range d.Headers {
		f.Header.Set(name, value)
	}
	if d.Body != nil {
		f.Body = *d.Body
		return
	}
	body := jsonAnswer(d.Status, object{
		"error_code": cmp.Or(d.ErrorCode, gatewayCode(d.Status)),
		"error_msg":  cmp.Or(http.StatusText(d.Status), "Unknown status") + ", because csms-mock was told so",
		"request_id": "{request_id}",
	})
	f.Body = string(body.body)
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

// describe is the reverse of fault, with the times that are left.
func (f *Fault) describe() faultDescription {
	d := faultDescription{
		Method: f.Method, Operation: f.Operation, Times: f.Times, Status: f.Status,
		Reset: f.Reset, Hang: f.Hang, Truncate: f.Truncate, AfterProcessing: f.AfterProcessing,
	}
	if f.Path != nil {
		d.Path = f.Path.String()
	}
	if f.Delay > 0 {
		d.Delay = f.Delay.String()
	}
	if f.Status != 0 {
		d.Body = &f.Body
	}
	for name := range f.Header {
		if d.Headers == nil {
			d.Headers = map[string]string{}
		}
		d.Headers[name] = f.Header.Get(name)
	}
	return d
}
