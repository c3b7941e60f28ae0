package csmstest

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

//go:embed board
var boardFiles embed.FS

const (
	// boardRequests is how many requests the board shows.
	boardRequests = 20
	// boardPause keeps a busy server from redrawing the board for each request.
	boardPause = 100 * time.Millisecond
	// boardHeartbeat is how often the board is redrawn when nothing happens, for expiries pass all the same.
	boardHeartbeat = 15 * time.Second
	// expiresSoon is how long before an expiry the board warns of it.
	expiresSoon = 14 * 24 * time.Hour
)

// handleBoard serves the board and what belongs to it.
func (s *Server) handleBoard(desk *http.ServeMux) {
	page := template.Must(template.ParseFS(boardFiles, "board/page.html"))
	desk.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { s.serveBoard(w, page) })
	desk.HandleFunc("GET /_board/events", s.serveEvents)
	for _, name := range []string{"style.css", "script.js", "icon.svg"} {
		desk.HandleFunc("GET /_board/"+name, func(w http.ResponseWriter, r *http.Request) {
			http.ServeFileFS(w, r, boardFiles, "board/"+name)
		})
	}
}

func (s *Server) serveBoard(w http.ResponseWriter, page *template.Template) {
	var text bytes.Buffer
	if err := page.Execute(&text, s.board()); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(text.Bytes()) // It fails if the client is gone.
}

// serveEvents tells the board each time that something has happened, until the client goes away or the server is closed.
func (s *Server) serveEvents(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	stream := http.NewResponseController(w)
	for {
		revision, next := s.watch()
		if _, err := fmt.Fprintf(w, "data: %d\n\n", revision); err != nil || stream.Flush() != nil {
			return
		}
		if !s.rest(r, boardPause, nil) || !s.rest(r, boardHeartbeat, next) {
			return
		}
	}
}

// rest waits for something or for a time to pass. It is false if the client went away or the server was closed meanwhile.
func (s *Server) rest(r *http.Request, d time.Duration, something <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-something:
		return true
	case <-r.Context().Done():
		return false
	case <-s.closed:
		return false
	}
}

// What the board shows. Values of secrets are not among it.
type (
	boardView struct {
		BadDay   string
		Projects []projectView
		Requests []requestView
	}
	projectView struct {
		Name, ID string
		Secrets  []secretView
	}
	secretView struct {
		Name, State, Description string
		Deletion                 *momentView
		Tags                     []string
		Versions                 []versionView
	}
	versionView struct {
		ID               string
		Created          momentView
		Expiry           *momentView
		Expired, Current bool
		Stages           []stageView
	}
	stageView   struct{ Name, Kind string }
	requestView struct{ RFC3339, Clock, Operation, Subject, Answer, Remark, Kind string }
	momentView  struct {
		RFC3339, Words string
		Past, Soon     bool
	}
)

// board looks at everything at one instant.
func (s *Server) board() boardView {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now().UTC()
	view := boardView{BadDay: s.describeDay()}
	for _, id := range slices.Sorted(maps.Keys(s.projects)) {
		if p := s.projects[id]; len(p.secrets) > 0 || id == DefaultProjectID {
			view.Projects = append(view.Projects, p.view(now))
		}
	}
	for i := len(s.requests) - 1; i >= 0 && len(view.Requests) < boardRequests; i-- {
		view.Requests = append(view.Requests, describeRequest(&s.requests[i]))
	}
	return view
}

// describeDay says what keeps requests from being answered at once and well; empty if nothing does.
func (s *Server) describeDay() string {
	var troubles []string
	if n := len(s.faults); n == 1 {
		troubles = append(troubles, "1 fault waits for requests")
	} else if n > 1 {
		troubles = append(troubles, fmt.Sprintf("%d faults wait for requests", n))
	}
	if s.latency > 0 {
		troubles = append(troubles, fmt.Sprintf("every request waits %v", s.latency))
	}
	if s.limiter != nil {
		troubles = append(troubles, fmt.Sprintf("no more than %d calls a second are answered", s.limiter.Burst()))
	}
	if len(troubles) == 0 {
		return ""
	}
	text := strings.Join(troubles, ", ")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

func (p *Project) view(now time.Time) projectView {
	view := projectView{Name: p.name, ID: p.id}
	for _, name := range slices.Sorted(maps.Keys(p.secrets)) {
		view.Secrets = append(view.Secrets, p.secrets[name].view(now))
	}
	return view
}

func (s *secret) view(now time.Time) secretView {
	view := secretView{
		Name: s.Name, State: s.State, Description: s.Description, Deletion: moment(s.ScheduledDeleteTime, now),
	}
	for _, key := range slices.Sorted(maps.Keys(s.Tags)) {
		view.Tags = append(view.Tags, key+"="+s.Tags[key])
	}
	for i := range s.Versions {
		view.Versions = append(view.Versions, s.versionView(&s.Versions[i], now))
	}
	return view
}

func (s *secret) versionView(v *Version, now time.Time) versionView {
	view := versionView{ID: v.ID, Created: *moment(v.CreateTime, now), Expiry: moment(v.ExpireTime, now)}
	view.Expired = view.Expiry != nil && view.Expiry.Past
	for _, name := range s.labelsOf(v.ID) {
		kind := map[string]string{stageCurrent: "current", stagePrevious: "previous"}[name]
		view.Current = view.Current || name == stageCurrent
		view.Stages = append(view.Stages, stageView{Name: name, Kind: cmp.Or(kind, "own")})
	}
	return view
}

// moment describes a time as seen from now; nil if it is not set.
func moment(t, now time.Time) *momentView {
	if t.IsZero() {
		return nil
	}
	m := &momentView{RFC3339: t.UTC().Format(time.RFC3339), Past: !t.After(now), Soon: t.Before(now.Add(expiresSoon))}
	switch span := words(now.Sub(t).Abs()); {
	case span == "":
		m.Words = "just now"
	case m.Past:
		m.Words = span + " ago"
	default:
		m.Words = "in " + span
	}
	return m
}

// words gives a span of time in its greatest unit, rounded; empty if it is less than a minute.
func words(d time.Duration) string {
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if d < unit.length {
			continue
		}
		if n := (d + unit.length/2) / unit.length; n > 1 {
			return fmt.Sprintf("%d %ss", n, unit.name)
		}
		return "1 " + unit.name
	}
	return ""
}

func describeRequest(r *Request) requestView {
	view := requestView{
		RFC3339: r.Time.Format(time.RFC3339), Clock: r.Time.Format(time.TimeOnly), Operation: cmp.Or(r.Operation, r.Method+" "+r.Path),
		Answer: "none", Remark: r.Code,
	}
	subject := slices.DeleteFunc([]string{r.Secret, r.Stage, r.Version}, func(part string) bool { return part == "" })
	view.Subject = strings.Join(subject, " · ")
	if r.Status != 0 {
		view.Answer = fmt.Sprint(r.Status)
	}
	switch {
	case r.Status == 0, r.Status >= http.StatusInternalServerError:
		view.Kind = "failed"
	case r.Status >= http.StatusBadRequest:
		view.Kind = "refused"
	case r.Changed:
		view.Kind, view.Remark = "changed", "changed"
	}
	if r.Faulty {
		view.Remark = "fault"
	}
	return view
}
