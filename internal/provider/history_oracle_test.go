package provider_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// violation is a rule that a history has broken. It says no more than that, so that a
// history which breaks it in a simpler way is found to do the same.
type violation string

const (
	undoneByUpdate      violation = "an update moved a stage that somebody else had moved since the plan"
	undoneByCreation    violation = "a creation moved a stage that somebody else had moved since it looked"
	undoneByReplacement violation = "a replacement moved a stage that somebody else had moved since the plan"
	undoneByHandover    violation = "a change of address moved a stage that somebody else had moved since the plan"
	undoneByDeletion    violation = "a deletion removed a stage that somebody else had moved since the plan"
	undoneByRepeatedPut violation = "a repeated PUT moved a stage that somebody else had moved in between"
	undoneByRepeatedDel violation = "a repeated DELETE removed a stage that somebody else had moved in between"
	fenceBroken         violation = "a stage was taken from another version than the expected one"
	expiryOverwritten   violation = "an expiry was overwritten that somebody else had set since the first look"
	writtenTwice        violation = "a write changed nothing"
	strayed             violation = "a write was not of what the change is about"
	takenAway           violation = "a deletion removed a stage that this run had put in place"
	deposedTookAway     violation = "the deletion of a deposed object removed the stage that its address has"
	notDone             violation = "a change was reported as done that was not"
	leftBehind          violation = "a deletion left its stage where it was, and told nobody"
	lossUntold          violation = "a plan does not tell that a version loses its last stage"
	handoverUntold      violation = "a plan does not tell that a stage changes its address"
	twiceUntold         violation = "a plan does not tell that a stage is kept by one resource and deleted by another"
	planDiffers         violation = "the plan during apply differs from the saved one"
	incomplete          violation = "the state has an incomplete object"
	notConverging       violation = "nothing is wrong any more, but Terraform does not come to rest"
	notInPlace          violation = "a stage is not where the configuration wants it"
	disagreement        violation = "configuration, state and service do not agree"
)

// violated fails the history. The first violation is the one that counts.
func (h *history) violated(v violation, format string, args ...any) {
	if h.t.Failed() {
		return
	}
	h.t.Logf("%s: %s", v, fmt.Sprintf(format, args...))
	h.t.Errorf("%s", v)
}

// key is the stage or the version that a step is about.
func (s step) key() (name string, isStage bool) {
	attributes := s.config
	if s.kind == deletion {
		attributes = s.state
	}
	if s.typeName == stageType {
		return fmt.Sprint(attributes["name"]), true
	}
	return fmt.Sprint(attributes["version_id"]), false
}

func (s step) focus() string {
	name, _ := s.key()
	return name
}

// of is what the service has of what the step is about: where a stage is, or when a
// version expires; empty for nothing.
func (s step) of(w world) string {
	name, isStage := s.key()
	if isStage {
		return w.holders[name]
	}
	return instantOf(w.expiries[name])
}

// was is what the plan was made from, empty for nothing.
func (s step) was() string { return s.in(s.state) }

// wanted is what the step is to lead to, empty for nothing.
func (s step) wanted() string { return s.in(s.config) }

func (s step) in(attributes map[string]any) string {
	if s.typeName == stageType {
		version, _ := attributes["version_id"].(string)
		return version
	}
	expireTime, _ := attributes["expire_time"].(string)
	t, _ := time.Parse(time.RFC3339, expireTime)
	return instantOf(t)
}

func instantOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// judgement goes through the requests of one change. A look is good for one attempt to
// write: what somebody else did after it, nobody can know of before the next look; what
// was done before the attempt is undone if the look is an old one.
type judgement struct {
	step
	h       *history
	events  []event
	first   string // what the first look found
	looked  bool
	fresh   bool // there was no attempt to write since the last look
	seen    int  // when that was
	actions int
}

// judge looks at what a change wrote, and from where. from is when it began.
func (h *history) judge(s step, from int, failed bool, warnings string) {
	j := &judgement{h: h, step: s, events: h.service.record()}
	j.first = s.of(j.events[from-1].after)
	for i := from; i < len(j.events); i++ {
		h.t.Logf("    %s", j.events[i])
		switch r := j.events[i].request; {
		case r == nil:
		case r.Method == http.MethodGet:
			j.look(i, r)
		default:
			j.write(i, r)
		}
	}
	switch {
	case failed:
	case s.kind != deletion:
		j.checkPut(from)
	case warnings == "":
		j.checkDeletion(from)
	}
}

// look takes note of a look that told where things are.
func (j *judgement) look(i int, r *csmstest.Request) {
	name, isStage := j.key()
	isGone := strings.HasPrefix(r.Code, "CSMS.") && (r.Status == http.StatusNotFound || r.Status == http.StatusBadRequest)
	answered := r.Status == http.StatusOK || isStage && isGone
	about := r.Operation == "ListVersions" || isStage && r.Operation == "ShowStage" && r.Stage == name
	if !answered || !about {
		return
	}
	if !j.looked {
		j.first = j.of(j.events[i].after)
	}
	j.looked, j.fresh, j.seen = true, true, i
}

