package csmstest_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// description is the OpenAPI document, read once for all tests: it is read only.
var description = sync.OnceValues(func() (routers.Router, error) {
	document, err := openapi3.NewLoader().LoadFromData([]byte(csmstest.OpenAPI()))
	if err != nil {
		return nil, err
	}
	return legacy.NewRouter(document)
})

// described lets a server's answers through and compares them, and the requests that they accept, with the description: what is
// answered must be described, and what is accepted must be allowed. Faults answer what the service would not, and are left alone.
func described(t *testing.T, mock *csmstest.Server, handler http.Handler) http.Handler {
	t.Helper()
	router, err := description()
	if err != nil {
		t.Fatal(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		asked := r.Clone(context.WithoutCancel(r.Context()))
		asked.Body = io.NopCloser(bytes.NewReader(body))
		r.Body = io.NopCloser(bytes.NewReader(body))
		recorded := &transcript{ResponseWriter: w}
		handler.ServeHTTP(recorded, r)
		if recorded.status != 0 && (isControl(r) || !faulty(mock, recorded.Header().Get("X-Request-Id"))) {
			if err := compare(router, asked, recorded); err != nil {
				t.Errorf("%s %s is answered by %d %s\nwhich is not as described: %v", r.Method, r.URL, recorded.status, &recorded.body, err)
			}
		}
	})
}

// transcript keeps an answer while it is sent.
type transcript struct {
	http.ResponseWriter

	status int
	body   bytes.Buffer
}

func (w *transcript) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *transcript) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	w.body.Write(p)
	return w.ResponseWriter.Write(p)
}

func (w *transcript) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func isControl(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/_control/") }

// faulty tells whether a fault made the answer with this id. One that took the id away left none to look for.
func faulty(mock *csmstest.Server, requestID string) bool {
	for _, seen := range mock.Requests() {
		if seen.RequestID == requestID {
			return seen.Faulty
		}
	}
	return requestID == ""
}

func compare(router routers.Router, asked *http.Request, got *transcript) error {
	route, path, err := router.FindRoute(asked)
	if err != nil {
		if got.status == http.StatusNotFound {
			return nil
		}
		return err
	}
	options := &openapi3filter.Options{
		AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true, MultiError: true,
		SkipSettingDefaults: true,
	}
	request := &openapi3filter.RequestValidationInput{Request: asked, PathParams: path, Route: route, Options: options}
	undeclared := asked.Header.Get("Content-Type") == "" && asked.ContentLength > 0
	if got.status < http.StatusBadRequest && !undeclared {
		if err := openapi3filter.ValidateRequest(asked.Context(), request); err != nil {
			return errors.Join(errors.New("the request that was accepted is not allowed"), err)
		}
	}
	response := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: request, Status: got.status, Header: got.Header(), Options: options,
	}
	if got.body.Len() > 0 {
		response.SetBodyBytes(got.body.Bytes())
	}
	return openapi3filter.ValidateResponse(asked.Context(), response)
}

func TestTheDescriptionIsValidOpenAPI(t *testing.T) {
	t.Parallel()
	document, err := openapi3.NewLoader().LoadFromData([]byte(csmstest.OpenAPI()))
	if err != nil {
		t.Fatal(err)
	}
	if err := document.Validate(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestTheDescriptionHasTheOperationsThatAreServed(t *testing.T) {
	t.Parallel()
	document, err := openapi3.NewLoader().LoadFromData([]byte(csmstest.OpenAPI()))
	if err != nil {
		t.Fatal(err)
	}
	operations := map[string]string{}
	for path, item := range document.Paths.Map() {
		for method, operation := range item.Operations() {
			operations[method+" "+path] = operation.OperationID
			if slices.Contains(operation.Tags, csmstest.ControlOperation) {
				operations[method+" "+path] = csmstest.ControlOperation
			}
		}
	}
	served := csmstest.Routes()
	if !maps.Equal(operations, served) {
		t.Errorf("described are\n%v\nserved are\n%v", operations, served)
	}
}

func TestTheComparisonSeesWhatIsNotAsDescribed(t *testing.T) {
	t.Parallel()
	router, err := description()
	if err != nil {
		t.Fatal(err)
	}
	const stage = `{"stage":{"name":"A","update_time":1000,"secret_name":"s","version_id":"v1"}}`
	for name, try := range map[string]struct {
		method, path, body string
		status             int
		answer             string
		fine               bool
	}{
		"all as described":       {http.MethodPut, blue, `{"version_id":"v1"}`, 200, stage, true},
		"request of a wrong tag": {http.MethodPut, blue, `{"versionId":"v1"}`, 200, stage, false},
		"answer of a wrong tag":  {http.MethodPut, blue, `{"version_id":"v1"}`, 200, `{"stage":{"Name":"A"}}`, false},
		"another status":         {http.MethodPut, blue, `{"version_id":"v1"}`, 201, stage, false},
		"error of no shape":      {http.MethodGet, blue, ``, 404, `{"message":"gone"}`, false},
		"a refused request":      {http.MethodPut, blue, `{}`, 400, `{"error_code":"CSMS.0002","error_msg":"no"}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), try.method, try.path, strings.NewReader(try.body))
			r.Header.Set("Content-Type", "application/json")
			got := &transcript{status: try.status, ResponseWriter: recordedHeader{"Content-Type": {"application/json"}, "X-Request-Id": {"1"}}}
			got.body.WriteString(try.answer)
			if err := compare(router, r, got); (err == nil) != try.fine {
				t.Errorf("got %v", err)
			}
		})
	}
}

// recordedHeader is an answer of which only the header is looked at.
type recordedHeader http.Header

func (h recordedHeader) Header() http.Header         { return http.Header(h) }
func (h recordedHeader) Write(p []byte) (int, error) { return len(p), nil }
func (h recordedHeader) WriteHeader(int)             {}
