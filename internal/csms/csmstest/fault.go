package csmstest

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// Fault makes requests fail. Method, Path and Operation select the requests; all must match, and an
// empty one matches every request. The other fields say what happens to them: with none set, a
// request is answered as if there were no fault, but the fault is used up.
type Fault struct {
	Method    string         `json:"method,omitempty"`
	Path      *regexp.Regexp `json:"path,omitempty"`      // Matched against the path as routed.
	Operation string         `json:"operation,omitempty"` // As in Request, for example PutStage.

	// Times is how many matching requests fail: 0 means one, -1 all until ClearFaults.
	Times int `json:"times,omitempty"`

	// Do is called before the request is processed. It may use the server's methods: this is how a
	// test changes a secret at exactly that moment.
	Do func() `json:"-"`
	// Delay passes before the request is processed, unless the client goes away first.
	Delay time.Duration `json:"-"`

	// Status answers this instead of the service, which does not see the request. Body is sent as
	// JSON unless Header has another Content-Type; {request_id} in it stands for the request's id.
	// A header with no values is left out of the response, also if it is one that every response
	// has.
	Status int         `json:"status,omitempty"`
	Header http.Header `json:"-"`
	Body   string      `json:"-"`
	// Reset resets the connection instead of answering; the service does not see the request.
	Reset bool `json:"reset,omitempty"`
	// Hang does not answer before the client goes away or the server is closed; the service does
	// not see the request.
	Hang bool `json:"hang,omitempty"`
	// Truncate sends only half of the response's body although its length is announced.
	Truncate bool `json:"truncate,omitempty"`
	// AfterProcessing lets the service act on the request before Status, Reset or Hang hides its
	// response.
	AfterProcessing bool `json:"after_processing,omitempty"`
}

// FaultSettings are everything that keeps requests from being answered at once and well.
type FaultSettings struct {
	Latency   time.Duration // Every request waits this long.
	RateLimit int           // Calls of CSMS a second with one credential; 0 for no limit.
	Faults    []Fault
}

// Throttled is the gateway's response to too many requests: 429 APIGW.0308. An empty retryAfter
// sends no Retry-After header, as the gateway does.
func Throttled(retryAfter string) Fault {
	header := http.Header{}
	if retryAfter != "" {
		header.Set("Retry-After", retryAfter)
	}
	return Fault{
		Status: http.StatusTooManyRequests,
		Header: header,
		Body: `{"error_code":"APIGW.0308","error_msg":"The throttling threshold has been reached: ` +
			`policy user over ratelimit,limit:20,time:1 second","request_id":"{request_id}"}`,
	}
}

// Fail adds a fault. Of several that match a request, the one added first applies. It panics if the
// fault has a Header or Body without the Status they belong to.
func (s *Server) Fail(f Fault) {
	if f.Status == 0 && (f.Header != nil || f.Body != "") {
		panic("csmstest: a fault with Header or Body needs a Status")
	}
	s.changeFaults(func() { s.addFault(f) })
}

func (s *Server) addFault(f Fault) {
	if f.Times == 0 {
		f.Times = 1
	}
	s.faults = append(s.faults, &f)
}

// SetLatency makes every request wait before it is processed.
func (s *Server) SetLatency(d time.Duration) { s.changeFaults(func() { s.latency = d }) }

// SetRateLimit refuses the calls of CSMS beyond so many a second with one credential by 429
// APIGW.0308, as the gateway does; 0 allows all.
func (s *Server) SetRateLimit(perSecond int) { s.changeFaults(func() { s.setRateLimit(perSecond) }) }

func (s *Server) setRateLimit(perSecond int) {
	s.rateLimit, s.limiters = perSecond, map[string]*rate.Limiter{}
}

// ClearFaults removes all faults.
func (s *Server) ClearFaults() { s.changeFaults(func() { s.faults = nil }) }

