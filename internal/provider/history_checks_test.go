package provider_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"
)

// checkState is what holds at any time: the state names only what Terraform made or took.
func (h *history) checkState(*rapid.T) {
	for at, i := range h.state {
		if i.state["id"] == nil || i.state["secret_name"] != "db" {
			h.violated(incomplete, "%s: %v", at, i.state)
		}
	}
}

// checkStages makes sure that one apply, left alone, puts every stage where it belongs.
// Only SYSPREVIOUS may follow a SYSCURRENT that was moved after it.
func (h *history) checkStages(config configuration) {
	for address, want := range config {
		name, ok := want.attributes["name"].(string)
		if !ok || name == "SYSPREVIOUS" && h.follows {
			continue
		}
		if holder := h.service.StageHolder("db", name); holder != want.attributes["version_id"] {
			h.violated(notInPlace, "%s: %s is on %q, want %q", address, name, holder, want.attributes["version_id"])
		}
	}
}

// checkAgreement compares configuration, state and service.
func (h *history) checkAgreement(config configuration) {
	for address, want := range config {
		for name, value := range want.attributes {
			if got := h.state[place{address: address}].state[name]; name != "expire_time" && got != value {
				h.violated(disagreement, "%s: the state has %s = %v, the configuration %v", address, name, got, value)
			}
		}
		if want.typeName == stageType {
			continue
		}
		version, _ := want.attributes["version_id"].(string)
		expireTime, _ := want.attributes["expire_time"].(string)
		wanted, err := time.Parse(time.RFC3339, expireTime)
		if stored := h.service.Expiry("db", version); err != nil || !stored.Equal(wanted) {
			h.violated(disagreement, "%s: %s expires at %s, want %s", address, version, stored, wanted)
		}
	}
}

var (
	tellsOfLoss     = regexp.MustCompile(`(?i)\b(only|last) (label|stage)\b`)
	tellsOfHandover = regexp.MustCompile("(?i)\\bmoved[\"'`]?\\s*(block|\\{)")
)

// stagesInTheStateTwice lists the stages that one resource keeps as they are while an
// object at another address, which has them too, is deleted.
func (p *savedPlan) stagesInTheStateTwice() []string {
	var twice []string
	for _, s := range p.deletions() {
		name, _ := s.key()
		for at, i := range p.prior {
			isKept := at.deposed == 0 && !slices.ContainsFunc(p.steps, func(other step) bool { return other.at == at })
			if isKept && at.address != s.at.address && i.state["name"] == name {
				twice = append(twice, name)
			}
		}
	}
	return twice
}

// deletions are the planned ones of stages that can be deleted.
func (p *savedPlan) deletions() []step {
	return slices.DeleteFunc(slices.Clone(p.steps), func(s step) bool {
		name, isStage := s.key()
		return s.kind != deletion || !isStage || strings.HasPrefix(name, "SYS")
	})
}

// checkPlan makes sure that a plan tells what somebody must know before it is approved.
func (h *history) checkPlan(p *savedPlan) {
	if p.removedOnly {
		return // the plan before has told, and was refused
	}
	for _, name := range p.stagesInTheStateTwice() {
		if !strings.Contains(p.warnings, name) {
			h.violated(twiceUntold, "%s: %q", name, p.warnings)
		}
	}
	events := h.service.record()[p.from:p.to]
	failed := func(e event) bool { return e.request != nil && e.request.Faulty && e.request.Status != http.StatusOK }
	if slices.ContainsFunc(events, failed) {
		return // it may not have been able to look
	}
	for _, s := range p.deletions() {
		name, _ := s.key()
		to := slices.IndexFunc(p.steps, func(other step) bool {
			otherName, isStage := other.key()
			return other.kind == creation && isStage && otherName == name && other.at != s.at
		})
		// One that has the stage already, and is replaced, does not get it from the other.
		gets := to >= 0 && p.prior[p.steps[to].at].state["name"] != name
		if gets && s.at.deposed == 0 && !s.replacement && !tellsOfHandover.MatchString(p.warnings) {
			h.violated(handoverUntold, "%s from %s to %s: %q", name, s.at, p.steps[to].at, p.warnings)
		}
		shared := func(e event) bool { return !slices.Equal(e.after.stages[s.was()], []string{name}) }
		if to < 0 && !p.fills(s) && !slices.ContainsFunc(events, shared) && !tellsOfLoss.MatchString(p.warnings) {
			h.violated(lossUntold, "%s of %s at %s: %q", name, s.was(), s.at, p.warnings)
		}
	}
}

// fills reports whether the version that a deletion takes a stage from gets another one
// by the same plan, or keeps that one.
func (p *savedPlan) fills(s step) bool {
	name, _ := s.key()
	for address, want := range p.config {
		gets := want.typeName == stageType && want.attributes["version_id"] == s.was()
		switch isItself := address == s.at.address; {
		case isItself && s.replacement && want.attributes["name"] == name: // a move
			return true
		case gets && (!isItself || want.createNew):
			return true
		}
	}
	return s.at.deposed != 0 && p.prior[place{address: s.at.address}].state["name"] == name
}
