package main

import (
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"

	"github.com/csms/terraform-provider-csms/internal/cmd/internal/fleet"
	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// service is a mock endpoint behind a network that fails.
type service struct {
	*csmstest.Server
	fleet     fleet.Fleet
	url       string
	listener  *httptest.Server
	mu        sync.Mutex
	random    *rand.Rand
	rate      float64
	faults    map[string]int
	failed    map[string]int // by method and path: faults whose retry has not come yet
	lost      map[string]int // by method and path: writes that took effect unheard
	retries   int
	writes    int
	redundant []string
}

func newService(seed uint64, rate float64, f fleet.Fleet) *service {
	s := &service{
		fleet: f, random: newRandom(seed), rate: rate, faults: map[string]int{}, failed: map[string]int{}, lost: map[string]int{},
	}
	s.Server = csmstest.New(csmstest.WithUpdateTimeKeptOnSameVersion(), csmstest.WithRequestLimit(1), csmstest.WithRequestLog(s.look))
	f.Seed(s.Server)
	s.listener = httptest.NewServer(s)
	s.url = s.listener.URL
	return s
}

// newRandom returns numbers that a seed repeats.
func newRandom(seed uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, seed)) //nolint:gosec // Repeatability is the point: nothing is guarded by it.
}

// faultKinds are the ways in which an answer is lost.
var faultKinds = []string{"429", "500", "502", "503", "504", "reset before", "reset after", "truncated"}

// draw decides what happens to a request; "" is nothing.
func (s *service) draw(key string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed[key] > 0 {
		s.failed[key]--
		s.retries++
	}
	if s.random.Float64() >= s.rate {
		return ""
	}
	kind := faultKinds[s.random.IntN(len(faultKinds))]
	s.faults[kind]++
	s.failed[key]++
	return kind
}

// ServeHTTP answers as the service, or loses the answer.
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key := r.Method + " " + r.URL.Path
	switch kind := s.draw(key); kind {
	case "":
		s.Server.ServeHTTP(w, r)
	case "reset before":
		reset(w)
	case "reset after", "truncated":
		answer := httptest.NewRecorder()
		s.Server.ServeHTTP(answer, r)
		s.lose(key)
		if kind == "truncated" {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write(answer.Body.Bytes()[:answer.Body.Len()/2])
		}
		reset(w)
	default:
		http.Error(w, "<html><title>chaos</title></html>", map[string]int{"429": 429, "500": 500, "502": 502, "503": 503, "504": 504}[kind])
	}
}

// lose notes that a request took effect and the caller will never know.
func (s *service) lose(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost[key]++
}

// look watches each request that the service processed.
func (s *service) look(r csmstest.Request) {
	if r.Method == http.MethodGet || r.Status >= 300 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes++
	key := r.Method + " " + r.Path
	switch {
	case r.Changed:
	case s.lost[key] > 0: // the repetition of a write that nobody heard of
		s.lost[key]--
	default:
		s.redundant = append(s.redundant, r.String())
	}
}

// reset closes the connection without an answer.
func reset(w http.ResponseWriter) {
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		return
	}
	connection, _, err := hijacker.Hijack()
	if err != nil {
		return
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}
