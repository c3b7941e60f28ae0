package provider_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

type action struct {
	operation, summary, on, permission string
	try                                func(*tfServer) []*tfprotov6.Diagnostic
}

// actions are what a person may be told could not be done, with the operation of the service that
// it fails at, the object and the permission that the operation needs.
func actions() map[string]action {
	return map[string]action{
		"create a stage": {
			"PutStage", "Unable to move CSMS secret stage", `secret "db", stage "GREEN", version "v1", region cn-north-4`, "csms:secret:updateStage",
			func(s *tfServer) []*tfprotov6.Diagnostic {
				return failing(s.change(instance{typeName: stageType}, stage("GREEN", "v1")))
			},
		},
		"look before moving a stage": {
			"ShowStage", "Unable to move CSMS secret stage", `secret "db", stage "SYSCURRENT", version "v3", region cn-north-4`, "csms:secret:getStage",
			func(s *tfServer) []*tfprotov6.Diagnostic {
				return failing(s.change(managedStage("SYSCURRENT", "v2"), stage("SYSCURRENT", "v3")))
			},
		},
		"refresh a stage that moved": {
			"ShowStage", "Unable to read CSMS secret stage", `secret "db", stage "SYSCURRENT", region cn-north-4`, "csms:secret:getStage",
			func(s *tfServer) []*tfprotov6.Diagnostic { return failing(s.read(managedStage("SYSCURRENT", "v1"))) },
		},
		"refresh a stage": {
			"ListVersions", "Unable to read CSMS secret stage", `secret "db", stage "SYSCURRENT", region cn-north-4`, "csms:secret:listVersion",
			func(s *tfServer) []*tfprotov6.Diagnostic { return failing(s.read(managedStage("SYSCURRENT", "v2"))) },
		},
		"delete a stage": {
			"DeleteStage", "Unable to delete CSMS secret stage", `secret "db", stage "BLUE", region cn-north-4`, "csms:secret:deleteStage",
			func(s *tfServer) []*tfprotov6.Diagnostic { return failing(s.change(managedStage("BLUE", "v1"), nil)) },
		},
		"set an expiry": {
			"UpdateVersion", "Unable to set expiry of CSMS secret version", `secret "db", version "v1", region cn-north-4`, "csms:secret:updateVersion",
			func(s *tfServer) []*tfprotov6.Diagnostic {
				return failing(s.change(instance{typeName: expiryType}, expiry("v1", year2090)))
			},
		},
		"look before setting an expiry": {
			"ListVersions", "Unable to set expiry of CSMS secret version", `secret "db", version "v1", region cn-north-4`, "csms:secret:listVersion",
			func(s *tfServer) []*tfprotov6.Diagnostic {
				return failing(s.change(managedExpiry(year2090), expiry("v1", farther)))
			},
		},
		"refresh an expiry": {
			"ListVersions", "Unable to read expiry of CSMS secret version", `secret "db", version "v1", region cn-north-4`, "csms:secret:listVersion",
			func(s *tfServer) []*tfprotov6.Diagnostic { return failing(s.read(managedExpiry(year2090))) },
		},
		"read a version": {
			"ListVersions", "Unable to read CSMS secret version", `secret "db", stage "SYSCURRENT"`, "csms:secret:listVersion",
			func(s *tfServer) []*tfprotov6.Diagnostic { return failing(s.readData(versionType, inSecretDB(nil))) },
		},
		"read the versions": {
			"ListVersions", "Unable to read CSMS secret versions", `secret "db"`, "csms:secret:listVersion",
			func(s *tfServer) []*tfprotov6.Diagnostic { return failing(s.readData(versionsType, inSecretDB(nil))) },
		},
		"read a stage": {
			"ShowStage", "Unable to read CSMS secret stage", `secret "db", stage "SYSCURRENT"`, "csms:secret:getStage",
			func(s *tfServer) []*tfprotov6.Diagnostic {
				return failing(s.readData(stageType, inSecretDB(map[string]any{"name": "SYSCURRENT"})))
			},
		},
		"list secrets": {
			"ListSecrets", "Unable to list CSMS secrets", "region cn-north-4", "csms:secret:list;",
			func(s *tfServer) []*tfprotov6.Diagnostic { return s.list(stageType, nil, 0, false)[0].Diagnostics },
		},
	}
}

