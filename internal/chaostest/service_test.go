package chaostest_test

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// service is a mock endpoint that loses answers, and watches what is written to it.
type service struct {
	*csmstest.Server
	url string

	mu        sync.Mutex
	random    *rand.Rand
	faults    int
	lost      map[string]int // by method and path: requests of whose effect nobody heard
	writes    int
	redundant []string
	killIn    int // so many writes from now the provider is killed; 0 for never
	kill      func()
}

func newService(t *testing.T, seed uint64) *service {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, seed)) //nolint:gosec // Repeatability is the point: nothing is guarded by it.
	s := &service{random: random, lost: map[string]int{}}
	s.Server = csmstest.New(
		csmstest.WithUpdateTimeKeptOnSameVersion(), csmstest.WithRequestLimit(1), csmstest.WithRequestLog(s.watch))
	listener := httptest.NewServer(s)
	t.Cleanup(listener.Close)
	t.Cleanup(s.Close)
	s.url = listener.URL
	return s
}

// answersLost are the ways in which an answer gets lost.
func answersLost() []csmstest.Fault {
	page := http.Header{"Content-Type": {"text/html"}}
	faults := []csmstest.Fault{
		csmstest.Throttled(""), {Reset: true}, {Reset: true, AfterProcessing: true}, {Truncate: true},
	}
	for _, status := range []int{500, 502, 503, 504} {
		faults = append(faults, csmstest.Fault{Status: status, Header: page, Body: "<html><title>chaos</title></html>"})
	}
	return faults
}

// ServeHTTP answers as the service does, or loses the answer.
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.draw(r)
	s.Server.ServeHTTP(w, r)
}

// draw decides whether the answer to a request gets lost.
func (s *service) draw(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.random.Float64() >= *rate {
		return
	}
	kinds := answersLost()
	fault := kinds[s.random.IntN(len(kinds))]
	fault.Method, fault.Path = r.Method, regexp.MustCompile("^"+regexp.QuoteMeta(r.URL.Path)+"$")
	s.Fail(fault)
	s.faults++
	if fault.Reset || fault.Truncate {
		s.lost[r.Method+" "+r.URL.Path]++
	}
}

// watch looks at each request after it was processed. A write that changes nothing is redundant, unless it repeats one of
// which nobody heard.
func (s *service) watch(r csmstest.Request) {
	if r.Method == http.MethodGet || r.Status >= http.StatusMultipleChoices {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch key := r.Method + " " + r.Path; {
	case r.Changed:
		s.writes++
		if s.killIn--; s.killIn == 0 {
			s.kill() // Terraform never learns of this write.
		}
	case s.lost[key] > 0:
		s.lost[key]--
	default:
		s.redundant = append(s.redundant, r.String())
	}
}

// killAfter plans to kill the provider once it has written so often, or never for 0.
func (s *service) killAfter(writes int, kill func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.killIn, s.kill = writes, kill
}
