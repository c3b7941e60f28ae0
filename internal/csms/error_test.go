package csms_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func TestOnlyTheServiceItselfCanSayThatSomethingIsGone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		status int
		body   string
		want   bool
	}{
		{"404 of the service", 404, `{"error_code":"CSMS.0005","error_msg":"gone"}`, true},
		{"404 of the service, another code", 404, `{"error_code":"CSMS.0777","error_msg":"gone"}`, true},
		{"404 of the service, nested", 404, `{"error":{"error_code":"CSMS.0106","error_msg":"gone"}}`, true},
		{"400, resource", 400, `{"error_code":"CSMS.0005","error_msg":"gone"}`, true},
		{"400, secret", 400, `{"error_code":"CSMS.0106","error_msg":"gone"}`, true},
		{"400, other", 400, `{"error_code":"CSMS.0002","error_msg":"invalid"}`, false},
		{"400, built-in", 400, `{"error_code":"CSMS.0105","error_msg":"no"}`, false},
		{"403 with that code", 403, `{"error_code":"CSMS.0005","error_msg":"no"}`, false},
		{"500 with that code", 500, `{"error_code":"CSMS.0005","error_msg":"no"}`, false},
		{"404 of the gateway", 404, `{"error_code":"APIGW.0101","error_msg":"no API"}`, false},
		{"404 of KMS", 404, `{"error_code":"KMS.0207","error_msg":"no key"}`, false},
		{"404 with a code like it", 404, `{"error_code":"CSMSX.0005","error_msg":"no"}`, false},
		{"404 with the code in the text", 404, `{"error_code":"X","error_msg":"CSMS.0005"}`, false},
		{"404 of a proxy", 404, `<html><title>404 Not Found</title></html>`, false},
		{"404 of text", 404, `CSMS.0005 not found`, false},
		{"404, empty", 404, ``, false},
		{"404, no code", 404, `{}`, false},
		{"404, list", 404, `["CSMS.0005"]`, false},
		{"204", 204, ``, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := answering(t, tt.status, nil, tt.body).GetStage(t.Context(), "db", "GREEN")
			if e := errorOf(t, err); csms.IsGone(err) != tt.want || e.StatusCode != tt.status {
				t.Errorf("IsGone = %v for %v", !tt.want, err)
			}
		})
	}
}

func TestGoneIsNothingElse(t *testing.T) {
	t.Parallel()
	if csms.IsGone(nil) || csms.IsGone(errors.New("CSMS.0005")) {
		t.Error("no error, or somebody else's, is gone")
	}
	late := &csms.Error{CallError: csms.CallError{StatusCode: 404, Code: "CSMS.0005", Err: context.DeadlineExceeded}}
	if csms.IsGone(late) {
		t.Error("an error whose last answer was followed by a fault is gone")
	}
	if !csms.IsGone(errors.Join(errors.New("wrapped"), &csms.Error{CallError: csms.CallError{StatusCode: 404, Code: "CSMS.0005"}})) {
		t.Error("a wrapped error is not gone")
	}
}

func TestErrorsSayWhatTheBodySays(t *testing.T) {
	t.Parallel()
	html := http.Header{"Content-Type": {"text/html; charset=utf-8"}}
	for _, tt := range []struct {
		name          string
		header        http.Header
		body          string
		code, message string
	}{
		{"service", nil, `{"error_code":"CSMS.0002","error_msg":"The value of parameter is invalid."}`, "CSMS.0002", "The value of parameter is invalid."},
		{"nested", nil, `{"error":{"error_code":"KMS.0201","error_msg":"bad"}}`, "KMS.0201", "bad"},
		{"IAM", nil, `{"error":{"code":401,"message":"wrong password","title":"Unauthorized"}}`, "401", "wrong password"},
		{"code and message", nil, `{"code":"X.1","message":"no"}`, "X.1", "no"},
		{"numeric code", nil, `{"error_code":7,"error_msg":"no"}`, "7", "no"},
		{"code alone", nil, `{"error_code":"CSMS.0999"}`, "CSMS.0999", ""},
		{"message alone", nil, `{"error_msg":"no"}`, "", "no"},
		{"both levels", nil, `{"a":{"code":"INNER","message":"x"},"error_code":"OUTER","error_msg":"y"}`, "OUTER", "y"},
		{"unknown JSON", nil, `{"value":"plaintext"}`, "", "JSON of an unexpected shape"},
		{"null codes", nil, `{"error_code":null,"error_msg":null}`, "", "JSON of an unexpected shape"},
		{"list", nil, `[{"error_code":"X"}]`, "", "JSON of an unexpected shape"},
		{"broken JSON", nil, `{"error_code":"CSMS.0`, "", "JSON of an unexpected shape"},
		{"HTML", html, "<html><head><title>\n 400 Bad &amp; Ugly </title>", "", `an HTML page titled "400 Bad & Ugly"`},
		{"HTML without a title", html, "Bad", "", "an HTML page"},
		{"HTML without its type", nil, "<!DOCTYPE html>\n<p>", "", "an HTML page"},
		{"text", nil, "no  healthy\tupstream\x00", "", `the text "no healthy upstream"`},
		{"empty", nil, "", "", "an empty body"},
		{"blank", nil, " \n", "", "an empty body"},
		{"bytes", nil, "\xff\xfe\x01", "", `the text ""`},
		{"BSON type", http.Header{"Content-Type": {"application/bson"}}, "\x05\x00\x00\x00\x00", "", `the text ""`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := answering(t, http.StatusBadRequest, tt.header, tt.body).GetSecret(t.Context(), "db")
			e := errorOf(t, err)
			if e.Code != tt.code || e.Message != tt.message || e.StatusCode != http.StatusBadRequest || e.Attempts != 1 || e.Err != nil {
				t.Errorf("got code %q, message %q", e.Code, e.Message)
			}
		})
	}
}