// failing drops what came besides the diagnostics.
func failing[T any](_ T, diagnostics []*tfprotov6.Diagnostic) []*tfprotov6.Diagnostic {
	return diagnostics
}

// managedStage is a stage as the state has it.
func managedStage(name, version string) instance {
	state := with(stage(name, version), "id", "db/"+name)
	state["region"], state["update_time"] = "cn-north-4", longAgo
	return instance{typeName: stageType, state: state}
}

// fails tries while the operation fails in one way, without retries.
func (a action) fails(t *testing.T, fault csmstest.Fault) []*tfprotov6.Diagnostic {
	t.Helper()
	m := newSecret(t)
	m.MoveStage("db", "BLUE", "v1")
	fault.Operation, fault.Times = a.operation, -1
	m.Fail(fault)
	diagnostics := a.try(newTFServerWith(t, m.withoutRetries()))
	if n := m.Count(a.operation); fault.Status != 0 && n != 1 {
		t.Errorf("%s was tried %d times, want once", a.operation, n)
	}
	return diagnostics
}

// forEachAction lets every operation fail in one way and gives what a person reads.
func forEachAction(t *testing.T, fault csmstest.Fault, test func(t *testing.T, a action, message string)) {
	t.Helper()
	for name, a := range actions() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := errorsOf(a.fails(t, fault))
			assertContains(t, got, a.summary+": On ", a.on)
			test(t, a, got)
		})
	}
}

func TestDiagnostics_EveryFailureSaysAttemptObjectCauseCodeRequestAndRemedy(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status     int
		code, body string
		remedy     string
	}{
		"bad signature": {401, "APIGW.0301", gatewaySays, "The service did not accept the access key from access_key and secret_key in the provider block"},
		"expired token": {403, "KMS.0303", serviceSays, "The service did not accept the access key from access_key and secret_key"},
		"wrong project": {403, "KMS.0321", serviceSays, "Check project_id (HW_PROJECT_ID)"},
		"broken":        {500, "KMS.0101", serviceSays, "give the request id to Huawei Cloud's support"},
		"down":          {503, "APIGW.0613", gatewaySays, "Apply again later"},
		"no such API":   {404, "APIGW.0101", gatewaySays, "Check endpoint (CSMS_ENDPOINT), region and proxy settings"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fault := csmstest.Fault{Status: tt.status, Body: strings.ReplaceAll(tt.body, "CODE", tt.code)}
			forEachAction(t, fault, func(t *testing.T, _ action, got string) {
				assertContains(t, got, fmt.Sprintf("the service answered %d ", tt.status), "code "+tt.code+": No can do", "(request id 0000000000", "\n\n", tt.remedy)
			})
		})
	}
}

const (
	serviceSays = `{"error_code":"CODE","error_msg":"No can do."}`
	gatewaySays = `{"error_code":"CODE","error_msg":"No can do.","request_id":"{request_id}"}`
)

func TestDiagnostics_SecretThatIsNotEnabledIsToldAsAnErrorOrKeptWithAWarning(t *testing.T) {
	t.Parallel()
	for code, remedy := range map[string]string{
		"CSMS.0103": "Cancel the deletion",
		"CSMS.0107": "Cancel the deletion",
		"CSMS.0109": "this is its state, not a missing permission. Make it ENABLED again",
	} {
		for name, a := range actions() {
			t.Run(code+" "+name, func(t *testing.T) {
				t.Parallel()
				diagnostics := a.fails(t, csmstest.Fault{Status: http.StatusForbidden, Body: strings.ReplaceAll(serviceSays, "CODE", code)})
				got, want := errorsOf(diagnostics), remedy
				if strings.HasPrefix(name, "refresh") {
					got, want = warningsOf(diagnostics), "What the state has is kept. "
				}
				if !strings.Contains(got, want) || !strings.Contains(got, a.on) || !strings.Contains(got, code) || strings.Contains(got, "IAM action") {
					t.Errorf("errors or warnings %q do not say %q", got, want)
				}
			})
		}
	}
}

