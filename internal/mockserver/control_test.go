package mockserver_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/mockserver"
)

func TestControlCallsChangeSecretsFromOutside(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	for _, step := range []struct {
		method, path, body, stages string
	}{
		{http.MethodPut, controlS + "/stages/BLUE", `{"version_id":"v1"}`, "v1[BLUE SYSPREVIOUS] v2[SYSCURRENT] v3[]"},
		{http.MethodPut, controlS + "/stages/NEW", `{"version_id":"v3"}`,
			"v1[BLUE SYSPREVIOUS] v2[SYSCURRENT] v3[NEW]"},
		{http.MethodDelete, controlS + "/stages/SYSPREVIOUS", ``, "v1[BLUE] v2[SYSCURRENT] v3[NEW]"},
		{http.MethodPost, controlS + "/versions", `{"value":"x"}`, "v1[BLUE] v2[SYSPREVIOUS] v3[NEW] v4[SYSCURRENT]"},
		{http.MethodPost, controlS + "/versions", `{"stages":["NEW"]}`,
			"v1[BLUE] v2[SYSPREVIOUS] v3[] v4[SYSCURRENT] v5[NEW]"},
		{http.MethodDelete, controlS + "/versions/v1", ``, "v2[SYSPREVIOUS] v3[] v4[SYSCURRENT] v5[NEW]"},
		{http.MethodPut, controlS, `{}`, "v1[SYSCURRENT]"},
	} {
		if got := c.do(step.method, step.path, step.body); got.status >= http.StatusBadRequest {
			t.Fatalf("%s %s: %v", step.method, step.path, got)
		}
		if stages := c.stages(); stages != step.stages {
			t.Errorf("%s %s %s leaves %s, want %s", step.method, step.path, step.body, stages, step.stages)
		}
	}
}

func TestControlCallsSetStatesAndExpiries(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.do(http.MethodPut, controlS+"/versions/v1/expiry", `{"expire_time":"2020-01-01T08:00:00+08:00"}`).
		want(t, http.StatusNoContent)
	if got := c.mock.Expiry("s", "v1"); !got.Equal(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("got %v", got)
	}
	c.do(http.MethodPut, controlS+"/versions/v1/expiry", `{"expire_time":null}`).want(t, http.StatusNoContent)
	if got := c.mock.Expiry("s", "v1"); !got.IsZero() {
		t.Errorf("got %v", got)
	}
	c.do(http.MethodPut, controlS+"/state", `{"state":"FROZEN"}`).want(t, http.StatusNoContent)
	c.do(http.MethodGet, secretS, "").want(t, http.StatusOK, `"state":"FROZEN"`)
	c.do(http.MethodDelete, controlS, "").want(t, http.StatusNoContent)
	c.do(http.MethodGet, secretS, "").want(t, http.StatusNotFound, "CSMS.0106")
}

func TestControlCallsReachOtherProjects(t *testing.T) {
	t.Parallel()
	const east = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
	c := newClient(t, csmstest.WithProject("cn-east-3", east))
	c.do(http.MethodPut, control+"/eastern?project_id="+east, `{"state":"DISABLED"}`).want(t, http.StatusNoContent)
	c.do(http.MethodGet, control+"?project_id="+east, "").want(t, http.StatusOK, `"name":"eastern"`)
	c.do(http.MethodGet, control+"?region=cn-east-3", "").want(t, http.StatusOK, `"name":"eastern"`)
	c.do(http.MethodGet, control, "").want(t, http.StatusOK, `"name":"s"`)
	c.do(http.MethodGet, control+"?project_id=x", "").want(t, http.StatusNotFound)
	c.do(http.MethodGet, control+"?region=cn-north-4&project_id="+east, "").want(t, http.StatusNotFound)
}

