package provider_test

import (
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// run is one terraform apply.
type run struct {
	number  int
	plan    *savedPlan
	placed  map[string]bool     // stages that were put in place
	removed map[string][]string // where the objects that were deleted had their stages
}

// apply is what terraform apply does with a saved plan. It returns false after an error.
func (h *history) apply(plan *savedPlan) bool {
	h.serial++
	h.saved = nil // Terraform refuses them from now on: they are stale
	h.state = maps.Clone(plan.prior)
	h.run = &run{number: h.service.begin(), plan: plan, placed: map[string]bool{}, removed: map[string][]string{}}
	w, whole := h.tfServer(), true
	stopped := map[place]bool{} // the other half of the replacement must not follow
	for _, s := range h.order(plan) {
		h.maybeSomebodyElse()
		if !h.quiet && h.oneIn(20, "interrupted") {
			return false
		}
		if s.replacement && stopped[s.at] {
			continue
		}
		if !h.applyStep(w, s, plan.config[s.at.address].createNew) {
			whole, stopped[s.at] = false, true
		}
	}
	return whole
}

// order draws the order of the steps: any, but for the two halves of a replacement.
func (h *history) order(plan *savedPlan) []step {
	steps := permuted(h.t, plan.steps)
	for i := range steps {
		for j := i + 1; j < len(steps); j++ {
			createNew := plan.config[steps[i].at.address].createNew
			if steps[i].replacement && steps[i].at == steps[j].at && (steps[i].kind == deletion) == createNew {
				steps[i], steps[j] = steps[j], steps[i]
			}
		}
	}
	return steps
}

// applyStep carries out one change. It returns false after an error, also one of something
// that depends on a new object, whose old one is then not deleted.
func (h *history) applyStep(w *tfServer, s step, createNew bool) bool {
	old := place{s.at.address, h.serial} // no other run deposes there
	switch {
	case !s.replacement || !createNew:
		return h.carryOut(w, s)
	case s.kind == deletion:
		s.at = old
		return h.carryOut(w, s)
	}
	h.state[old] = h.state[s.at]
	delete(h.state, s.at)
	if h.carryOut(w, s) {
		return h.quiet || !h.oneIn(3, "dependant fails")
	}
	if _, saved := h.state[s.at]; !saved {
		h.state[s.at] = h.state[old]
		delete(h.state, old)
	}
	return false
}

// carryOut plans a change again, unless it deletes the current object of an address, and
// applies it.
func (h *history) carryOut(w *tfServer, s step) bool {
	var warnings string
	if s.kind != deletion || s.at.deposed != 0 {
		diagnostics := h.planAgain(w, &s)
		if errorsOf(diagnostics) != "" {
			return false
		}
		warnings = warningsOf(diagnostics)
	}
	from := len(h.service.record())
	calm := h.disturb(s.focus(), 2)
	after, diagnostics := w.apply(s.change)
	calm()
	warnings += warningsOf(diagnostics)
	failure := errorsOf(diagnostics)
	h.t.Logf("%s %s%s", s, failure, warnings)
	h.judge(s, from, failure != "", warnings)
	h.run.note(s, failure == "")
	switch {
	case after.state != nil:
		h.state[s.at] = after
	case s.kind == deletion && failure == "":
		delete(h.state, s.at)
	}
	return failure == ""
}

// planAgain plans a change during apply. Nothing may come out that the first plan did
// not say.
func (h *history) planAgain(w *tfServer, s *step) []*tfprotov6.Diagnostic {
	defer h.disturb("", 10)()
	before := instance{typeName: s.typeName}
	if s.kind != creation {
		before = h.state[s.at]
	}
	again, diagnostics := w.plan(before, s.config)
	if errorsOf(diagnostics) == "" && string(again.planned.MsgPack) != string(s.planned.MsgPack) {
		h.violated(planDiffers, "%s: %v", s.at, s.config)
	}
	s.change = again
	return diagnostics
}

// note takes down what a step has done. What a deposed object had says nothing of where
// a stage is.
func (r *run) note(s step, succeeded bool) {
	name, isStage := s.key()
	switch {
	case !isStage:
	case s.kind == deletion && s.at.deposed == 0:
		r.removed[name] = append(r.removed[name], s.was())
	case s.kind != deletion && succeeded:
		r.placed[name] = true
	}
}

// deletes reports whether the plan deletes the stage at a place, and does not create it there.
func (r *run) deletes(at place, name string) bool {
	does := func(kind stepKind) bool {
		return slices.ContainsFunc(r.plan.steps, func(s step) bool {
			stepName, _ := s.key()
			return s.at == at && s.kind == kind && stepName == name
		})
	}
	return does(deletion) && !does(creation)
}
