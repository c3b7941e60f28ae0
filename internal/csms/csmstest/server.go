// Package csmstest is an in-memory Cloud Secret Management Service for tests: an http.Handler that
// answers as CSMS v1 does, with its rules, limits, error codes and signatures, and with the calls
// of IAM that a client needs to sign in.
//
// It is written from the API's documentation only and shares no code with the client it tests, so
// that a misreading on one side shows as a failing test instead of canceling out. It starts no
// listener: wrap it in httptest.NewServer, or run the command csms-mock.
//
// A test changes secrets outside any request (PutSecret, AddVersion, MoveStage and so on), makes
// requests fail (Fail), and asks afterwards which requests were seen (Requests).
package csmstest

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// What a server built by New without options accepts.
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

// Variables returns the environment variables that point the provider at a server without further
// options, listening at a URL.
func Variables(url string) map[string]string {
	return map[string]string{
		"CSMS_ENDPOINT":  url,
		"HW_AUTH_URL":    url + "/v3",
		"HW_REGION_NAME": DefaultRegion,
		"HW_ACCESS_KEY":  DefaultAccessKey,
		"HW_SECRET_KEY":  DefaultSecretKey,
	}
}

// Server is the mock endpoint. Its zero value is not usable; call New. All methods are safe for
// concurrent use, and every request and every method takes effect at one instant.
//
// The methods that seed or change secrets work on the default region's project; Project returns
// the others, which have the same methods.
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

	faults    []*Fault
	latency   time.Duration
	rateLimit int                      // 0 for no limit.
	limiters  map[string]*rate.Limiter // By credential.
	requests  []Request
	serial    uint64

	revision uint64        // Counts changes, requests and faults.
	changed  chan struct{} // Closed when revision changes, and replaced.

	closeOnce sync.Once
	closed    chan struct{}
}

// defaultProject lets Server embed the project whose methods it offers as its own: an embedded
// Project would take the name of Server's method.
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
		changed:        make(chan struct{}),
		closed:         make(chan struct{}),
	}
	for _, opt := range opts {
		opt(&s.cfg)
	}
	s.now = s.cfg.clock
	for _, p := range s.cfg.projects {
		s.projects[p.id] = &Project{
			server: s, id: p.id, name: p.name, domainID: p.domainID, secrets: map[string]*secret{},
		}
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

// Project returns a project that WithProject or WithAgency has added; it panics for any other.
func (s *Server) Project(projectID string) *Project {
	p, ok := s.projects[projectID]
	if !ok {
		panic("csmstest: no project " + projectID + "; add it with WithProject or WithAgency")
	}
	return p
}

// Projects lists all projects, the default region's first, the others in the order of their ids.
func (s *Server) Projects() []*Project {
	all := []*Project{s.defaultProject}
	for _, id := range sortedKeys(s.projects) {
		if p := s.projects[id]; p != s.defaultProject {
			all = append(all, p)
		}
	}
	return all
}

// Now returns the time by the service's clock, in UTC.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now().UTC()
}

// SetClock replaces the service's clock, which dates versions and stages and decides what has
// expired. Signatures are checked against the wall clock (see WithSignatureClock), for that is what
// clients sign with.
func (s *Server) SetClock(now func() time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = now
}

// Close ends the requests that a fault keeps hanging. The server goes on answering others.
func (s *Server) Close() {
	s.closeOnce.Do(func() { close(s.closed) })
}

// Closed returns a channel that Close closes.
func (s *Server) Closed() <-chan struct{} { return s.closed }

// Watch returns the number of the last event, and a channel that is closed at the next one. Events
// are requests, changes of secrets and changes of faults.
func (s *Server) Watch() (revision uint64, next <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.revision, s.changed
}

// notify reports an event to those who watch.
func (s *Server) notify() {
	s.revision++
	close(s.changed)
	s.changed = make(chan struct{})
}

// saveChange reports a change of secrets to those who watch, and to the function that keeps them.
func (s *Server) saveChange() error {
	s.notify()
	if s.cfg.save == nil {
		return nil
	}
	return s.cfg.save(s.snapshot())
}

// ServeHTTP answers one request. It may stand behind http.StripPrefix: signatures are checked
// against the path that the client sent, while the operation is found from the path that is left.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := s.receive(w, r)
	fault := s.takeFault(c)
	if !s.waitLatency(c) || !s.applyDelay(c, fault) {
		s.finish(c, response{})
		panic(http.ErrAbortHandler)
	}
	resp := s.respond(c, fault)
	s.finish(c, resp)
	s.send(w, c, resp, fault)
}

// regionKey is the key of the region's name in the context of a request to a region's own address.
type regionKey struct{}

// Region returns a handler that serves the API as the region's own address does: projects of other
// regions are refused there. Behind http.StripPrefix it is one of several addresses.
func (s *Server) Region(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), regionKey{}, name)))
	})
}

// respond processes the request, unless a fault stands in for the service.
func (s *Server) respond(c *call, fault *Fault) response {
	if fault == nil {
		return s.process(c)
	}
	var resp response
	if fault.reachesService() {
		resp = s.process(c)
	}
	switch {
	case fault.Reset, fault.Hang:
		return response{}
	case fault.Status != 0:
		return fault.response(c)
	default:
		return resp
	}
}

// process lets the service act on a request. It is the one place where requests touch the store.
func (s *Server) process(c *call) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.now = s.now().UTC()
	collected := s.collectUnstaged()
	resp, err := s.handle(c)
	if collected || c.record.Changed {
		err = errors.Join(err, s.saveChange())
	}
	if err != nil {
		return s.refuse(c, err)
	}
	return resp
}

func (s *Server) handle(c *call) (response, error) {
	if c.tooLarge {
		return response{}, errBodyTooLarge
	}
	if c.route == nil {
		return response{}, errNoSuchAPI
	}
	if c.route.access != anyone {
		if err := s.authenticate(c); err != nil {
			return response{}, err
		}
	}
	if c.route.access == projectMembers {
		if err := s.enterProject(c); err != nil {
			return response{}, err
		}
	}
	if err := c.prepare(); err != nil {
		return response{}, err
	}
	return c.route.handle(c)
}

// collectUnstaged deletes the versions that no stage points at, as the service may at any time, if
// the option is set. It reports whether there were any.
func (s *Server) collectUnstaged() (collected bool) {
	if !s.cfg.collectUnstaged {
		return false
	}
	for _, p := range s.projects {
		for _, sec := range p.secrets {
			before := len(sec.Versions)
			sec.Versions = slices.DeleteFunc(sec.Versions, func(v Version) bool { return len(sec.stagesOf(v.ID)) == 0 })
			collected = collected || len(sec.Versions) < before
		}
	}
	return collected
}