func TestRegionsHaveAddressesOfTheirOwn(t *testing.T) {
	t.Parallel()
	const east = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
	c := newClient(t, csmstest.WithProject("cn-east-3_blue", east), csmstest.WithProject("v1", "of a confusing name"))
	c.url = serve(t, c.mock, mockserver.Handler(c.mock, mockserver.Access{})).url
	c.mock.Project(east).PutSecret(csmstest.Secret{Name: "s"})
	login := fmt.Sprintf(`{"auth":{"identity":{"methods":["password"],"password":{"user":{"id":%q,"password":%q}}},`+
		`"scope":{"project":{"id":%q}}}}`, csmstest.DefaultUserID, csmstest.DefaultPassword, east)
	token := c.do(http.MethodPost, "/cn-east-3/v3/auth/tokens", login).header.Get("X-Subject-Token")
	inEast := func(address string) reply {
		r := c.request(http.MethodGet, address+"/v1/"+east+"/secrets/s/stages/SYSCURRENT", "")
		r.Header.Set("X-Auth-Token", token)
		return c.send(r)
	}
	inEast("").want(t, http.StatusOK)
	inEast("/cn-east-3").want(t, http.StatusOK, `"version_id":"v1"`)
	inEast("/cn-north-4").want(t, http.StatusForbidden, "KMS.0321")
	inEast("/cn-east-9").want(t, http.StatusNotFound, "APIGW.0101")
	c.do(http.MethodGet, "/cn-north-4"+blue, "").want(t, http.StatusOK, `"version_id":"v2"`)
	c.do(http.MethodGet, "/cn-east-3"+blue, "").want(t, http.StatusForbidden, "KMS.0321")

	requests := c.do(http.MethodGet, "/_control/requests?region=cn-east-3_blue", "")
	requests.want(t, http.StatusOK, `"region":"cn-east-3_blue"`)
	requests.wantNone(t, `"region":"cn-north-4"`)
	if n := strings.Count(requests.body, `"operation"`); n != 3 {
		t.Errorf("%d requests are listed for the region", n)
	}
}

func TestSecretsAreListedAsASeedWithoutValues(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.mock.SetExpiry("s", "v2", instant)
	got := c.do(http.MethodGet, control, "")
	got.wantNone(t, `"value"`, "three")
	seed, err := mockserver.ReadSeed(strings.NewReader(got.body))
	if err != nil {
		t.Fatal(err)
	}
	again := csmstest.New(csmstest.WithClock(clock))
	if err := again.Restore(seed); err != nil {
		t.Fatal(err)
	}
	if again.StageHolder("s", "BLUE") != "v2" || !again.Expiry("s", "v2").Equal(instant.Truncate(time.Second)) {
		t.Errorf("the seed %s does not make the same secret", got.body)
	}
}