func TestLongBodiesAreCutShort(t *testing.T) {
	t.Parallel()
	_, err := answering(t, 400, nil, strings.Repeat("ä", 100_000)).GetSecret(t.Context(), "db")
	if e := errorOf(t, err); len(e.Message) > 2000 || !strings.Contains(e.Message, strings.Repeat("ä", 100)) {
		t.Errorf("the message has %d bytes", len(e.Message))
	}
}

func TestRequestIDComesFromTheHeaderOrTheBody(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		header http.Header
		want   string
	}{
		{"header", http.Header{"X-Request-Id": {"from-header"}}, "from-header"},
		{"IAM's header", http.Header{"X-Iam-Trace-Id": {"from-iam"}}, "from-iam"},
		{"body", nil, "from-body"},
	} {
		body := `{"error_code":"APIGW.0306","error_msg":"denied","request_id":"from-body"}`
		_, err := answering(t, 403, tt.header, body).GetSecret(t.Context(), "db")
		if e := errorOf(t, err); e.RequestID != tt.want || !strings.Contains(err.Error(), "request id "+tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestErrorTellsTheWholeStoryInOneLine(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err  csms.Error
		want string
	}{
		{
			csms.Error{
				Target: csms.Target{Region: "cn-north-4", SecretName: "db", Stage: "GREEN", Version: "v2"},
				CallError: csms.CallError{
					Operation: "move the stage", StatusCode: 400, Code: "CSMS.0203", Message: "The limit.", RequestID: "r-1", Attempts: 1,
				},
			},
			"cannot move the stage (secret db, stage GREEN, version v2, region cn-north-4): " +
				"the service answered 400 Bad Request, code CSMS.0203: The limit. (request id r-1)",
		},
		{
			csms.Error{CallError: csms.CallError{Operation: "list the secrets", Err: errors.New("no route to host"), Attempts: 6}},
			"cannot list the secrets: no route to host (6 attempts)",
		},
		{
			csms.Error{CallError: csms.CallError{
				Operation: "read the secret", StatusCode: 503, Message: "an empty body", Err: context.Canceled, RequestID: "r-2",
			}},
			"cannot read the secret: context canceled; the last answer was 503 Service Unavailable: an empty body (request id r-2)",
		},
		{
			csms.Error{CallError: csms.CallError{Operation: "look up the project x", Message: "found none"}},
			"cannot look up the project x: found none",
		},
	} {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}

func TestEveryOperationNamesItselfAndItsSubject(t *testing.T) {
	t.Parallel()
	s := newService(t)
	client := s.client(t)
	for _, op := range operations() {
		s.Fail(csmstest.Fault{
			Operation: op.mockName, Status: 403,
			Body: `{"error_code":"APIGW.0302","error_msg":"not authorized","request_id":"{request_id}"}`,
		})
		e := errorOf(t, op.do(t.Context(), client))
		if e.Operation != op.name || e.Region != csmstest.DefaultRegion || e.Code != "APIGW.0302" || e.RequestID == "" || e.Attempts != 1 {
			t.Errorf("%s: got %+v", op.name, e)
		}
		if op.name != csms.OperationListSecrets && e.SecretName != "db" {
			t.Errorf("%s: the secret is %q", op.name, e.SecretName)
		}
	}
}

func FuzzErrorBodies(f *testing.F) {
	for _, seed := range []string{
		`{"error_code":"CSMS.0005","error_msg":"x"}`, `{"error":{"code":401,"message":"x"}}`, `{"a":{"b":{"c":{"d":{"e":{"f":{"code":"x"}}}}}}}`,
		`<html><title>x`, ``, `null`, `[]`, "\xff\xfe", `{"error_code":1e999}`, `{"error_code":"A","error_code":"B"}`,
	} {
		f.Add(404, "application/json", seed)
		f.Add(500, "text/html", seed)
	}
	f.Fuzz(func(t *testing.T, status int, contentType, body string) {
		if status >= 200 && status < 300 {
			t.Skip("not an error")
		}
		header := http.Header{"Content-Type": {contentType}}
		_, err := offline(t, status, header, body).GetSecret(t.Context(), "db")
		e := errorOf(t, err)
		if e.StatusCode != status || len(e.Message) > 4*600 || strings.ContainsAny(err.Error(), "\n\r\x00\x1b") {
			t.Fatalf("unreadable: %q", err)
		}
		if csms.IsGone(err) && !strings.HasPrefix(e.Code, "CSMS.") {
			t.Fatalf("gone by code %q", e.Code)
		}
	})
}
