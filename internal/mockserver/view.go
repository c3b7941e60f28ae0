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
		Environment    string
		Faults         []string
		Projects       []projectView
		Changes, Reads []requestView
	}
	projectView struct {
		Name, ID string
		Secrets  []secretView
	}
	secretView struct {
		Name, State, Description string
		Deletion                 *timeView
		Tags                     []string
		Versions, Unstaged       []versionView // The newest first.
	}
	versionView struct {
		ID               string
		Created          timeView
		Expiry           *timeView
		Expired, Current bool
		Stages           []stageView
	}
	stageView struct {
		Name, Kind string
		Updated    timeView
	}
	requestView struct{ RFC3339, Clock, Operation, Subject, Status, Remark, Kind string }
	timeView    struct {
		RFC3339, Relative string
		Past, Soon        bool
	}
)

// newDashboardView describes a mock that the client reaches at a URL.
func newDashboardView(mock *csmstest.Server, url string) dashboardView {
	var variables strings.Builder
	writeVariables(&variables, environment(url, mock))
	now := mock.Now()
	view := dashboardView{Environment: variables.String(), Faults: describeFaults(mock.FaultSettings())}
	for _, p := range mock.Projects() {
		project := projectView{Name: p.Name(), ID: p.ID()}
		for _, s := range p.Secrets() {
			project.Secrets = append(project.Secrets, newSecretView(&s, now))
		}
		if len(project.Secrets) > 0 || p.ID() == csmstest.DefaultProjectID {
			view.Projects = append(view.Projects, project)
		}
	}
	view.addRequests(mock.Requests())
	return view
}

// addRequests shows the last requests, the newest first. Those that read or sign in, and succeed,
// are apart from the others, which would get lost among them.
func (view *dashboardView) addRequests(requests []csmstest.Request) {
	for i := range slices.Backward(requests) {
		r := &requests[i]
		list := &view.Changes
		succeeded := r.Status > 0 && r.Status < http.StatusBadRequest
		if succeeded && (r.Method == http.MethodGet || r.Secret == "") {
			list = &view.Reads
		}
		if len(*list) < shownRequests {
			*list = append(*list, newRequestView(r))
		}
	}
}

// describeFaults says what keeps requests from being answered at once and well.
func describeFaults(set csmstest.FaultSettings) (lines []string) {
	if set.Latency > 0 {
		lines = append(lines, fmt.Sprintf("Every request waits %v.", set.Latency))
	}
	if set.RateLimit > 0 {
		lines = append(lines, fmt.Sprintf("No more than %d calls a second are answered.", set.RateLimit))
	}
	for i := range set.Faults {
		lines = append(lines, describeFault(&set.Faults[i]))
	}
	return lines
}

// describeFault says which requests a fault waits for, and what it will do to them.
func describeFault(f *csmstest.Fault) string {
	requests := []string{cmp.Or(f.Operation, "any operation")}
	if f.Method != "" {
		requests = append(requests, f.Method)
	}
	if f.Path != nil {
		requests = append(requests, "path "+f.Path.String())
	}
	var effects []string
	for _, effect := range []struct {
		text string
		has  bool
	}{
		{"waits " + f.Delay.String(), f.Delay > 0}, {fmt.Sprintf("gets status %d", f.Status), f.Status > 0},
		{"is reset", f.Reset}, {"hangs", f.Hang}, {"gets half a response", f.Truncate},
		{"takes effect all the same", f.AfterProcessing},
	} {
		if effect.has {
			effects = append(effects, effect.text)
		}
	}
	times := "until faults are cleared"
	if f.Times == 1 {
		times = "once"
	} else if f.Times > 1 {
		times = fmt.Sprintf("%d times", f.Times)
	}
	return fmt.Sprintf("%s %s, %s.", strings.Join(requests, ", "), strings.Join(effects, ", "), times)
}

func newSecretView(s *csmstest.Secret, now time.Time) secretView {
	view := secretView{
		Name: s.Name, State: s.State, Description: s.Description, Deletion: newTimeView(s.ScheduledDeleteTime, now),
	}
	for _, key := range sortedKeys(s.Tags) {
		view.Tags = append(view.Tags, key+"="+s.Tags[key])
	}
	for i := range slices.Backward(s.Versions) {
		version := newVersionView(&s.Versions[i], s.StageUpdateTimes, now)
		if len(version.Stages) > 0 {
			view.Versions = append(view.Versions, version)
		} else {
			view.Unstaged = append(view.Unstaged, version)
		}
	}
	return view
}

func newVersionView(v *csmstest.Version, updated map[string]time.Time, now time.Time) versionView {
	view := versionView{ID: v.ID, Created: *newTimeView(v.CreateTime, now), Expiry: newTimeView(v.ExpireTime, now)}
	view.Expired = view.Expiry != nil && view.Expiry.Past
	for _, name := range v.Stages {
		kind := map[string]string{"SYSCURRENT": "current", "SYSPREVIOUS": "previous"}[name]
		view.Current = view.Current || kind == "current"
		view.Stages = append(view.Stages, stageView{name, cmp.Or(kind, "own"), *newTimeView(updated[name], now)})
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
