package csmstest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	// maxBodyBytes is the size from which the gateway refuses a request's body.
	maxBodyBytes = 12 << 20
	// maxKeptBytes is how much of a body is looked at. A value has at most 32 KiB, which JSON may
	// write six times as long: a body beyond that is malformed whatever follows.
	maxKeptBytes = 1 << 20
)

// keptBody is the beginning of a body.
type keptBody []byte

func (b *keptBody) Write(p []byte) (int, error) {
	*b = append(*b, p[:min(len(p), maxKeptBytes-len(*b))]...)
	return len(p), nil
}

// call is one request on its way through the server.
type call struct {
	server   *Server
	request  *http.Request
	body     []byte
	hash     string // Of the body, in hexadecimal.
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
	hash := sha256.New()
	var body keptBody
	_, err := io.Copy(io.MultiWriter(hash, &body), http.MaxBytesReader(w, r.Body, maxBodyBytes))
	var tooLarge *http.MaxBytesError
	c.tooLarge = errors.As(err, &tooLarge)
	if err != nil && !c.tooLarge {
		panic(http.ErrAbortHandler) // The client went away while sending.
	}
	c.body, c.hash = body, hex.EncodeToString(hash.Sum(nil))
	c.route = s.match(r.Method, r.URL.EscapedPath(), c.path)
	c.record = Request{
		Method: r.Method, Path: r.URL.Path, RawQuery: r.URL.RawQuery,
		ProjectID: c.path["project_id"], Secret: c.path["secret_name"],
		Stage: c.path["stage_name"], Version: c.path["version_id"],
	}
	if !s.cfg.withoutContent {
		c.record.Header, c.record.Body = r.Header.Clone(), c.body
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
