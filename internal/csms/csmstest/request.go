package csmstest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Request is one request that the server has seen, and how it ended.
type Request struct {
	// Operation is the API's name of the call, such as PutStage; empty for a path that the API does
	// not have.
	Operation string `json:"operation"`

	// What was sent. Header holds credentials and Body may hold values: neither belongs in a log.
	Method   string      `json:"method"`
	Path     string      `json:"path"` // As routed, without what http.StripPrefix took away.
	RawQuery string      `json:"query"`
	Header   http.Header `json:"-"`
	Body     []byte      `json:"-"`

	// What the path names; empty where it names none.
	Region    string `json:"region"` // The name of the project, which is the region's for a region's own project.
	ProjectID string `json:"project_id"`
	Secret    string `json:"secret_name"`
	Stage     string `json:"stage_name"`
	Version   string `json:"version_id"`

	// How it ended. Status is 0 if the client got no response.
	Status    int           `json:"status"`
	Code      string        `json:"error_code"` // Also of a response that a fault held back.
	RequestID string        `json:"request_id"`
	Time      time.Time     `json:"time"` // When it arrived, by the service's clock.
	Duration  time.Duration `json:"-"`
	SignedBy  string        `json:"-"`       // The access key, or "token"; empty if it was not authenticated.
	Faulty    bool          `json:"faulty"`  // Whether a fault had a hand in the response.
	Changed   bool          `json:"changed"` // Whether it changed secrets: not so for redundant writes.
}

// String describes the request in one line without credentials or values, for logs.
func (r Request) String() string {
	status := "no response"
	if r.Status != 0 {
		status = strings.TrimSpace(fmt.Sprintf("%d %s", r.Status, r.Code))
	}
	target := r.Path
	if r.RawQuery != "" {
		target += "?" + r.RawQuery
	}
	operation := cmp.Or(r.Operation, "unknown operation")
	if r.Region != "" {
		operation += " in " + r.Region
	}
	return fmt.Sprintf("%s %s %q -> %s (%s, request %s)",
		r.Time.Format(time.RFC3339), r.Method, target, status, operation, r.RequestID)
}

// MarshalJSON encodes the request without header and body, so that neither credentials nor values
// get into logs.
func (r Request) MarshalJSON() ([]byte, error) {
	type plain Request
	return json.Marshal(struct {
		plain

		Milliseconds float64 `json:"duration_ms"`
	}{plain(r), float64(r.Duration) / float64(time.Millisecond)})
}

func (r Request) clone() Request {
	r.Header = r.Header.Clone()
	r.Body = slices.Clone(r.Body)
	return r
}

// Requests returns the requests answered so far, in the order in which their processing ended. A
// request is listed before its response leaves: a client that has the response finds the request
// here.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Request, len(s.requests))
	for i := range s.requests {
		all[i] = s.requests[i].clone()
	}
	return all
}

// Count returns how many of Requests were calls of an operation.
func (s *Server) Count(operation string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for i := range s.requests {
		if s.requests[i].Operation == operation {
			n++
		}
	}
	return n
}

// ResetRequests forgets the requests seen so far.
func (s *Server) ResetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
	s.notify()
}

func (s *Server) remember(r *Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, *r)
	s.notify()
	if limit := s.cfg.maxRequests; limit > 0 && len(s.requests) > limit {
		s.requests = slices.Delete(s.requests, 0, len(s.requests)-limit)
	}
}
