package csmstest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// maxBodyBytes is the size from which the gateway refuses a request's body.
const maxBodyBytes = 12 << 20

// Request is one request that the server has seen, and how it ended.
type Request struct {
	// Operation is the API's name of the call, such as PutStage; empty for a path that the API does not have.
	Operation string

	// What was sent. Header holds credentials and Body may hold values: neither belongs in a log.
	Method   string
	Path     string // As routed, without what http.StripPrefix took away.
	RawQuery string
	Header   http.Header
	Body     []byte

	// What the path names; empty where it names none.
	Region    string // The name of the project, which is the region's for a region's own project.
	ProjectID string
	Secret    string
	Stage     string
	Version   string

	// How it ended. Status is 0 if the client got no answer.
	Status    int
	Code      string // The error code; also of an answer that a fault held back.
	RequestID string
	Time      time.Time // When it arrived, by the service's clock.
	Duration  time.Duration
	SignedBy  string // The access key, or "token"; empty if the request was not authenticated.
	Faulty    bool   // Whether a fault had a hand in the answer.
	Changed   bool   // Whether the secrets differ from what they were before: false for reads, refusals and redundant writes.
}

// String describes the request in one line without credentials or values, for logs.
func (r Request) String() string {
	status := "no answer"
	if r.Status != 0 {
		status = strings.TrimSpace(fmt.Sprintf("%d %s", r.Status, r.Code))
	}
	target := r.Path
	if r.RawQuery != "" {
		target += "?" + r.RawQuery
	}
	return fmt.Sprintf("%s %s %q -> %s (%s, request %s)", r.Time.Format(time.RFC3339), r.Method, target, status,
		cmp.Or(r.Operation, "unknown operation"), r.RequestID)
}

// MarshalJSON encodes what is known of the request without header and body, so that neither credentials nor values get into logs.
func (r Request) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Time      time.Time `json:"time"`
		Operation string    `json:"operation"`
		Method    string    `json:"method"`
		Path      string    `json:"path"`
		Query     string    `json:"query"`
		Region    string    `json:"region"`
		ProjectID string    `json:"project_id"`
		Secret    string    `json:"secret_name"`
		Stage     string    `json:"stage_name"`
		Version   string    `json:"version_id"`
		Status    int       `json:"status"`
		Code      string    `json:"error_code"`
		RequestID string    `json:"request_id"`
		Duration  float64   `json:"duration_ms"`
		Changed   bool      `json:"changed"`
		Faulty    bool      `json:"faulty"`
	}{
		r.Time, r.Operation, r.Method, r.Path, r.RawQuery, r.Region, r.ProjectID, r.Secret, r.Stage, r.Version,
		r.Status, r.Code, r.RequestID, float64(r.Duration) / float64(time.Millisecond), r.Changed, r.Faulty,
	})
}

func (r Request) clone() Request {
	copied := r
	copied.Header = r.Header.Clone()
	copied.Body = slices.Clone(r.Body)
	return copied
}

// Requests tells which requests have been answered so far, in the order in which their processing ended. A request is listed before
// its answer leaves, so whoever has an answer finds the request here.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Request, len(s.requests))
	for i := range s.requests {
		all[i] = s.requests[i].clone()
	}
	return all
}

// Count tells how many of Requests were calls of an operation.
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
	s.wake()
}

// call is one request on its way through the server.
type call struct {
	server   *Server
	request  *http.Request
	body     []byte
	tooLarge bool
	route    *route
	path     map[string]string // What the path names.
	arrived  time.Time
	now      time.Time // The service's clock when the request is processed.
	caller   caller
	project  *Project // Set for the calls of CSMS once the caller may enter it.
	record   Request
}

func (s *Server) receive(w http.ResponseWriter, r *http.Request) *call {
	c := &call{server: s, request: r, arrived: time.Now()}
	var tooLarge *http.MaxBytesError
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBodyBytes))
	c.tooLarge = errors.As(err, &tooLarge)
	if err != nil && !c.tooLarge {
		panic(http.ErrAbortHandler) // The client went away while sending.
	}
	c.body = body

	path := map[string]string{}
	c.path = path
	c.route = s.match(r.Method, r.URL.EscapedPath(), path)
	c.record = Request{
		Method: r.Method, Path: r.URL.Path, RawQuery: r.URL.RawQuery, Header: r.Header.Clone(), Body: bytes.Clone(body),
		ProjectID: path["project_id"], Secret: path["secret_name"], Stage: path["stage_name"], Version: path["version_id"],
	}
	if c.route != nil {
		c.record.Operation = c.route.operation
	}
	s.number(c)
	return c
}

// number gives the request its id. Ids count up, so that runs can be compared.
func (s *Server) number(c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	c.record.RequestID = fmt.Sprintf("%032x", s.serial)
	c.record.Time = s.now().UTC()
	if p, ok := s.projects[c.record.ProjectID]; ok {
		c.record.Region = p.name
	}
}

// finish records the request with the answer it is about to get.
func (s *Server) finish(c *call, a answer) {
	c.record.Status = a.status
	c.record.Duration = time.Since(c.arrived)
	s.remember(&c.record)
	if s.cfg.observe != nil {
		s.cfg.observe(c.record.clone())
	}
}

func (s *Server) remember(r *Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, *r)
	s.wake()
	if limit := s.cfg.maxRequests; limit > 0 && len(s.requests) > limit {
		s.requests = slices.Delete(s.requests, 0, len(s.requests)-limit)
	}
}
