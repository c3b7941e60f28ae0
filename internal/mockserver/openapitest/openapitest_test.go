package openapitest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func TestComparisonSeesWhatIsNotAsDescribed(t *testing.T) {
	t.Parallel()
	const (
		path = "/v1/" + csmstest.DefaultProjectID + "/secrets/s/stages/BLUE"
		move = `{"version_id":"v1"}`
		sent = `{"stage":{"name":"A","update_time":1000,"secret_name":"s","version_id":"v1"}}`
	)
	for name, try := range map[string]struct {
		method, request string
		status          int
		response        string
		fine            bool
	}{
		"all as described":        {http.MethodPut, move, 200, sent, true},
		"request of a wrong tag":  {http.MethodPut, `{"versionId":"v1"}`, 200, sent, false},
		"response of a wrong tag": {http.MethodPut, move, 200, `{"stage":{"Name":"A"}}`, false},
		"another status":          {http.MethodPut, move, 201, sent, false},
		"error of no shape":       {http.MethodGet, ``, 404, `{"message":"gone"}`, false},
		"a refused request":       {http.MethodPut, `{}`, 400, `{"error_code":"CSMS.0002","error_msg":"no"}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), try.method, path, strings.NewReader(try.request))
			r.Header.Set("Content-Type", "application/json")
			got := &recorder{ResponseWriter: httptest.NewRecorder()}
			got.Header().Set("Content-Type", "application/json")
			got.Header().Set("X-Request-Id", "1")
			got.WriteHeader(try.status)
			if _, err := got.Write([]byte(try.response)); err != nil {
				t.Fatal(err)
			}
			if err := compare(r, got); (err == nil) != try.fine {
				t.Errorf("got %v", err)
			}
		})
	}
}