func TestDiagnostics_MissingPermissionNamesTheActionOfTheOperation(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"APIGW.0302", "KMS.0306", "KMS.0307", "KMS.0326", "CSMS.0999"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			fault := csmstest.Fault{Status: http.StatusForbidden, Body: strings.ReplaceAll(serviceSays, "CODE", code)}
			forEachAction(t, fault, func(t *testing.T, a action, got string) {
				assertContains(t, got, "Grant the IAM action "+a.permission, "15 to 30 minutes")
			})
		})
	}
}

func TestDiagnostics_AnswerThatIsNotOfTheServiceIsReadable(t *testing.T) {
	t.Parallel()
	page := http.Header{"Content-Type": {"text/html"}}
	for name, tt := range map[string]struct {
		fault csmstest.Fault
		says  string
	}{
		"HTML of a proxy":      {csmstest.Fault{Status: 502, Header: page, Body: "<html><head><title>Bad Gateway &amp; Sons</title></head><body>\x1b[31m</body></html>"}, `502 Bad Gateway: an HTML page titled "Bad Gateway & Sons"`},
		"empty":                {csmstest.Fault{Status: 502}, "502 Bad Gateway: an empty body"},
		"404 of a proxy":       {csmstest.Fault{Status: 404, Header: page, Body: "<html>not here</html>"}, "404 Not Found: an HTML page"},
		"empty 404":            {csmstest.Fault{Status: 404}, "404 Not Found: an empty body"},
		"404 in JSON":          {csmstest.Fault{Status: 404, Body: `{"message":"no route"}`}, "404 Not Found: no route"},
		"numeric code":         {csmstest.Fault{Status: 403, Body: `{"error":{"code":403,"message":"Forbidden for you."}}`}, "403 Forbidden, code 403: Forbidden for you."},
		"login page, redirect": {csmstest.Fault{Status: 302, Header: http.Header{"Location": {"https://login.example/?ticket=hush"}}}, "a redirect to login.example, which is not followed"},
		"HTML as success":      {csmstest.Fault{Status: 200, Header: page, Body: "<html>Welcome</html>"}, "not what this operation returns"},
		"other JSON":           {csmstest.Fault{Status: 200, Body: `["hello"]`}, "not what this operation returns"},
		"half an answer":       {csmstest.Fault{Status: 200, Body: `{"version_metadatas":[]}`, Truncate: true}, "unexpected EOF"},
		"reset":                {csmstest.Fault{Reset: true}, "no answer from http://127.0.0.1:"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachAction(t, tt.fault, func(t *testing.T, _ action, got string) {
				if !strings.Contains(got, tt.says) || strings.Contains(got, "hush") || strings.Contains(got, "\x1b") {
					t.Errorf("errors %q do not say %q, or say too much", got, tt.says)
				}
			})
		})
	}
}

