package provider_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"pgregory.net/rapid"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// service is a CSMS that keeps on record what happened to the secret "db", and whose
// doing it was.
type service struct {
	*mock
	mu     sync.Mutex
	events []event
	run    int
}

// event is a request of the provider, or a deed of somebody else.
type event struct {
	request *csmstest.Request // nil for a deed
	deed    string
	run     int // which run of Terraform the request belongs to
	after   world
}

func (e event) String() string {
	r := e.request
	if r == nil {
		return "somebody else: " + e.deed
	}
	return fmt.Sprintf("run %d: %s %q %q -> %d %s", e.run, r.Operation, r.Stage, r.Version, r.Status, r.Code)
}

// world is what the service has at a time.
type world struct {
	state    string
	holders  map[string]string // the version that carries a stage
	stages   map[string][]string
	expiries map[string]time.Time
}

// newService draws in which ways the service works where its documentation is silent.
func newService(t *rapid.T, follows bool) *service {
	s := &service{}
	opts := []csmstest.Option{csmstest.WithUpdateTimeKeptOnSameVersion(), csmstest.WithRequestLog(s.notes)}
	if follows {
		opts = append(opts, csmstest.WithPreviousFollowingCurrent())
	}
	for _, variant := range []struct {
		name   string
		option csmstest.Option
	}{
		{"notFoundAs400", csmstest.WithNotFoundStatus(http.StatusBadRequest)},
		{"postOnly", csmstest.WithStageCreationByPostOnly()},
		{"postRefusesExisting", csmstest.WithExistingStageRefused()},
		{"noExpireTimeInAnswer", csmstest.WithoutExpireTimeInAnswer()},
	} {
		if rapid.Bool().Draw(t, variant.name) {
			opts = append(opts, variant.option)
		}
	}
	s.mock = newMock(t, opts...)
	s.PutSecret(csmstest.Secret{Name: "db", Versions: []csmstest.Version{
		{ID: "v1", Stages: []string{"SYSPREVIOUS"}}, {ID: "v2", Stages: []string{"SYSCURRENT"}},
		{ID: "v3", Stages: []string{"BLUE"}}, {ID: "v4"},
	}})
	s.events = []event{{after: s.look()}}
	return s
}

func (s *service) look() world {
	secret, _ := s.Secret("db")
	w := world{
		state: secret.State, holders: map[string]string{}, stages: map[string][]string{}, expiries: map[string]time.Time{},
	}
	for _, v := range secret.Versions {
		w.stages[v.ID], w.expiries[v.ID] = v.Stages, v.ExpireTime
		for _, stage := range v.Stages {
			w.holders[stage] = v.ID
		}
	}
	return w
}

// notes puts a request on record once it was processed and before it is answered.
func (s *service) notes(r csmstest.Request) {
	s.note(event{request: &r})
}

func (s *service) note(e event) {
	e.after = s.look()
	s.mu.Lock()
	defer s.mu.Unlock()
	e.run = s.run
	s.events = append(s.events, e)
}

// begin tells the record that another run of Terraform begins.
func (s *service) begin() (run int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.run++
	return s.run
}

// record is what happened so far.
func (s *service) record() []event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clip(s.events)
}

// act is what somebody else does behind Terraform's back.
type act struct {
	kind, stage string
	version     int // by its place among the versions there are
}

// acts are what somebody else may do; what matters most is drawn most often.
var acts = []string{"move", "rotate", "expire", "remove", "move", "clear", "collect", "state"}

// drawAct prefers the stage, or the version, that Terraform is busy with, if it is.
func drawAct(t *rapid.T, focus string) act {
	kinds, stages, versions := acts, histStages, []int{0, 1, 2, 3}
	if i := slices.Index(histVersions, focus); i >= 0 {
		kinds, versions = append([]string{"expire", "clear", "expire"}, kinds...), append([]int{i, i, i}, versions...)
	} else if focus != "" {
		kinds = append([]string{"move", "move", "remove"}, kinds...)
		stages = append([]string{focus, focus, focus}, stages...)
	}
	return act{
		kind:    rapid.SampledFrom(kinds).Draw(t, "act"),
		stage:   rapid.SampledFrom(stages).Draw(t, "stage"),
		version: rapid.SampledFrom(versions).Draw(t, "version"),
	}
}

func (s *service) suffer(a act) {
	secret, _ := s.Secret("db")
	version := secret.Versions[a.version%len(secret.Versions)].ID
	defer s.note(event{deed: fmt.Sprintf("%s (stage %s, version %s)", a.kind, a.stage, version)})
	switch a.kind {
	case "move":
		s.MoveStage("db", a.stage, version)
	case "rotate":
		if len(secret.Versions) < 16 { // leaves room for those of the configurations
			s.AddVersion("db")
		}
	case "remove":
		s.DeleteStage("db", a.stage)
	case "collect":
		if len(secret.Versions) > 1 {
			s.DeleteVersion("db", version)
		}
	case "state":
		s.SetState("db", []string{"DISABLED", "ENABLED", "PENDING_DELETE"}[a.version%3])
	case "expire":
		s.SetExpiry("db", version, time.Date(2092, 1, 1, 0, 0, 0, 0, time.UTC))
	case "clear":
		s.SetExpiry("db", version, time.Time{})
	}
}

// hitch befalls one request.
type hitch struct {
	acts  []act // somebody else acts right before it
	fault string
	late  bool // the service acts on it before the fault hides its answer
}

// faults are what can go wrong with a request.
var faults = map[string]csmstest.Fault{
	"none":      {},
	"503":       {Status: http.StatusServiceUnavailable},
	"reset":     {Reset: true},
	"throttled": csmstest.Throttled(""),
	"not CSMS":  {Status: http.StatusNotFound, Body: "<html><title>not CSMS</title></html>"},
}

// drawHitches lets some requests pass before the first one that something befalls.
func drawHitches(t *rapid.T, focus string) []hitch {
	hitches := slices.Repeat([]hitch{{fault: "none"}}, rapid.IntRange(0, 2).Draw(t, "undisturbed"))
	for range rapid.IntRange(1, 4).Draw(t, "disturbed") {
		hitches = append(hitches, drawHitch(t, focus))
	}
	return hitches
}

func drawHitch(t *rapid.T, focus string) hitch {
	names := []string{"none", "503", "reset", "none", "throttled", "not CSMS"}
	h := hitch{fault: rapid.SampledFrom(names).Draw(t, "fault")}
	if h.fault == "503" || h.fault == "reset" {
		h.late = rapid.Bool().Draw(t, "late")
	}
	if rapid.Bool().Draw(t, "interference") {
		h.acts = append(h.acts, drawAct(t, focus))
	}
	return h
}

// befall lets the hitches befall the next requests, one each.
func (s *service) befall(hitches []hitch) {
	for _, h := range hitches {
		fault := faults[h.fault]
		fault.AfterProcessing = h.late
		fault.Do = func() {
			for _, a := range h.acts {
				s.suffer(a)
			}
		}
		s.Fail(fault)
	}
}

// ensureVersion brings back a version that was collected.
func (s *service) ensureVersion(id any) {
	secret, _ := s.Secret("db")
	if slices.ContainsFunc(secret.Versions, func(v csmstest.Version) bool { return v.ID == id }) {
		return
	}
	secret.Versions = append(secret.Versions, csmstest.Version{ID: fmt.Sprint(id)})
	s.PutSecret(secret)
	s.note(event{deed: fmt.Sprintf("bring back %s", id)})
}
