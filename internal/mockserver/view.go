package mockserver

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

const (
	// shownRequests is how many requests the dashboard shows.
	shownRequests = 20
	// expiresSoon is how long before an expiry the dashboard warns of it.
	expiresSoon = 14 * 24 * time.Hour
)

// What the dashboard shows. Values of secrets are not among it.
type (
	dashboardView struct {
		Faults   string
		Projects []projectView
		Requests []requestView
	}
	projectView struct {
		Name, ID string
		Secrets  []secretView
	}
	secretView struct {
		Name, State, Description string
		Deletion                 *timeView
		Tags                     []string
		Versions                 []versionView
	}
	versionView struct {
		ID               string
		Created          timeView
		Expiry           *timeView
		Expired, Current bool
		Stages           []stageView
	}
	stageView   struct{ Name, Kind string }
	requestView struct{ RFC3339, Clock, Operation, Subject, Status, Remark, Kind string }
	timeView    struct {
		RFC3339, Relative string
		Past, Soon        bool
	}
)

func newDashboardView(mock *csmstest.Server) dashboardView {
	now := mock.Now()
	view := dashboardView{Faults: describeFaults(mock.FaultSettings())}
	for _, p := range mock.Projects() {
		project := projectView{Name: p.Name(), ID: p.ID()}
		for _, s := range p.Secrets() {
			project.Secrets = append(project.Secrets, newSecretView(&s, now))
		}
		if len(project.Secrets) > 0 || p.ID() == csmstest.DefaultProjectID {
			view.Projects = append(view.Projects, project)
		}
	}
	requests := mock.Requests()
	slices.Reverse(requests)
	for i := range requests[:min(shownRequests, len(requests))] {
		view.Requests = append(view.Requests, newRequestView(&requests[i]))
	}
	return view
}

// describeFaults says what keeps requests from being answered at once and well; empty if nothing
// does.
func describeFaults(set csmstest.FaultSettings) string {
	var parts []string
	if n := len(set.Faults); n == 1 {
		parts = append(parts, "1 fault waits for requests")
	} else if n > 1 {
		parts = append(parts, fmt.Sprintf("%d faults wait for requests", n))
	}
	if set.Latency > 0 {
		parts = append(parts, fmt.Sprintf("every request waits %v", set.Latency))
	}
	if set.RateLimit > 0 {
		parts = append(parts, fmt.Sprintf("no more than %d calls a second are answered", set.RateLimit))
	}
	text := strings.Join(parts, ", ")
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

func newSecretView(s *csmstest.Secret, now time.Time) secretView {
	view := secretView{
		Name: s.Name, State: s.State, Description: s.Description, Deletion: newTimeView(s.ScheduledDeleteTime, now),
	}
	for _, key := range sortedKeys(s.Tags) {
		view.Tags = append(view.Tags, key+"="+s.Tags[key])
	}
	for i := range s.Versions {
		view.Versions = append(view.Versions, newVersionView(&s.Versions[i], now))
	}
	return view
}

func newVersionView(v *csmstest.Version, now time.Time) versionView {
	view := versionView{ID: v.ID, Created: *newTimeView(v.CreateTime, now), Expiry: newTimeView(v.ExpireTime, now)}
	view.Expired = view.Expiry != nil && view.Expiry.Past
	for _, name := range v.Stages {
		kind := map[string]string{"SYSCURRENT": "current", "SYSPREVIOUS": "previous"}[name]
		view.Current = view.Current || kind == "current"
		view.Stages = append(view.Stages, stageView{Name: name, Kind: cmp.Or(kind, "own")})
	}
	return view
}

// newTimeView describes a time as seen from now; nil if it is not set.
func newTimeView(t, now time.Time) *timeView {
	if t.IsZero() {
		return nil
	}
	view := &timeView{RFC3339: t.UTC().Format(time.RFC3339), Past: !t.After(now), Soon: t.Before(now.Add(expiresSoon))}
	switch span := humanDuration(now.Sub(t).Abs()); {
	case span == "":
		view.Relative = "just now"
	case view.Past:
		view.Relative = span + " ago"
	default:
		view.Relative = "in " + span
	}
	return view
}

// humanDuration returns a span of time in its greatest unit, rounded; empty if it is less than a
// minute.
func humanDuration(d time.Duration) string {
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

func newRequestView(r *csmstest.Request) requestView {
	view := requestView{
		RFC3339: r.Time.Format(time.RFC3339), Clock: r.Time.Format(time.TimeOnly),
		Operation: cmp.Or(r.Operation, r.Method+" "+r.Path), Status: "none", Remark: r.Code,
	}
	subject := slices.DeleteFunc([]string{r.Secret, r.Stage, r.Version}, func(part string) bool { return part == "" })
	view.Subject = strings.Join(subject, " · ")
	if r.Status != 0 {
		view.Status = fmt.Sprint(r.Status)
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