func TestDiagnostics_RefreshKeepsTheStateAtAnAnswerThatIsNotOfTheService(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]csmstest.Fault{
		"gateway":   {Status: 404, Body: strings.ReplaceAll(gatewaySays, "CODE", "APIGW.0101")},
		"old":       {Status: 404, Body: strings.ReplaceAll(gatewaySays, "CODE", "APIG.0101")},
		"proxy":     {Status: 404, Header: http.Header{"Content-Type": {"text/html"}}, Body: "<html>not found</html>"},
		"empty":     {Status: 404},
		"other 400": {Status: 400, Body: strings.ReplaceAll(serviceSays, "CODE", "CSMS.0002")},
		"forbidden": {Status: 403, Body: strings.ReplaceAll(serviceSays, "CODE", "CSMS.0005")},
		"emptied":   {Status: 200, Body: `{}`},
	} {
		fault.Times = -1
		for _, i := range []instance{managedExpiry(year2090), managedStage("SYSCURRENT", "v2"), managedStage("SYSCURRENT", "v1")} {
			t.Run(name+" "+i.typeName, func(t *testing.T) {
				t.Parallel()
				m := newSecret(t)
				m.Fail(on("ListVersions", fault))
				m.Fail(on("ShowStage", fault))
				got, diagnostics := newTFServer(t, m).read(i)
				if errorsOf(diagnostics) == "" || got.state == nil {
					t.Errorf("state %v, errors %q", got.state, errorsOf(diagnostics))
				}
			})
		}
	}
}

func TestDiagnostics_IAMThatFailsIsToldAsSuch(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status int
		body   string
		says   []string
	}{
		"wrong key":     {401, `{"error_msg":"Incorrect IAM authentication information","error_code":"APIGW.0301"}`, []string{"401", "APIGW.0301", "access key from access_key and secret_key"}},
		"no permission": {403, `{"error":{"code":403,"message":"You are not authorized to perform the requested action."}}`, []string{"403", "not authorized"}},
		"no project":    {200, `{"projects":[]}`, []string{"IAM knows no project"}},
		"404":           {404, `{"error":{"code":404,"message":"Not found"}}`, []string{"404"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			m.Fail(csmstest.Fault{Operation: "ListProjects", Status: tt.status, Body: tt.body, Times: -1})
			got, diagnostics := newTFServer(t, m).read(managedExpiry(year2090))
			assertContains(t, errorsOf(diagnostics), append(tt.says, "Unable to read expiry of CSMS secret version", `secret "db"`)...)
			if got.state == nil {
				t.Error("the resource left the state")
			}
		})
	}
}

func TestDiagnostics_WrongKeyIsTriedOnce(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	settings := with(with(m.settings(), "secret_key", "wrong-secret"), "project_id", csmstest.DefaultProjectID)
	_, diagnostics := newTFServerWith(t, settings).read(managedExpiry(year2090))
	got := errorsOf(diagnostics)
	assertContains(t, got, "401", "APIGW.0301", "lock a key for five minutes")
	if strings.Contains(got, "wrong-secret") {
		t.Errorf("errors %q tell the secret key", got)
	}
	m.assertRequests(t, map[string]int{"ListVersions": 1})
}

func TestDiagnostics_FailureThatPassesIsRetriedAndOneThatStaysIsNot(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault   csmstest.Fault
		retried bool
	}{
		"429 with Retry-After":    {csmstest.Throttled("1"), true},
		"429 without Retry-After": {csmstest.Throttled(""), true},
		"500":                     {csmstest.Fault{Status: 500}, true},
		"502":                     {csmstest.Fault{Status: 502}, true},
		"503":                     {csmstest.Fault{Status: 503}, true},
		"504":                     {csmstest.Fault{Status: 504}, true},
		"reset":                   {csmstest.Fault{Reset: true}, true},
		"reset after processing":  {csmstest.Fault{Reset: true, AfterProcessing: true}, true},
		"400":                     {csmstest.Fault{Status: 400}, false},
		"403":                     {csmstest.Fault{Status: 403}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			m.Fail(on("UpdateVersion", tt.fault))
			_, diagnostics := newTFServer(t, m).change(instance{typeName: expiryType}, expiry("v1", year2090))
			tries := map[bool]int{true: 2, false: 1}[tt.retried && !tt.fault.AfterProcessing]
			if n := m.Count("UpdateVersion"); n != tries || (errorsOf(diagnostics) == "") != tt.retried {
				t.Errorf("tried %d times, want %d: %s", n, tries, errorsOf(diagnostics))
			}
		})
	}
}
