package csmstest

import (
	"crypto/tls"
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// Fault makes requests fail. Which requests it matches is up to Method, Path and Operation, all of which must agree; empty ones
// agree with everything. What happens is up to the other fields: with none of them set, the request is answered as if there were no
// fault, but the fault is used up.
type Fault struct {
	Method    string
	Path      *regexp.Regexp // Matched against the path as routed.
	Operation string         // As in Request, for example PutStage.

	// Times is how many matching requests fail: 0 means one, -1 all until ClearFaults.
	Times int

	// Do is called before the request is processed. It may use the server's methods: this is how a test makes somebody else act
	// at exactly that moment.
	Do func()
	// Delay passes before the request is processed, unless the client goes away first.
	Delay time.Duration

	// Status answers this instead of the service, which does not see the request. Body is sent as JSON unless Header has another
	// Content-Type; {request_id} in it stands for the request's id. A header with no values is left out of the answer, also if it
	// is one that every answer has.
	Status int
	Header http.Header
	Body   string
	// Reset resets the connection instead of answering; the service does not see the request.
	Reset bool
	// Hang does not answer before the client goes away or the server is closed; the service does not see the request.
	Hang bool
	// Truncate sends only half of the answer's body although its length is announced.
	Truncate bool
	// AfterProcessing lets the service act on the request before Status, Reset or Hang hides its answer.
	AfterProcessing bool
}

// Throttled is the gateway's answer to too many requests: 429 APIGW.0308. An empty retryAfter sends no Retry-After header, as the
// gateway does.
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

// Fail adds a fault. Of several that match a request, the one added first applies. It panics if the fault has a Header or Body
// without the Status they belong to.
func (s *Server) Fail(f Fault) {
	if f.Status == 0 && (f.Header != nil || f.Body != "") {
		panic("csmstest: a fault with Header or Body needs a Status")
	}
	if f.Times == 0 {
		f.Times = 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
	s.wake()
}

// SetLatency makes every request wait before it is processed.
func (s *Server) SetLatency(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.latency = d
	s.wake()
}

// SetRateLimit refuses the calls of CSMS beyond so many a second with 429 APIGW.0308, as the gateway does; 0 allows all.
func (s *Server) SetRateLimit(perSecond int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limiter = nil
	if perSecond > 0 {
		s.limiter = rate.NewLimiter(rate.Limit(perSecond), perSecond)
	}
	s.wake()
}

// ClearFaults removes all faults.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
	s.wake()
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

// exceedsRate tells whether the request is one too many for the second.
func (s *Server) exceedsRate(c *call) bool {
	return s.limiter != nil && c.route != nil && c.route.access == projectMembers && !s.limiter.Allow()
}

func (f *Fault) matches(r *Request) bool {
	return (f.Method == "" || f.Method == r.Method) &&
		(f.Operation == "" || f.Operation == r.Operation) &&
		(f.Path == nil || f.Path.MatchString(r.Path))
}

// reachesService tells whether the service acts on the request.
func (f *Fault) reachesService() bool {
	return f.AfterProcessing || (f.Status == 0 && !f.Reset && !f.Hang)
}

// linger waits as long as every request has to. It is false if the client went away meanwhile.
func (s *Server) linger(c *call) bool {
	s.mu.Lock()
	d := s.latency
	s.mu.Unlock()
	return d <= 0 || s.pause(c, d)
}

// wait does what a fault does before the request is processed. It is false if the client went away meanwhile.
func (s *Server) wait(c *call, f *Fault) bool {
	if f == nil {
		return true
	}
	if f.Delay > 0 && !s.pause(c, f.Delay) {
		return false
	}
	if f.Do != nil {
		f.Do()
	}
	return true
}

func (s *Server) pause(c *call, d time.Duration) bool {
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

// answer is what the fault says instead of the service.
func (f *Fault) answer(c *call) answer {
	header := http.Header{"Content-Type": {"application/json"}}
	for name, values := range f.Header {
		header[http.CanonicalHeaderKey(name)] = values
	}
	body := []byte(strings.ReplaceAll(f.Body, "{request_id}", c.record.RequestID))
	var content fields
	if json.Unmarshal(body, &content) == nil {
		c.record.Code = content.text("error_code")
	}
	return answer{status: f.Status, header: header, body: body}
}

// send writes the answer, or does to the connection what the fault wants.
func (s *Server) send(w http.ResponseWriter, c *call, a answer, f *Fault) {
	if f == nil {
		f = &Fault{}
	}
	if f.Hang {
		s.hang(c)
	}
	if f.Reset || f.Hang {
		reset(w)
		return
	}
	header := w.Header()
	header.Set("X-Request-Id", c.record.RequestID)
	if strings.HasPrefix(c.request.URL.Path, "/v3") {
		header.Set("X-IAM-Trace-Id", "token_"+c.record.RequestID)
	}
	maps.Copy(header, a.header)
	write(w, a, f.Truncate)
}

func (s *Server) hang(c *call) {
	select {
	case <-c.request.Context().Done():
	case <-s.closed:
	}
}

// write sends the answer, or half of it. The connection of half an answer is of no further use.
func write(w http.ResponseWriter, a answer, truncate bool) {
	body := a.body
	if a.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	if truncate {
		body = body[:len(body)/2]
	}
	w.WriteHeader(a.status)
	if len(body) > 0 {
		_, _ = w.Write(body) // It fails if the client is gone, who then needs no answer.
	}
	if truncate {
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// reset closes the connection so that the client sees it reset, not ended.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2 resets the stream for this.
	}
	inner := conn
	if secured, ok := conn.(*tls.Conn); ok {
		inner = secured.NetConn()
	}
	if tcp, ok := inner.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = inner.Close()
}
