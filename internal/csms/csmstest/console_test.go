package csmstest_test

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

const (
	control  = "/_control/secrets"
	controlS = control + "/s"
	faults   = "/_control/faults"
)

// atConsole is seeded behind the console.
func atConsole(t *testing.T, opts ...csmstest.Option) *conversation {
	t.Helper()
	c := seeded(t, opts...)
	c.url = listen(t, c.mock, described(t, c.mock, c.mock.Console()))
	return c
}

// ask sends a request without credentials.
func (c *conversation) ask(method, path, body string) reply {
	c.t.Helper()
	return c.send(c.request(method, path, body))
}

func TestTheConsoleServesTheAPI(t *testing.T) {
	t.Parallel()
	c := atConsole(t)
	c.do(http.MethodGet, blue, "").wantText(t, "stage.version_id", "v2")
	c.do(http.MethodGet, "/v1/../v1", "").wantError(t, http.StatusNotFound, "APIGW.0101")
}

func TestTheConsoleServesItsDescription(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	c.url = listen(t, c.mock, c.mock.Console())
	got := c.ask(http.MethodGet, "/openapi.yaml", "")
	if got.status != http.StatusOK || string(got.body) != csmstest.OpenAPI() || got.header.Get("Content-Type") != "application/yaml" {
		t.Errorf("got %d, %v", got.status, got.header)
	}
}

func TestSomebodyElseIsPlayedByControlCalls(t *testing.T) {
	t.Parallel()
	c := atConsole(t)
	for _, step := range []struct {
		method, path, body, labels string
	}{
		{http.MethodPut, controlS + "/stages/BLUE", `{"version_id":"v1"}`, "v1[BLUE SYSPREVIOUS] v2[SYSCURRENT] v3[]"},
		{http.MethodPut, controlS + "/stages/NEW", `{"version_id":"v3"}`, "v1[BLUE SYSPREVIOUS] v2[SYSCURRENT] v3[NEW]"},
		{http.MethodDelete, controlS + "/stages/SYSPREVIOUS", ``, "v1[BLUE] v2[SYSCURRENT] v3[NEW]"},
		{http.MethodPost, controlS + "/versions", `{"value":"x"}`, "v1[BLUE] v2[SYSPREVIOUS] v3[NEW] v4[SYSCURRENT]"},
		{http.MethodPost, controlS + "/versions", `{"stages":["NEW"]}`, "v1[BLUE] v2[SYSPREVIOUS] v3[] v4[SYSCURRENT] v5[NEW]"},
		{http.MethodDelete, controlS + "/versions/v1", ``, "v2[SYSPREVIOUS] v3[] v4[SYSCURRENT] v5[NEW]"},
		{http.MethodPut, controlS, `{}`, "v1[SYSCURRENT]"},
	} {
		if got := c.ask(step.method, step.path, step.body); got.status >= http.StatusBadRequest {
			t.Fatalf("%s %s: %v", step.method, step.path, got)
		}
		if labels := c.labels(); labels != step.labels {
			t.Errorf("%s %s %s leaves %s, want %s", step.method, step.path, step.body, labels, step.labels)
		}
	}
}

func TestControlCallsSetStatesAndExpiries(t *testing.T) {
	t.Parallel()
	c := atConsole(t)
	c.ask(http.MethodPut, controlS+"/versions/v1/expiry", `{"expire_time":"2020-01-01T08:00:00+08:00"}`).wantStatus(t, http.StatusNoContent)
	if got := c.mock.Expiry("s", "v1"); !got.Equal(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("got %v", got)
	}
	c.ask(http.MethodPut, controlS+"/versions/v1/expiry", `{"expire_time":null}`).wantStatus(t, http.StatusNoContent)
	if got := c.mock.Expiry("s", "v1"); !got.IsZero() {
		t.Errorf("got %v", got)
	}
	c.ask(http.MethodPut, controlS+"/state", `{"state":"FROZEN"}`).wantStatus(t, http.StatusNoContent)
	c.do(http.MethodGet, secretS, "").wantText(t, "secret.state", "FROZEN")
	c.ask(http.MethodDelete, controlS, "").wantStatus(t, http.StatusNoContent)
	c.do(http.MethodGet, secretS, "").wantError(t, http.StatusNotFound, "CSMS.0106")
}

