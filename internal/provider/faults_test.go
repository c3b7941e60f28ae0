package provider_test

import (
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// mending is what becomes of an operation whose one request that matters is hit by a fault.
type mending int

const (
	byRetry   mending = iota // the operation succeeds all the same
	byNextRun                // the operation fails, the next run converges
	byTimeout                // as byNextRun, once its own time limit has ended the operation
)

var html = http.Header{"Content-Type": {"text/html"}}

// serviceFaults are the ways in which an answer goes wrong.
var serviceFaults = map[string]struct {
	fault  csmstest.Fault
	mended mending
}{
	"429":                             {csmstest.Throttled(""), byRetry},
	"429 with Retry-After":            {csmstest.Throttled("1"), byRetry},
	"429 with Retry-After of an hour": {csmstest.Throttled("3600"), byTimeout},
	"500":                             {csmstest.Fault{Status: 500, Body: `{"error_code":"KMS.0101","error_msg":"internal"}`}, byRetry},
	"502 with HTML":                   {csmstest.Fault{Status: 502, Header: html, Body: "<html><title>Bad Gateway</title></html>"}, byRetry},
	"503 without a body":              {csmstest.Fault{Status: 503}, byRetry},
	"504 after it was processed":      {csmstest.Fault{Status: 504, AfterProcessing: true}, byRetry},
	"reset before it was processed":   {csmstest.Fault{Reset: true}, byRetry},
	"reset after it was processed":    {csmstest.Fault{Reset: true, AfterProcessing: true}, byRetry},
	"truncated":                       {csmstest.Fault{Truncate: true}, byRetry},
	"hung":                            {csmstest.Fault{Hang: true, AfterProcessing: true}, byTimeout},
	"401":                             {csmstest.Fault{Status: 401, Body: `{"error_code":"APIGW.0301","error_msg":"verify aksk signature fail"}`}, byNextRun},
	"404 of the gateway":              {csmstest.Fault{Status: 404, Body: `{"error_code":"APIGW.0101","error_msg":"The API does not exist"}`}, byNextRun},
	"404 of a proxy":                  {csmstest.Fault{Status: 404, Header: html, Body: "<html>not here</html>"}, byNextRun},
	"404 without a body":              {csmstest.Fault{Status: 404}, byNextRun},
	"200 with HTML":                   {csmstest.Fault{Status: 200, Header: html, Body: "<html>log in</html>"}, byNextRun},
	"200 of another shape":            {csmstest.Fault{Status: 200, Body: `{"things":[]}`}, byNextRun},
	"200 that is no JSON object":      {csmstest.Fault{Status: 200, Body: `[]`}, byNextRun},
	"error with a numeric code":       {csmstest.Fault{Status: 403, Body: `{"error":{"code":403,"message":"no"}}`}, byNextRun},
	"200 of more than 10 MiB":         {csmstest.Fault{Status: 200, Body: `{"x":"` + strings.Repeat("x", 11<<20) + `"}`}, byNextRun},
}

// faultyOperations are the operations of both resources, with the request that the fault hits. each
// starts from the stages and expiries that established has made.
var faultyOperations = map[string]struct {
	request  string
	typeName string
	before   map[string]any // nil if it is a creation
	after    map[string]any // nil if it is a deletion
}{
	"create a stage":   {"PutStage", stageType, nil, stage("GREEN", "v1")},
	"read a stage":     {"ListVersions", stageType, stage("GREEN", "v1"), stage("GREEN", "v1")},
	"update a stage":   {"PutStage", stageType, stage("GREEN", "v1"), stage("GREEN", "v2")},
	"delete a stage":   {"DeleteStage", stageType, stage("GREEN", "v1"), nil},
	"look before it":   {"ShowStage", stageType, stage("GREEN", "v1"), stage("GREEN", "v2")},
	"create an expiry": {"UpdateVersion", expiryType, nil, expiry("v1", "2090-01-01T00:00:00Z")},
	"read an expiry":   {"ListVersions", expiryType, expiry("v1", "2090-01-01T00:00:00Z"), expiry("v1", "2090-01-01T00:00:00Z")},
	"update an expiry": {"UpdateVersion", expiryType, expiry("v1", "2090-01-01T00:00:00Z"), expiry("v1", "2091-01-01T00:00:00Z")},
}

func TestFaults_AfterAFaultStateAndServiceAgreeAndNothingIsLost(t *testing.T) {
	t.Parallel()
	for faultName, f := range serviceFaults {
		for operationName, op := range faultyOperations {
			t.Run(operationName+"/"+faultName, func(t *testing.T) {
				t.Parallel()
				m := newSecret(t)
				i := instance{typeName: op.typeName}
				if op.before != nil {
					i = newTFServer(t, m).create(op.typeName, limited(op.before, f.mended))
				}
				fault := f.fault
				fault.Operation = op.request
				m.Fail(fault)
				after, failed := runOnce(t, m, i, limited(op.after, f.mended))
				if failed != (f.mended != byRetry) {
					t.Errorf("the operation failed: %t, want %t", failed, f.mended != byRetry)
				}
				if op.before != nil && failed && after.state == nil {
					t.Error("the state is empty after the fault")
				}
				m.ClearFaults()
				after, failed = runOnce(t, m, after, op.after)
				if failed {
					t.Error("the next run failed as well")
				}
				m.ResetRequests()
				if after, failed = runOnce(t, m, after, op.after); failed || (after.state == nil) != (op.after == nil) {
					t.Errorf("after the run that follows the state is %v, failed %t", after.state, failed)
				}
				for _, r := range m.Requests() {
					if r.Method != http.MethodGet {
						t.Errorf("the plan that follows is not empty: %s", r)
					}
				}
				checkService(t, m, op.typeName, op.before, op.after)
			})
		}
	}
}

// limited sets a time limit for an operation that would wait for a minute.
func limited(config map[string]any, mended mending) map[string]any {
	if config == nil || mended != byTimeout {
		return config
	}
	config = maps.Clone(config)
	config["timeouts"] = map[string]any{"create": shortTimeout, "read": shortTimeout, "update": shortTimeout, "delete": shortTimeout}
	return config
}

// runOnce is terraform apply for one instance: refresh, plan, apply.
func runOnce(t *testing.T, m *mock, i instance, config map[string]any) (after instance, failed bool) {
	t.Helper()
	s := newTFServer(t, m)
	if i.state != nil {
		read, diagnostics := s.read(i)
		if errorsOf(diagnostics) != "" {
			return i, true
		}
		i = read
	}
	if i.state == nil && config == nil {
		return i, false
	}
	c, diagnostics := s.plan(i, config)
	if errorsOf(diagnostics) != "" {
		return i, true
	}
	if config != nil && s.empty(c) {
		return i, false
	}
	after, diagnostics = newTFServer(t, m).apply(c)
	if errorsOf(diagnostics) != "" {
		t.Log(errorsOf(diagnostics))
		return i, true
	}
	return after, false
}

// checkService compares the service with the configuration.
func checkService(t *testing.T, m *mock, typeName string, before, after map[string]any) {
	t.Helper()
	if typeName == expiryType {
		if got := m.Expiry("db", "v1").Format("2006-01-02T15:04:05Z"); got != after["expire_time"] {
			t.Errorf("v1 expires at %s, want %s", got, after["expire_time"])
		}
		return
	}
	want := ""
	if after != nil {
		want, _ = after["version_id"].(string)
	}
	if got := m.StageHolder("db", "GREEN"); got != want {
		t.Errorf("GREEN is on %q, want %q (it was on %v)", got, want, before["version_id"])
	}
}

func TestFaults_AServiceThatCannotBeReachedLosesNothing(t *testing.T) {
	t.Parallel()
	for operationName, op := range faultyOperations {
		t.Run(operationName, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			untrusted := httptest.NewUnstartedServer(m.Server)
			untrusted.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that are meant to fail
			untrusted.StartTLS()
			t.Cleanup(untrusted.Close)
			i := instance{typeName: op.typeName}
			if op.before != nil {
				i = newTFServer(t, m).create(op.typeName, op.before)
			}
			for why, endpoint := range map[string]string{"certificate": untrusted.URL, "connection refused": "http://127.0.0.1:1"} {
				settings := with(with(m.settings(), "endpoint", endpoint), "max_retries", 0)
				after, told := unreachable(t, settings, i, op.after)
				assertContains(t, told, why, "could not be reached")
				if op.before != nil && after.state["id"] != i.state["id"] {
					t.Errorf("%s: the state is %v", why, after.state)
				}
			}
			after, failed := runOnce(t, m, i, op.after)
			if failed || (after.state == nil) != (op.after == nil) {
				t.Errorf("once the service is back the state is %v, failed %t", after.state, failed)
			}
			checkService(t, m, op.typeName, op.before, op.after)
		})
	}
}

// unreachable refreshes an instance, plans and applies it at a service that does not answer, and
// returns what it told.
func unreachable(t *testing.T, settings map[string]any, i instance, config map[string]any) (after instance, told string) {
	t.Helper()
	s := newTFServerWith(t, settings)
	if i.state != nil {
		read, diagnostics := s.read(i)
		told += errorsOf(diagnostics)
		i = read
	}
	c, diagnostics := s.plan(i, config)
	told += errorsOf(diagnostics) + warningsOf(diagnostics)
	if errorsOf(diagnostics) != "" || config != nil && s.empty(c) {
		return i, told
	}
	after, diagnostics = newTFServerWith(t, settings).apply(c)
	if told += errorsOf(diagnostics); errorsOf(diagnostics) == "" {
		t.Error("the apply succeeded without the service")
	}
	if after.state == nil {
		after = i
	}
	return after, told
}
