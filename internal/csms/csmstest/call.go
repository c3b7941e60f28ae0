package csmstest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// maxBodyBytes is the size from which the gateway refuses a request's body.
const maxBodyBytes = 12 << 20

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
	secret   *secret  // Set if the route needs it, as fields is.
	fields   fields
	record   Request
}

func (s *Server) receive(w http.ResponseWriter, r *http.Request) *call {
	c := &call{server: s, request: r, arrived: time.Now(), path: map[string]string{}}
	var tooLarge *http.MaxBytesError
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBodyBytes))
	c.tooLarge = errors.As(err, &tooLarge)
	if err != nil && !c.tooLarge {
		panic(http.ErrAbortHandler) // The client went away while sending.
	}
	c.body = body
	c.route = s.match(r.Method, r.URL.EscapedPath(), c.path)
	c.record = Request{
		Method: r.Method, Path: r.URL.Path, RawQuery: r.URL.RawQuery, Header: r.Header.Clone(), Body: body,
		ProjectID: c.path["project_id"], Secret: c.path["secret_name"],
		Stage: c.path["stage_name"], Version: c.path["version_id"],
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

// finish records the request with the response it is about to get.
func (s *Server) finish(c *call, resp response) {
	c.record.Status = resp.status
	c.record.Duration = time.Since(c.arrived)
	s.remember(&c.record)
	if s.cfg.observe != nil {
		s.cfg.observe(c.record.clone())
	}
}
