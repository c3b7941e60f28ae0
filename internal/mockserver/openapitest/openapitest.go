// Package openapitest compares what a mock serves with its OpenAPI description.
package openapitest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/mockserver"
)

// router finds an operation in the description, which is read once for all tests: it is read only.
var router = sync.OnceValues(func() (routers.Router, error) {
	document, err := openapi3.NewLoader().LoadFromData([]byte(mockserver.OpenAPI()))
	if err != nil {
		return nil, err
	}
	return legacy.NewRouter(document)
})

// Check lets the responses of a mock's handler through and compares them, and the requests that they
// accept, with the description: each response must be described, and each request that is accepted
// must be allowed. Responses of faults are left alone: the service would not send them.
func Check(t *testing.T, mock *csmstest.Server, handler http.Handler) http.Handler {
	t.Helper()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		sent := r.Clone(context.WithoutCancel(r.Context()))
		sent.Body = io.NopCloser(bytes.NewReader(text))
		r.Body = io.NopCloser(bytes.NewReader(text))
		recorded := &recorder{ResponseWriter: w}
		handler.ServeHTTP(recorded, r)
		isControl := strings.HasPrefix(r.URL.Path, "/_control/")
		if recorded.status != 0 && (isControl || !faulty(mock, recorded.Header().Get("X-Request-Id"))) {
			if err := compare(sent, recorded); err != nil {
				t.Errorf("the response to %s %s is %d %s\nwhich is not as described: %v",
					r.Method, r.URL, recorded.status, &recorded.body, err)
			}
		}
	})
}

// recorder keeps a response while it is sent.
type recorder struct {
	http.ResponseWriter

	status int
	body   bytes.Buffer
}

func (w *recorder) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	w.body.Write(p)
	return w.ResponseWriter.Write(p)
}

func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// faulty reports whether a fault made the response with this id. One that took the id away left none
// to look for.
func faulty(mock *csmstest.Server, requestID string) bool {
	for _, seen := range mock.Requests() {
		if seen.RequestID == requestID {
			return seen.Faulty
		}
	}
	return requestID == ""
}

func compare(sent *http.Request, got *recorder) error {
	operations, err := router()
	if err != nil {
		return err
	}
	route, path, err := operations.FindRoute(sent)
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
	request := &openapi3filter.RequestValidationInput{Request: sent, PathParams: path, Route: route, Options: options}
	undeclared := sent.Header.Get("Content-Type") == "" && sent.ContentLength > 0
	if got.status < http.StatusBadRequest && !undeclared {
		if err := openapi3filter.ValidateRequest(sent.Context(), request); err != nil {
			return errors.Join(errors.New("the request that was accepted is not allowed"), err)
		}
	}
	response := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: request, Status: got.status, Header: got.Header(), Options: options,
	}
	if got.body.Len() > 0 {
		response.SetBodyBytes(got.body.Bytes())
	}
	return openapi3filter.ValidateResponse(sent.Context(), response)
}
