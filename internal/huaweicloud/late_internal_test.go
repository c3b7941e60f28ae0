package huaweicloud

import (
	"errors"
	"net/http"
	"testing"
	"time"
)

func TestRequestThatComesTooLateIsNotSent(t *testing.T) {
	t.Parallel()
	cfg := Config{Region: "cn-north-4", Token: "a-token", ProjectID: "0123456789abcdef0123456789abcdef", MaxRetries: 3}
	cfg.Hooks.RoundTrip = func(*http.Request) (*http.Response, error) {
		return nil, errors.New("it was sent")
	}
	s, err := NewSession("kms", cfg)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Do(SendWithin(t.Context(), -time.Second), Request{Operation: "write", Method: http.MethodPut, Path: "/", Once: true})
	if e, ok := errors.AsType[*Error](err); !ok || !errors.Is(err, ErrLate) || e.Sent || e.Attempts != 0 {
		t.Errorf("got %v", err)
	}
}