// write judges an attempt to write.
func (j *judgement) write(i int, r *csmstest.Request) {
	name, isStage := j.key()
	repeated := j.actions > 0
	if !j.fresh {
		j.seen = i - 1
	}
	j.actions++
	j.fresh = false
	seen := j.of(j.events[j.seen].after)
	concerned := isStage && r.Stage == name || !isStage && r.Stage == "" && r.Version == name
	switch {
	case !r.Changed && r.Status >= 200 && r.Status < 300 && seen == j.wanted():
		j.h.violated(writtenTwice, "%s: %s", j.at, r)
	case !r.Changed:
	case !concerned, j.kind == deletion != (r.Method == http.MethodDelete), j.of(j.events[i].after) != j.wanted():
		j.h.violated(strayed, "%s: %s", j.at, r)
	case j.kind == deletion:
		j.judgeDeletion(seen, repeated)
	case !isStage:
		if seen != "" && seen != j.first && !j.isOwnDoing() {
			j.h.violated(expiryOverwritten, "%s: found %s, then %s", j.at, j.first, seen)
		}
	case seen != "" && !j.isOwnDoing():
		j.judgePut(seen, repeated)
	}
}

// isOwnDoing reports whether what the last look found is this run's work, or may be: the
// service may move SYSPREVIOUS to the version that SYSCURRENT leaves. Which one that is, the run
// knows from its look.
func (j *judgement) isOwnDoing() (isOwn bool) {
	seen, looked := j.of(j.events[j.seen].after), ""
	for i := 1; i <= j.seen; i++ {
		e, before := j.events[i], j.events[i-1].after
		byRun := e.request != nil && e.run == j.h.run.number
		left := before.holders["SYSCURRENT"]
		if byRun && e.request.Operation == "ShowStage" && e.request.Stage == "SYSCURRENT" {
			looked = e.after.holders["SYSCURRENT"]
		}
		if byRun && (left == seen || looked == seen) && left != e.after.holders["SYSCURRENT"] && j.config["name"] == "SYSPREVIOUS" {
			return true
		}
		if j.of(e.after) != j.of(before) {
			isOwn = byRun
		}
	}
	return isOwn
}

func (j *judgement) judgeDeletion(seen string, repeated bool) {
	name, _ := j.key()
	current := place{address: j.at.address}
	broken := undoneByDeletion
	switch {
	case j.at.deposed != 0 && j.h.state[current].state["name"] == name && !j.h.run.deletes(current, name):
		broken = deposedTookAway
	case j.h.run.placed[name]:
		broken = takenAway
	case seen == j.was():
		return
	case repeated:
		broken = undoneByRepeatedDel
	}
	j.h.violated(broken, "%s: %s from %q, planned from %s", j.at, name, seen, j.was())
}

// judgePut judges where a stage was taken from.
func (j *judgement) judgePut(seen string, repeated bool) {
	name, _ := j.key()
	expected, isFenced := j.config["expected_version_id"].(string)
	removed := j.h.run.removed[name]
	broken, allowed := undoneByCreation, []string{j.first}
	switch {
	case isFenced:
		broken, allowed = fenceBroken, []string{expected}
	case j.kind == updating:
		broken, allowed = undoneByUpdate, append([]string{j.was()}, removed...)
	case removed != nil && j.replacement:
		broken, allowed = undoneByReplacement, removed
	case removed != nil:
		broken, allowed = undoneByHandover, removed
	}
	if slices.Contains(allowed, seen) {
		return
	}
	if repeated {
		broken = undoneByRepeatedPut
	}
	j.h.violated(broken, "%s: %s from %s, allowed from %q", j.at, name, seen, allowed)
}

// checkPut makes sure that a change which has succeeded did so.
func (j *judgement) checkPut(from int) {
	isDone := func(e event) bool { return j.of(e.after) == j.wanted() }
	if j.was() != j.wanted() && !slices.ContainsFunc(j.events[from-1:], isDone) {
		j.h.violated(notDone, "%s: %s", j.at, j.wanted())
	}
}

// checkDeletion makes sure that a deletion which has told nothing has deleted.
func (j *judgement) checkDeletion(from int) {
	name, isStage := j.key()
	if !isStage || strings.HasPrefix(name, "SYS") || j.h.run.placed[name] {
		return
	}
	for at, i := range j.h.state {
		if at != j.at && i.state["name"] == name {
			return // it is somebody else's too
		}
	}
	for _, e := range j.events[from-1:] {
		if j.of(e.after) != j.was() {
			return
		}
	}
	j.h.violated(leftBehind, "%s: %s on %s", j.at, name, j.was())
}
