// Package csmstest is an in-memory Cloud Secret Management Service: an http.Handler that answers as CSMS v1 does, with its rules,
// limits, error codes and signatures, and with the calls of IAM that a client needs to sign in.
//
// It is written from the API's documentation alone and shares no code with the client it tests, so that a misreading on one side
// shows as a failing test instead of cancelling out. It starts no listener: wrap it in httptest.NewServer, or run the command
// csms-mock.
//
// A Server plays three parts. As a service it answers requests. As somebody else it changes secrets behind the client's back
// (PutSecret, AddVersion, MoveStage and so on). As a bad day it fails requests on demand (Fail). Afterwards it tells which requests
// it has seen (Requests).
package csmstest

import (
	"errors"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// What a server built by New without options accepts, and what csms-mock prints for people to paste.
const (
	DefaultRegion     = "cn-north-4"
	DefaultProjectID  = "0123456789abcdef0123456789abcdef"
	DefaultDomainID   = "fedcba9876543210fedcba9876543210"
	DefaultDomainName = "mock-domain"
	DefaultAccessKey  = "mock-access-key"
	DefaultSecretKey  = "mock-secret-key"
	DefaultUserID     = "00112233445566778899aabbccddeeff"
	DefaultUserName   = "mock-user"
	DefaultPassword   = "mock-password"
	// DefaultToken is accepted only by a server that was given WithToken(DefaultToken).
	DefaultToken = "mock-token-mock-token-mock-token"
)

// Server is the mock endpoint. Its zero value is not usable; call New. All methods are safe for concurrent use, and every request
// and every method takes effect at one instant.
//
// The methods that seed secrets or play somebody else work on the default region's project; Project gives the same methods for
// another one.
type Server struct {
	*defaultProject

	cfg    config
	routes []route

	mu       sync.Mutex
	now      func() time.Time
	projects map[string]*Project
	keys     map[string]*accessKey
	tokens   map[string]*grant

	metadataTokens map[string]time.Time // When each expires.
	instanceKey    temporaryKey

	faults   []*Fault
	latency  time.Duration
	limiter  *rate.Limiter // Nil for no limit.
	requests []Request
	serial   uint64

	revision  uint64        // Counts what has happened: changes, requests, faults.
	happened  chan struct{} // Closed when something happens, and replaced.
	statePath string        // Empty for none.

	closeOnce sync.Once
	closed    chan struct{}
}

// defaultProject lets Server embed the project whose methods it offers as its own: an embedded Project would take the name of
// Server's method.
type defaultProject = Project

// New builds a server that holds no secrets. It panics if an option's value makes no sense.
func New(opts ...Option) *Server {
	s := &Server{
		cfg:            defaultConfig(),
		routes:         routes(),
		projects:       map[string]*Project{},
		keys:           map[string]*accessKey{},
		tokens:         map[string]*grant{},
		metadataTokens: map[string]time.Time{},
		happened:       make(chan struct{}),
		closed:         make(chan struct{}),
	}
	for _, opt := range opts {
		opt(&s.cfg)
	}
	s.now = s.cfg.clock
	for _, p := range s.cfg.projects {
		s.projects[p.id] = &Project{server: s, id: p.id, name: p.name, domainID: p.domainID, secrets: map[string]*secret{}}
	}
	s.defaultProject = s.projects[DefaultProjectID]
	for id, key := range s.cfg.keys {
		s.keys[id] = &key
	}
	for token := range s.cfg.tokens {
		s.tokens[token] = &grant{domainID: DefaultDomainID, projectID: DefaultProjectID}
	}
	return s
}

// Project gives the secrets of another project, which WithProject or WithAgency must have added; it panics for any other.
func (s *Server) Project(projectID string) *Project {
	p, ok := s.projects[projectID]
	if !ok {
		panic("csmstest: no project " + projectID + "; add it with WithProject or WithAgency")
	}
	return p
}

// SetClock replaces the service's clock, which dates versions and labels and decides what has expired. Signatures are checked
// against the wall clock all the same (see WithSignatureClock), for that is what clients sign with.
func (s *Server) SetClock(now func() time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = now
}

// Close ends the requests that a fault keeps hanging, and the streams of the board. The server goes on answering others.
func (s *Server) Close() {
	s.closeOnce.Do(func() { close(s.closed) })
}

// ServeHTTP answers one request. It may stand behind http.StripPrefix: signatures are checked against the path that the client
// sent, while the operation is found from the path that is left.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := s.receive(w, r)
	fault := s.takeFault(c)
	if !s.linger(c) || !s.wait(c, fault) {
		s.finish(c, answer{})
		panic(http.ErrAbortHandler)
	}
	a := s.answer(c, fault)
	s.finish(c, a)
	s.send(w, c, a, fault)
}

// answer processes the request, unless a fault stands in for the service, and returns what goes back.
func (s *Server) answer(c *call, fault *Fault) answer {
	if fault == nil {
		return s.process(c)
	}
	var a answer
	if fault.reachesService() {
		a = s.process(c)
	}
	switch {
	case fault.Reset, fault.Hang:
		return answer{}
	case fault.Status != 0:
		return fault.answer(c)
	default:
		return a
	}
}

// process lets the service act on a request. It is the one place where requests touch the store.
func (s *Server) process(c *call) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.now = s.now().UTC()
	collected := s.collectUnlabelled()
	a, err := s.handle(c)
	if collected || c.record.Changed {
		err = errors.Join(err, s.changed())
	}
	if err != nil {
		return s.refuse(c, err)
	}
	return a
}

func (s *Server) handle(c *call) (answer, error) {
	if c.tooLarge {
		return answer{}, errBodyTooLarge
	}
	if c.route == nil {
		return answer{}, errNoSuchAPI
	}
	if c.route.access != anyone {
		if err := s.authenticate(c); err != nil {
			return answer{}, err
		}
	}
	if c.route.access == projectMembers {
		if err := s.enterProject(c); err != nil {
			return answer{}, err
		}
	}
	return c.route.handle(c)
}

// collectUnlabelled deletes the versions that carry no label, as the service may at any time, if the server was told to. It tells
// whether there were any.
func (s *Server) collectUnlabelled() (collected bool) {
	if !s.cfg.collectUnlabelled {
		return false
	}
	for _, p := range s.projects {
		for _, sec := range p.secrets {
			collected = sec.collectUnlabelled() || collected
		}
	}
	return collected
}