func TestRequestsAreListedWithoutCredentialsAndValues(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.do(http.MethodPost, versions, `{"secret_string":"the-value"}`)
	got := c.do(http.MethodGet, "/_control/requests", "")
	got.want(t, http.StatusOK, `"operation":"CreateVersion"`, `"changed":true`)
	got.wantNone(t, "the-value", csmstest.DefaultToken)
	c.do(http.MethodDelete, "/_control/requests", "").want(t, http.StatusNoContent)
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
		"unknown call":           {http.MethodPost, "/_control/nothing", `{}`, 404},
		"unknown secret":         {http.MethodPut, control + "/x/state", `{"state":"ENABLED"}`, 404},
		"unknown version":        {http.MethodPut, controlS + "/stages/BLUE", `{"version_id":"v9"}`, 404},
		"unknown version's end":  {http.MethodPut, controlS + "/versions/v9/expiry", `{"expire_time":null}`, 404},
		"unknown state":          {http.MethodPut, controlS + "/state", `{"state":"GONE"}`, 400},
		"bad stage":              {http.MethodPut, controlS + "/stages/a.b", `{"version_id":"v1"}`, 400},
		"bad stage of a new one": {http.MethodPost, controlS + "/versions", `{"stages":["a.b"]}`, 400},
		"another name":           {http.MethodPut, controlS, `{"name":"t"}`, 400},
		"unknown member":         {http.MethodPut, controlS, `{"Version":[]}`, 400},
		"unknown parameter":      {http.MethodPut, controlS + "/stages/BLUE?project=x", `{"version_id":"v1"}`, 400},
		"region of all requests": {http.MethodDelete, "/_control/requests?region=cn-north-4", ``, 400},
		"region of faults":       {http.MethodDelete, faults + "?region=cn-north-4", ``, 400},
		"two values":             {http.MethodPut, controlS, `{}{}`, 400},
		"milliseconds": {http.MethodPut, controlS + "/versions/v1/expiry", `{"expire_time":1893456000000}`,
			400},
		"unknown operation":       {http.MethodPost, faults, `{"operation":"MoveStage","status":500}`, 400},
		"fault without effect":    {http.MethodPost, faults, `{"operation":"PutStage"}`, 400},
		"code without status":     {http.MethodPost, faults, `{"error_code":"X"}`, 400},
		"status of no response":   {http.MethodPost, faults, `{"status":100}`, 400},
		"broken expression":       {http.MethodPost, faults, `{"path":"(","status":500}`, 400},
		"endless delay":           {http.MethodPost, faults, `{"delay":"long"}`, 400},
		"unknown member of fault": {http.MethodPost, faults, `{"Delays":"1s"}`, 400},
		"negative latency":        {http.MethodPut, faults, `{"latency":"-1s"}`, 400},
		"one bad fault of two": {http.MethodPut, faults, `{"faults":[{"status":500},{"times":-2,"status":500}]}`,
			400},
		"faults not a list": {http.MethodPut, faults, `{"faults":{}}`, 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t)
			// Some of these calls are not described.
			c.url = serve(t, c.mock, mockserver.Handler(c.mock, mockserver.Access{})).url
			c.do(try.method, try.path, try.body).want(t, try.status, `"error":"`)
			if stages := c.stages(); stages != "v1[SYSPREVIOUS] v2[BLUE SYSCURRENT] v3[]" {
				t.Errorf("the refused call left %s", stages)
			}
		})
	}
}

func TestFaultsAreSetAtRunTime(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.do(http.MethodPost, faults, `{"operation":"ShowStage","status":400,"error_code":"CSMS.0203"}`).
		want(t, http.StatusNoContent)
	c.do(http.MethodPost, faults,
		`{"path":"/stages/","method":"get","status":503,"times":-1,"headers":{"Retry-After":"2"}}`)
	c.do(http.MethodGet, blue, "").want(t, http.StatusBadRequest, "CSMS.0203")
	for range 2 {
		got := c.do(http.MethodGet, blue, "")
		got.want(t, http.StatusServiceUnavailable, "APIGW.0201", `"request_id":"`+got.header.Get("X-Request-Id")+`"`)
		if got.header.Get("Retry-After") != "2" {
			t.Errorf("got %v", got.header)
		}
	}
	c.do(http.MethodGet, faults, "").
		want(t, http.StatusOK, `[{"method":"GET","path":"/stages/","times":-1,"status":503`)
	c.do(http.MethodPut, faults,
		`{"latency":"1ms","rate_limit":7,"faults":[{"delay":"1ms"},{"status":418,"body":"x"}]}`).
		want(t, http.StatusNoContent)
	c.do(http.MethodGet, faults, "").want(t, http.StatusOK,
		`{"latency":"1ms","rate_limit":7,"faults":[{"times":1,"delay":"1ms"},{"times":1,"status":418,"body":"x"}]}`)
	c.do(http.MethodDelete, faults, "").want(t, http.StatusNoContent)
	c.do(http.MethodGet, faults, "").want(t, http.StatusOK, `{"latency":"0s","rate_limit":0,"faults":[]}`)
	c.do(http.MethodGet, blue, "").want(t, http.StatusOK)
}

func TestFaultsHaveTheGatewaysCodesUnlessTold(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	for status, code := range map[string]string{
		"401": "APIGW.0301", "403": "APIGW.0302", "404": "APIGW.0101", "429": "APIGW.0308", "500": "APIGW.0201",
	} {
		c.do(http.MethodPost, faults, `{"status":`+status+`}`).want(t, http.StatusNoContent)
		if got := c.do(http.MethodGet, blue, ""); !strings.Contains(got.body, code) {
			t.Errorf("%s comes with %s", status, got.body)
		}
	}
}