func TestControlCallsReachOtherProjects(t *testing.T) {
	t.Parallel()
	const east = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
	c := atConsole(t, csmstest.WithProject("cn-east-3", east))
	c.ask(http.MethodPut, control+"/eastern?project_id="+east, `{"state":"DISABLED"}`).wantStatus(t, http.StatusNoContent)
	c.ask(http.MethodGet, control+"?project_id="+east, "").wantText(t, "secrets.0.name", "eastern")
	c.ask(http.MethodGet, control, "").wantText(t, "secrets.0.name", "s")
	c.ask(http.MethodGet, control+"?project_id=x", "").wantStatus(t, http.StatusNotFound)
}

func TestSecretsAreToldAsASeedWithoutValues(t *testing.T) {
	t.Parallel()
	c := atConsole(t)
	c.mock.SetExpiry("s", "v2", instant)
	got := c.ask(http.MethodGet, control, "")
	if strings.Contains(string(got.body), `"value"`) || strings.Contains(string(got.body), "three") {
		t.Errorf("got %v", got)
	}
	seed, err := csmstest.ReadSeed(strings.NewReader(string(got.body)))
	if err != nil {
		t.Fatal(err)
	}
	again := csmstest.New(csmstest.WithClock(func() time.Time { return instant }))
	again.PutSecret(seed[0])
	if again.StageHolder("s", "BLUE") != "v2" || !again.Expiry("s", "v2").Equal(instant.Truncate(time.Second)) {
		t.Errorf("the seed %s does not make the same secret", got.body)
	}
}

func TestRequestsAreToldWithoutCredentialsAndValues(t *testing.T) {
	t.Parallel()
	c := atConsole(t)
	c.do(http.MethodPost, versions, `{"secret_string":"the-value"}`)
	got := c.ask(http.MethodGet, "/_control/requests", "")
	got.wantText(t, "requests.0.operation", "CreateVersion")
	got.wantText(t, "requests.0.changed", "true")
	for _, secret := range []string{"the-value", "Signature", csmstest.DefaultAccessKey} {
		if strings.Contains(string(got.body), secret) {
			t.Errorf("%q is in %v", secret, got)
		}
	}
	c.ask(http.MethodDelete, "/_control/requests", "").wantStatus(t, http.StatusNoContent)
	if n := len(c.mock.Requests()); n != 0 {
		t.Errorf("%d requests are left", n)
	}
}

func TestControlCallsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]struct {
		method, path, body string
		status             int
	}{
		"unknown call":          {http.MethodPost, "/_control/nothing", `{}`, 404},
		"unknown secret":        {http.MethodPut, control + "/x/state", `{"state":"ENABLED"}`, 404},
		"unknown version":       {http.MethodPut, controlS + "/stages/BLUE", `{"version_id":"v9"}`, 404},
		"unknown version's end": {http.MethodPut, controlS + "/versions/v9/expiry", `{"expire_time":null}`, 404},
		"unknown state":         {http.MethodPut, controlS + "/state", `{"state":"GONE"}`, 400},
		"bad label":             {http.MethodPut, controlS + "/stages/a.b", `{"version_id":"v1"}`, 400},
		"bad label of a new":    {http.MethodPost, controlS + "/versions", `{"stages":["a.b"]}`, 400},
		"another name":          {http.MethodPut, controlS, `{"name":"t"}`, 400},
		"unknown member":        {http.MethodPut, controlS, `{"Versions":[]}{}`, 400},
		"milliseconds":          {http.MethodPut, controlS + "/versions/v1/expiry", `{"expire_time":1893456000000}`, 400},
		"unknown operation":     {http.MethodPost, faults, `{"operation":"MoveStage","status":500}`, 400},
		"fault without effect":  {http.MethodPost, faults, `{"operation":"PutStage"}`, 400},
		"no status to answer":   {http.MethodPost, faults, `{"error_code":"X"}`, 400},
		"status of no answer":   {http.MethodPost, faults, `{"status":100}`, 400},
		"broken expression":     {http.MethodPost, faults, `{"path":"(","status":500}`, 400},
		"endless delay":         {http.MethodPost, faults, `{"delay":"long"}`, 400},
		"negative latency":      {http.MethodPut, faults, `{"latency":"-1s"}`, 400},
		"one bad fault of two":  {http.MethodPut, faults, `{"faults":[{"status":500},{"times":-2,"status":500}]}`, 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := seeded(t)
			c.url = listen(t, c.mock, c.mock.Console())
			got := c.ask(try.method, try.path, try.body)
			if got.status != try.status || got.text("error") == "" {
				t.Errorf("got %v, want %d", got, try.status)
			}
			if labels := c.labels(); labels != "v1[SYSPREVIOUS] v2[BLUE SYSCURRENT] v3[]" {
				t.Errorf("the refused call left %s", labels)
			}
		})
	}
}