// SetFaultSettings replaces latency, rate limit and faults at once.
func (s *Server) SetFaultSettings(settings FaultSettings) {
	s.changeFaults(func() {
		s.latency, s.faults = settings.Latency, nil
		s.setRateLimit(settings.RateLimit)
		for i := range settings.Faults {
			s.addFault(settings.Faults[i])
		}
	})
}

// FaultSettings returns what is set at present, with the times that are left.
func (s *Server) FaultSettings() FaultSettings {
	s.mu.Lock()
	defer s.mu.Unlock()
	settings := FaultSettings{Latency: s.latency, RateLimit: s.rateLimit}
	for _, f := range s.faults {
		settings.Faults = append(settings.Faults, *f)
	}
	return settings
}

func (s *Server) changeFaults(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	s.notify()
}

// takeFault finds the fault for a request, if any, and counts it.
func (s *Server) takeFault(c *call) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.exceedsRate(c) {
		c.record.Faulty = true
		throttled := Throttled("")
		return &throttled
	}
	for i, f := range s.faults {
		if !f.matches(&c.record) {
			continue
		}
		if f.Times > 0 {
			f.Times--
		}
		if f.Times == 0 {
			s.faults = slices.Delete(s.faults, i, i+1)
		}
		c.record.Faulty = true
		return f
	}
	return nil
}

// exceedsRate reports whether the request is one too many for the second.
func (s *Server) exceedsRate(c *call) bool {
	if s.rateLimit <= 0 || c.route == nil || c.route.access != projectMembers {
		return false
	}
	credential := s.credential(c)
	if s.limiters[credential] == nil {
		s.limiters[credential] = rate.NewLimiter(rate.Limit(s.rateLimit), s.rateLimit)
	}
	return !s.limiters[credential].Allow()
}

// credential returns the key or token that a request claims to come with; those that are not known
// are one.
func (s *Server) credential(c *call) string {
	token := c.request.Header.Get("X-Auth-Token")
	sig, _ := parseAuthorization(c.request.Header.Get("Authorization"))
	switch {
	case s.keys[sig.accessKey] != nil:
		return sig.accessKey
	case s.tokens[token] != nil:
		return token
	default:
		return ""
	}
}

func (f *Fault) matches(r *Request) bool {
	return (f.Method == "" || f.Method == r.Method) &&
		(f.Operation == "" || f.Operation == r.Operation) &&
		(f.Path == nil || f.Path.MatchString(r.Path))
}

// reachesService reports whether the service acts on the request.
func (f *Fault) reachesService() bool {
	return f.AfterProcessing || (f.Status == 0 && !f.Reset && !f.Hang)
}

// waitLatency waits as long as every request has to. It returns false if the client went away.
func (s *Server) waitLatency(c *call) bool {
	s.mu.Lock()
	d := s.latency
	s.mu.Unlock()
	return s.sleep(c, d)
}

// applyDelay does what a fault does before the request is processed. It returns false if the client
// went away.
func (s *Server) applyDelay(c *call, f *Fault) bool {
	if f == nil {
		return true
	}
	if !s.sleep(c, f.Delay) {
		return false
	}
	if f.Do != nil {
		f.Do()
	}
	return true
}

// sleep returns false if the client goes away, or the server is closed, before the time has passed.
func (s *Server) sleep(c *call, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.request.Context().Done():
		return false
	case <-s.closed:
		return false
	}
}

// response is what the fault says instead of the service.
func (f *Fault) response(c *call) response {
	header := http.Header{"Content-Type": {"application/json"}}
	for name, values := range f.Header {
		header[http.CanonicalHeaderKey(name)] = values
	}
	text := []byte(strings.ReplaceAll(f.Body, "{request_id}", c.record.RequestID))
	var content fields
	if json.Unmarshal(text, &content) == nil {
		c.record.Code = content.text("error_code")
	}
	return response{status: f.Status, header: header, body: text}
}
