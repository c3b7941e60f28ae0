package provider_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// TestNoHistoryMakesTheProviderUndoSomebodyElsesWork plays random histories: plans that
// are applied at once or later, two configurations in turn, replacements, interrupted
// applies; and at any time, also between two requests of one change, somebody who
// rotates, moves stages, deletes them, sets expiries, collects versions, disables the
// secret, or makes the service fail. -rapid.checks sets how many.
func TestNoHistoryMakesTheProviderUndoSomebodyElsesWork(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(t)
		t.Repeat(map[string]func(*rapid.T){
			"plan":         h.savePlan,
			"apply":        h.applySaved,
			"planAndApply": h.planAndApply,
			"somebodyElse": h.somebodyElse,
			"":             h.checkState,
		})
		h.converge()
	})
}

// history is a Terraform state, the plans made from it, and the service.
type history struct {
	t            *rapid.T
	service      *service
	unconfigured *tfServer
	settings     map[string]any
	configs      []configuration
	state        map[place]instance
	serial       int
	saved        []*savedPlan
	run          *run
	mustTarget   bool // the last plan was refused until what it removes is applied
	quiet        bool // nobody else acts, and nothing fails
	follows      bool // SYSPREVIOUS follows SYSCURRENT
}

func newHistory(t *rapid.T) *history {
	h := &history{t: t, state: map[place]instance{}, follows: rapid.Bool().Draw(t, "follows")}
	h.service = newService(t, h.follows)
	h.unconfigured = newUnconfiguredTFServer(t)
	h.settings = with(with(h.service.settings(), "project_id", csmstest.DefaultProjectID),
		"max_retries", rapid.IntRange(0, 3).Draw(t, "max_retries"))
	fenced := h.unconfigured.has(stageType, "expected_version_id")
	for _, name := range []string{"a", "b"} {
		h.configs = append(h.configs, drawConfiguration(t, name, fenced))
		t.Logf("configuration %s:%s", name, h.configs[len(h.configs)-1])
	}
	return h
}

// oneIn draws whether something happens that does so once in n times.
func (h *history) oneIn(n int, what string) bool {
	return rapid.IntRange(0, n-1).Draw(h.t, what) == n-1
}

func (h *history) drawConfiguration() configuration {
	return h.configs[rapid.IntRange(0, len(h.configs)-1).Draw(h.t, "configuration")]
}

// drawPlan plans one of the configurations in one of the ways there are.
func (h *history) drawPlan() (plan *savedPlan, ok bool) {
	how := walking{
		refresh: !h.oneIn(4, "no refresh"), destroy: h.oneIn(8, "destroy"),
		planFirst: rapid.Bool().Draw(h.t, "removed ones are planned first"), replace: true,
	}
	return h.plan(h.drawConfiguration(), how)
}

func (h *history) savePlan(*rapid.T) {
	if plan, ok := h.drawPlan(); ok {
		h.saved = append(h.saved, plan)
	}
}

// applySaved applies a plan that was saved at some time.
func (h *history) applySaved(t *rapid.T) {
	if len(h.saved) == 0 {
		t.Skip("no plan")
	}
	h.apply(h.saved[rapid.IntRange(0, len(h.saved)-1).Draw(t, "plan")])
}

func (h *history) planAndApply(*rapid.T) {
	if plan, ok := h.drawPlan(); ok {
		h.apply(plan)
	}
}

func (h *history) somebodyElse(t *rapid.T) {
	h.service.suffer(drawAct(t, ""))
}

// maybeSomebodyElse lets somebody else act between two calls of Terraform.
func (h *history) maybeSomebodyElse() {
	if !h.quiet && h.oneIn(10, "interference") {
		h.somebodyElse(h.t)
	}
}

// disturb lets hitches befall the next requests, once in so many times, until calm is
// called.
func (h *history) disturb(focus string, often int) (calm func()) {
	if h.quiet || !h.oneIn(often, "disturbance") {
		return func() {}
	}
	h.service.befall(drawHitches(h.t, focus))
	return h.service.ClearFaults
}

// converge leaves Terraform alone with a service that works. Within three rounds
// nothing is left to do: one for the drift, one more if SYSPREVIOUS followed, the last
// one empty. Then configuration, state and service agree.
func (h *history) converge() {
	h.quiet = true
	h.service.SetState("db", "ENABLED")
	config := h.drawConfiguration().assertEmptyPlan()
	for _, want := range config {
		h.service.ensureVersion(want.attributes["version_id"])
	}
	for round := 1; !h.t.Failed(); round++ {
		h.mustTarget = false
		plan, ok := h.plan(config, walking{refresh: true, replace: round == 1})
		if !ok && h.mustTarget { // as the error advises
			if plan, ok = h.plan(config, walking{refresh: true, removedOnly: true}); ok {
				round--
			}
		}
		switch {
		case !ok:
			h.violated(notConverging, "a plan fails although nothing is wrong any more")
		case len(plan.steps) == 0:
			h.state = plan.prior
			h.follows = false // it has come to rest
			h.checkStages(config)
			h.checkAgreement(config)
			return
		case round == 3:
			h.violated(notConverging, "the third plan is not empty: %d changes", len(plan.steps))
		case !h.apply(plan):
			h.violated(notConverging, "an apply fails although nothing is wrong any more")
		case !plan.removedOnly && len(plan.stagesInTheStateTwice()) == 0:
			h.checkStages(config)
		}
	}
}
