package provider_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"pgregory.net/rapid"

	"github.com/csms/terraform-provider-csms/internal/provider"
)

// place is where the state has an object: as the current one of its address, or as one
// that a create_before_destroy has deposed there and not deleted yet.
type place struct {
	address string
	deposed int
}

func (p place) String() string {
	if p.deposed == 0 {
		return p.address
	}
	return fmt.Sprintf("%s (deposed %d)", p.address, p.deposed)
}

func comparePlaces(a, b place) int {
	return cmp.Or(cmp.Compare(a.address, b.address), cmp.Compare(a.deposed, b.deposed))
}

// walking is how Terraform goes about a plan.
type walking struct {
	refresh     bool
	destroy     bool // everything; then a walk of its own refreshes before
	planFirst   bool // what is removed is planned before it is refreshed
	removedOnly bool // -target, with what is to be destroyed
	replace     bool // -replace or replace_triggered_by may force replacements
}

// savedPlan can be applied as long as the state has not changed since.
type savedPlan struct {
	walking
	prior    map[place]instance
	config   configuration
	steps    []step
	warnings string
	from, to int // what was on record when it began and ended
}

// step is one change at one place, as Terraform carries it out.
type step struct {
	change
	at          place
	kind        stepKind
	replacement bool // one of the two halves
}

func (s step) String() string {
	return fmt.Sprintf("%s %s: %v -> %v", s.kind, s.at, s.state, s.config)
}

type stepKind string

const (
	creation stepKind = "create"
	updating stepKind = "update"
	deletion stepKind = "delete"
)

// walk configures a provider for another walk.
func (h *history) tfServer() *tfServer {
	w := *h.unconfigured
	w.ProviderServer = provider.NewImpatientServer("test")()
	w.must(w.configure(h.settings))
	return &w
}

// plan is what terraform plan does. ok is false after an error: there is no plan then.
func (h *history) plan(config configuration, how walking) (plan *savedPlan, ok bool) {
	plan = &savedPlan{
		walking: how, config: config, prior: maps.Clone(h.state), from: len(h.service.record()) - 1,
	}
	if how.destroy {
		plan.config = configuration{}
	}
	w := h.tfServer()
	if how.destroy && how.refresh {
		for _, at := range h.placesOf(plan.prior, nil) {
			if !h.refresh(w, plan, at) {
				return nil, false
			}
		}
		w, plan.refresh = h.tfServer(), false
	}
	for _, at := range h.placesOf(plan.prior, plan.config) {
		if how.removedOnly && !plan.removes(at) {
			continue
		}
		h.maybeSomebodyElse()
		if !h.planPlace(w, plan, at) {
			return nil, false
		}
	}
	plan.to = len(h.service.record())
	h.t.Logf("plan: %v %s", plan.steps, plan.warnings)
	h.checkPlan(plan)
	return plan, true
}

// removes reports whether the object at a place is to be deleted.
func (p *savedPlan) removes(at place) bool {
	_, isDeclared := p.config[at.address]
	return at.deposed != 0 || !isDeclared
}

// failed reports whether a plan failed, and notes if it asks for the removals to be applied first.
func (h *history) failed(diagnostics []*tfprotov6.Diagnostic) bool {
	h.mustTarget = h.mustTarget || strings.Contains(errorsOf(diagnostics), "-target=")
	return errorsOf(diagnostics) != ""
}

// placesOf draws the order in which Terraform visits places: any.
func (h *history) placesOf(state map[place]instance, config configuration) []place {
	places := slices.Collect(maps.Keys(state))
	for address := range config {
		if at := (place{address: address}); !slices.Contains(places, at) {
			places = append(places, at)
		}
	}
	slices.SortFunc(places, comparePlaces)
	return permuted(h.t, places)
}

// permuted draws an order.
func permuted[E any](t *rapid.T, all []E) []E {
	indices := make([]int, len(all))
	for i := range indices {
		indices[i] = i
	}
	if len(all) > 1 {
		indices = rapid.Permutation(indices).Draw(t, "order")
	}
	in := make([]E, len(all))
	for i, index := range indices {
		in[i] = all[index]
	}
	return in
}

// refresh reads the object at a place. It returns false after an error.
func (h *history) refresh(w *tfServer, plan *savedPlan, at place) bool {
	defer h.disturb("", 10)()
	read, diagnostics := w.read(plan.prior[at])
	if errorsOf(diagnostics) != "" {
		return false
	}
	plan.prior[at] = read
	if read.state == nil {
		delete(plan.prior, at)
	}
	return true
}

func (h *history) planPlace(w *tfServer, plan *savedPlan, at place) bool {
	want, removed := plan.config[at.address], plan.removes(at)
	_, exists := plan.prior[at]
	early := removed && plan.planFirst && plan.refresh
	if early && !h.planDelete(w, plan, at) || exists && plan.refresh && !h.refresh(w, plan, at) {
		return false
	}
	switch _, still := plan.prior[at]; {
	case !removed:
		return h.planPut(w, plan, at, want)
	case early && !still: // there is nothing to delete
		plan.steps = plan.steps[:len(plan.steps)-1]
	case !early && still:
		return h.planDelete(w, plan, at)
	}
	return true
}

func (h *history) planDelete(w *tfServer, plan *savedPlan, at place) bool {
	defer h.disturb("", 10)()
	c, diagnostics := w.plan(plan.prior[at], nil)
	plan.add(diagnostics, step{change: c, at: at, kind: deletion})
	return !h.failed(diagnostics)
}

func (p *savedPlan) add(diagnostics []*tfprotov6.Diagnostic, steps ...step) {
	p.warnings += warningsOf(diagnostics)
	p.steps = append(p.steps, steps...)
}

func (h *history) planPut(w *tfServer, plan *savedPlan, at place, want declared) bool {
	defer h.disturb("", 10)()
	record := h.service.record()
	config := want.resolved(record[len(record)-1].after)
	prior, exists := plan.prior[at]
	fresh := instance{typeName: want.typeName}
	var deleted []step
	if exists {
		c, diagnostics := w.plan(prior, config)
		plan.add(diagnostics)
		if h.failed(diagnostics) {
			return false
		}
		isReplaced := c.requiresReplace || plan.replace && h.oneIn(4, "replace")
		if !isReplaced && !w.empty(c) {
			plan.add(nil, step{change: c, at: at, kind: updating})
		}
		if !isReplaced {
			return true
		}
		// Terraform plans again as if there were no object, and hands on the private state. The
		// deletion it plans by itself.
		fresh.private = c.plannedPrivate
		gone := change{instance: prior, planned: w.dynamic(w.typeOf(prior.typeName), nil)}
		deleted = []step{{change: gone, at: at, kind: deletion, replacement: true}}
	}
	c, diagnostics := w.plan(fresh, config)
	if h.failed(diagnostics) {
		return false
	}
	for i := range deleted {
		deleted[i].plannedPrivate = c.plannedPrivate
	}
	plan.add(diagnostics, append(deleted, step{change: c, at: at, kind: creation, replacement: exists})...)
	return true
}