func TestTheConsoleIsForThisMachineAlone(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]struct {
		change func(*http.Request)
		fine   bool
	}{
		"loopback address":      {func(*http.Request) {}, true},
		"localhost":             {func(r *http.Request) { r.Host = "localhost:1" }, true},
		"IPv6":                  {func(r *http.Request) { r.Host = "[::1]:1" }, true},
		"rebound name":          {func(r *http.Request) { r.Host = "evil.example:8440" }, false},
		"name like localhost":   {func(r *http.Request) { r.Host = "localhost.evil.example" }, false},
		"page of another site":  {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, false},
		"form of another site":  {func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }, false},
		"body of another type":  {func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, false},
		"its own page's script": {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-origin") }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := seeded(t)
			c.url = listen(t, c.mock, c.mock.Console())
			r := c.request(http.MethodPut, controlS+"/state", `{"state":"DISABLED"}`)
			try.change(r)
			got := c.send(r)
			state, _ := c.mock.Secret("s")
			if fine := got.status == http.StatusNoContent; fine != try.fine || fine != (state.State == "DISABLED") {
				t.Errorf("got %v, and the secret is %s", got, state.State)
			}
		})
	}
}

func TestClientsOnOtherMachinesGetTheAPIAlone(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	c.url = listen(t, c.mock, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.RemoteAddr = net.JoinHostPort("192.0.2.1", "1234")
		c.mock.Console().ServeHTTP(w, r)
	}))
	c.do(http.MethodGet, blue, "").wantStatus(t, http.StatusOK)
	for _, path := range []string{"/", control, "/openapi.yaml", faults} {
		c.ask(http.MethodGet, path, "").wantStatus(t, http.StatusForbidden)
	}
}

func TestFaultsAreSetAtRunTime(t *testing.T) {
	t.Parallel()
	c := atConsole(t)
	c.ask(http.MethodPost, faults, `{"operation":"ShowStage","status":400,"error_code":"CSMS.0203"}`).wantStatus(t, http.StatusNoContent)
	c.ask(http.MethodPost, faults, `{"path":"/stages/","method":"get","status":503,"times":-1,"headers":{"Retry-After":"2"}}`)
	c.do(http.MethodGet, blue, "").wantError(t, http.StatusBadRequest, "CSMS.0203")
	for range 2 {
		got := c.do(http.MethodGet, blue, "")
		got.wantError(t, http.StatusServiceUnavailable, "APIGW.0201")
		if got.header.Get("Retry-After") != "2" || got.text("request_id") != got.header.Get("X-Request-Id") {
			t.Errorf("got %v, %v", got, got.header)
		}
	}
	left := c.ask(http.MethodGet, faults, "")
	left.wantText(t, "faults.0.path", "/stages/")
	left.wantText(t, "faults.0.times", "-1")
	c.ask(http.MethodPut, faults, `{"latency":"1ms","rate_limit":7,"faults":[{"delay":"1ms"}]}`).wantStatus(t, http.StatusNoContent)
	replaced := c.ask(http.MethodGet, faults, "")
	replaced.wantText(t, "latency", "1ms")
	replaced.wantText(t, "rate_limit", "7")
	replaced.wantText(t, "faults.0.delay", "1ms")
	replaced.wantText(t, "faults.1", "")
	c.ask(http.MethodDelete, faults, "").wantStatus(t, http.StatusNoContent)
	if got := c.ask(http.MethodGet, faults, ""); strings.TrimSpace(string(got.body)) != `{"latency":"0s","rate_limit":0,"faults":[]}` {
		t.Errorf("got %v", got)
	}
	c.do(http.MethodGet, blue, "").wantStatus(t, http.StatusOK)
}

func TestARateLimitRefusesWhatIsTooMuchForASecond(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	c.mock.SetRateLimit(1)
	c.do(http.MethodGet, blue, "").wantStatus(t, http.StatusOK)
	c.do(http.MethodGet, "/v3/projects", "").wantStatus(t, http.StatusOK)
	refused := false
	for range 50 {
		refused = refused || c.do(http.MethodPut, blue, `{"version_id":"v1"}`).status == http.StatusTooManyRequests
	}
	if !refused {
		t.Error("fifty requests at once are all answered")
	}
}

func TestLatencyHoldsEveryRequest(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	const latency = 50 * time.Millisecond
	c.mock.SetLatency(latency)
	before := time.Now()
	c.do(http.MethodGet, blue, "").wantStatus(t, http.StatusOK)
	if took := time.Since(before); took < latency {
		t.Errorf("it took %v", took)
	}
	c.mock.SetLatency(0)
}
