package provider_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"pgregory.net/rapid"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// TestNoHistoryMakesTheProviderUndoSomebodyElsesWork plays random histories: plans that
// are applied at once or later, two configurations in turn, and between any two calls
// of Terraform somebody who rotates, moves labels, deletes them, collects versions,
// disables the secret or makes the service fail. -rapid.checks sets how many.
func TestNoHistoryMakesTheProviderUndoSomebodyElsesWork(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory(t)
		t.Repeat(map[string]func(*rapid.T){
			"plan":         h.makePlan,
			"apply":        h.applyPlan,
			"somebodyElse": h.somebodyElse,
			"fault":        h.fault,
			"":             h.check,
		})
		h.converge()
	})
}

// history is a Terraform state, the plans made from it, and the service.
type history struct {
	t       *rapid.T
	m       *mock
	configs []configuration
	state   map[string]instance
	serial  int
	saved   []savedPlan
	quiet   bool // nobody else acts
	follows bool // SYSPREVIOUS follows SYSCURRENT
}

// configuration is what a module says, by address.
type configuration map[string]declared

type declared struct {
	typeName   string
	attributes map[string]any
	createNew  bool // create_before_destroy
}

// savedPlan can be applied as long as the state has not changed since.
type savedPlan struct {
	serial  int
	prior   map[string]instance
	config  configuration
	changes []step
	twice   bool // it warned of a label that is in the state twice
}

// step is one change of one address, as Terraform carries it out.
type step struct {
	address string
	delete  bool
	change
}

var (
	histLabels   = []string{"SYSCURRENT", "SYSPREVIOUS", "BLUE", "GREEN"}
	histVersions = []string{"v1", "v2", "v3", "v4"}
	histTimes    = []string{"2090-01-01T00:00:00Z", "2090-01-01T08:00:00+08:00", "2091-01-01T00:00:00Z"}
)

func newHistory(t *rapid.T) *history {
	follows := rapid.Bool().Draw(t, "follows")
	opts := []csmstest.Option{csmstest.WithUpdateTimeKeptOnSameVersion()}
	if follows {
		opts = append(opts, csmstest.WithPreviousFollowingCurrent())
	}
	if rapid.Bool().Draw(t, "notFoundAs400") {
		opts = append(opts, csmstest.WithNotFoundStatus(400))
	}
	if rapid.Bool().Draw(t, "postOnly") {
		opts = append(opts, csmstest.WithStageCreationByPostOnly(), csmstest.WithExistingStageRefused())
	}
	if rapid.Bool().Draw(t, "noExpireTimeInAnswer") {
		opts = append(opts, csmstest.WithoutExpireTimeInAnswer())
	}
	m := newMock(t, opts...)
	m.PutSecret(csmstest.Secret{Name: "db", Versions: []csmstest.Version{
		{ID: "v1", Stages: []string{"SYSPREVIOUS"}}, {ID: "v2", Stages: []string{"SYSCURRENT"}}, {ID: "v3", Stages: []string{"BLUE"}}, {ID: "v4"},
	}})
	return &history{
		t: t, m: m, follows: follows, state: map[string]instance{},
		configs: []configuration{drawConfiguration(t, "a"), drawConfiguration(t, "b")},
	}
}

// drawConfiguration declares each label and each version's expiry at most once, at an
// address that the other configuration may give to another object.
func drawConfiguration(t *rapid.T, name string) configuration {
	c := configuration{}
	addresses := rapid.Permutation([]string{"s0", "s1", "s2", "s3"}).Draw(t, name+" addresses")
	for i, label := range histLabels {
		if rapid.Bool().Draw(t, name+" has "+label) {
			c[addresses[i]] = declared{
				typeName:   stageType,
				attributes: stage(label, rapid.SampledFrom(histVersions).Draw(t, name+" "+label)),
				createNew:  rapid.Bool().Draw(t, name+" create_before_destroy"),
			}
		}
	}
	for _, version := range histVersions[:2] {
		if rapid.Bool().Draw(t, name+" expires "+version) {
			c["e"+version] = declared{
				typeName:   "csms_secret_version_expiry",
				attributes: expiry(version, rapid.SampledFrom(histTimes).Draw(t, name+" "+version)),
			}
		}
	}
	return c
}

// walk configures a provider that does not retry: a fault is an error at once.
func (h *history) tfServer() *tfServer {
	return newTFServerWith(h.t, with(with(h.m.settings(), "max_retries", 0), "project_id", csmstest.DefaultProjectID))
}

// makePlan refreshes and plans, and saves the plan.
func (h *history) makePlan(t *rapid.T) {
	config := rapid.SampledFrom(h.configs).Draw(t, "configuration")
	if plan, ok := h.plan(config); ok {
		h.saved = append(h.saved, plan)
	}
}

// plan is a walk of terraform plan. ok is false after an error: there is no plan then.
func (h *history) plan(config configuration) (savedPlan, bool) {
	w := h.tfServer()
	plan := savedPlan{serial: h.serial, config: config, prior: map[string]instance{}}
	for _, address := range sortedKeys(h.state) {
		h.maybeSomebodyElse()
		read, diagnostics := w.read(h.state[address])
		if errorsOf(diagnostics) != "" {
			return plan, false
		}
		if read.state != nil {
			plan.prior[address] = read
		}
	}
	for _, address := range sortedKeys(plan.prior) {
		if _, ok := config[address]; !ok {
			h.planDelete(w, &plan, address)
		}
	}
	for _, address := range sortedKeys(config) {
		h.maybeSomebodyElse()
		if !h.planPut(w, &plan, address) {
			return plan, false
		}
	}
	return plan, true
}

func (h *history) planDelete(w *tfServer, plan *savedPlan, address string) {
	c, diagnostics := w.plan(plan.prior[address], nil)
	w.must(diagnostics)
	plan.note(diagnostics)
	plan.changes = append(plan.changes, step{address: address, delete: true, change: c})
}

func (p *savedPlan) note(diagnostics []*tfprotov6.Diagnostic) {
	p.twice = p.twice || strings.Contains(warningsOf(diagnostics), "in the state twice")
}

func (h *history) planPut(w *tfServer, plan *savedPlan, address string) bool {
	want := plan.config[address]
	prior, exists := plan.prior[address]
	if exists && prior.typeName == want.typeName {
		c, diagnostics := w.plan(prior, want.attributes)
		plan.note(diagnostics)
		if errorsOf(diagnostics) != "" {
			return false
		}
		if !c.requiresReplace {
			if !w.empty(c) {
				plan.changes = append(plan.changes, step{address: address, change: c})
			}
			return true
		}
		// Terraform plans the deletion half of a replacement by itself.
		plan.changes = append(plan.changes, step{address: address, delete: true, change: change{instance: prior, planned: w.dynamic(w.typeOf(prior.typeName), nil)}})
	}
	c, diagnostics := w.plan(instance{typeName: want.typeName}, want.attributes)
	if errorsOf(diagnostics) != "" {
		return false
	}
	plan.changes = append(plan.changes, step{address: address, change: c})
	return true
}

// applyPlan applies a plan that was saved at some time.
func (h *history) applyPlan(t *rapid.T) {
	if len(h.saved) == 0 {
		t.Skip("no plan")
	}
	i := rapid.IntRange(0, len(h.saved)-1).Draw(t, "plan")
	plan := h.saved[i]
	h.saved = slices.Delete(h.saved, i, i+1)
	if plan.serial == h.serial { // else Terraform refuses it as stale
		h.apply(plan)
	}
}

// apply is a walk of terraform apply over a saved plan. It returns false after an error.
func (h *history) apply(plan savedPlan) bool {
	h.serial++
	h.state = maps.Clone(plan.prior)
	w, whole := h.tfServer(), true
	failed := map[string]bool{}
	for _, s := range h.order(plan) {
		h.maybeSomebodyElse()
		if failed[s.address] {
			continue // the other half of the replacement failed
		}
		if !h.applyStep(w, s, plan.config[s.address]) {
			whole, failed[s.address] = false, true
		}
	}
	return whole
}

// order draws the order of the steps: any, but for the two halves of a replacement.
func (h *history) order(plan savedPlan) []step {
	steps := slices.Clone(plan.changes)
	if len(steps) > 1 {
		steps = rapid.Permutation(steps).Draw(h.t, "order")
	}
	for i := range steps {
		for j := i + 1; j < len(steps); j++ {
			if steps[i].address == steps[j].address && steps[i].delete == plan.config[steps[i].address].createNew {
				steps[i], steps[j] = steps[j], steps[i]
			}
		}
	}
	return steps
}

// applyStep carries out one change. Terraform plans it again before, and insists that
// nothing comes out that the first plan did not say.
func (h *history) applyStep(w *tfServer, s step, want declared) bool {
	before, writes := h.holders(), len(h.m.Requests())
	if !s.delete {
		again, diagnostics := w.plan(s.instance, want.attributes)
		if errorsOf(diagnostics) != "" {
			return false
		}
		if string(again.planned.MsgPack) != string(s.planned.MsgPack) {
			h.t.Errorf("%s: the plan during apply differs from the saved one", s.address)
		}
	}
	after, diagnostics := w.apply(s.change)
	h.checkWrites(s, before, writes)
	if errorsOf(diagnostics) != "" {
		return false
	}
	switch current := h.state[s.address]; {
	case !s.delete:
		h.state[s.address] = after
	case sameObject(current, s.instance):
		delete(h.state, s.address)
	}
	return true
}

// sameObject tells an object from the one that has replaced it at the same address.
func sameObject(a, b instance) bool {
	return a.typeName == b.typeName && a.state["id"] == b.state["id"]
}

func (h *history) holders() map[string]string {
	found := map[string]string{}
	for _, label := range histLabels {
		found[label] = h.m.StageHolder("db", label)
	}
	return found
}

// checkWrites looks at what one change wrote: only its own label, only from where the
// plan saw it, and nothing that changed nothing.
func (h *history) checkWrites(s step, before map[string]string, from int) {
	own, _ := s.state["name"].(string)
	saw, _ := s.state["version_id"].(string)
	for _, r := range h.m.Requests()[from:] {
		if r.Method == http.MethodGet || r.Status >= 300 {
			continue
		}
		if !r.Changed {
			h.t.Errorf("%s: %s %s changed nothing", s.address, r.Method, r.Path)
		}
		if r.Stage == "" {
			continue
		}
		holder := before[r.Stage]
		ownDoing := h.follows && r.Stage == "SYSPREVIOUS"
		if s.state != nil && r.Stage == own && holder != "" && holder != saw && !ownDoing {
			h.t.Errorf("%s: %s of %s, which somebody else had moved from %s to %s", s.address, r.Method, r.Stage, saw, holder)
		}
		if r.Operation == "DeleteStage" && r.Stage != own {
			h.t.Errorf("%s: deleted %s, which is not its own", s.address, r.Stage)
		}
	}
}

// maybeSomebodyElse lets somebody else act between two calls of Terraform.
func (h *history) maybeSomebodyElse() {
	if !h.quiet && rapid.IntRange(0, 9).Draw(h.t, "interference") == 0 {
		h.somebodyElse(h.t)
	}
}

// somebodyElse changes the service behind Terraform's back.
func (h *history) somebodyElse(t *rapid.T) {
	s, ok := h.m.Secret("db")
	if !ok {
		return
	}
	label := rapid.SampledFrom(histLabels).Draw(t, "label")
	version := rapid.SampledFrom(s.Versions).Draw(t, "version").ID
	switch rapid.SampledFrom([]string{"move", "rotate", "remove", "collect", "state", "expire", "clear"}).Draw(t, "act") {
	case "move":
		h.m.MoveStage("db", label, version)
	case "rotate":
		if len(s.Versions) < 16 { // leaves room for those of the configurations
			h.m.AddVersion("db")
		}
	case "remove":
		h.m.DeleteStage("db", label)
	case "collect":
		if len(s.Versions) > 1 {
			h.m.DeleteVersion("db", version)
		}
	case "state":
		h.m.SetState("db", rapid.SampledFrom([]string{"ENABLED", "DISABLED", "PENDING_DELETE"}).Draw(t, "state"))
	case "expire":
		h.m.SetExpiry("db", version, time.Date(2092, 1, 1, 0, 0, 0, 0, time.UTC))
	case "clear":
		h.m.SetExpiry("db", version, time.Time{})
	}
}

// fault makes one of the next requests fail, before or after it took effect.
func (h *history) fault(t *rapid.T) {
	h.m.Fail(csmstest.Fault{
		Method:          rapid.SampledFrom([]string{"", "GET", "PUT", "DELETE"}).Draw(t, "method"),
		Status:          rapid.SampledFrom([]int{500, 503, 404}).Draw(t, "status"),
		Body:            "<html><title>not CSMS</title></html>",
		AfterProcessing: rapid.Bool().Draw(t, "after processing"),
	})
}

// check is what holds at any time: Terraform's state names only what it made or took.
func (h *history) check(t *rapid.T) {
	for address, i := range h.state {
		if i.state["id"] == nil || i.state["secret_name"] != "db" {
			t.Errorf("%s has an incomplete state: %v", address, i.state)
		}
	}
}

// converge leaves Terraform alone with a service that works. Within three rounds
// nothing is left to do: one for the drift, one more if SYSPREVIOUS followed, the last
// one empty. Then configuration, state and service agree.
func (h *history) converge() {
	h.quiet = true
	h.m.ClearFaults()
	h.m.SetState("db", "ENABLED")
	config := rapid.SampledFrom(h.configs).Draw(h.t, "last configuration")
	for _, want := range config {
		h.m.ensureVersion(want.attributes["version_id"])
	}
	for round := 1; ; round++ {
		plan, ok := h.plan(config)
		if !ok {
			h.t.Fatal("a plan fails although nothing is wrong any more")
		}
		if len(plan.changes) == 0 {
			h.state = plan.prior
			break
		}
		if round == 3 {
			h.t.Fatal(fmt.Sprintf("the third plan is not empty: %d changes", len(plan.changes)))
		}
		if !h.apply(plan) {
			h.t.Fatal("an apply fails although nothing is wrong any more")
		}
		if !plan.twice {
			h.checkLabels(config)
		}
	}
	h.follows = false // it has come to rest
	h.checkLabels(config)
	h.checkAgreement(config)
}

// ensureVersion brings back a version that was collected.
func (m *mock) ensureVersion(id any) {
	s, _ := m.Secret("db")
	if slices.ContainsFunc(s.Versions, func(v csmstest.Version) bool { return v.ID == id }) {
		return
	}
	s.Versions = append(s.Versions, csmstest.Version{ID: fmt.Sprint(id)})
	m.PutSecret(s)
}

// checkLabels makes sure that one apply, left alone, puts every label where it belongs,
// unless its plan has warned of that.
// Only SYSPREVIOUS may follow a SYSCURRENT that was moved after it.
func (h *history) checkLabels(config configuration) {
	for address, want := range config {
		label, ok := want.attributes["name"].(string)
		if !ok || label == "SYSPREVIOUS" && h.follows {
			continue
		}
		if holder := h.m.StageHolder("db", label); holder != want.attributes["version_id"] {
			h.t.Errorf("%s: after the apply %s is on %q, want %q", address, label, holder, want.attributes["version_id"])
		}
	}
}

// checkAgreement compares configuration, state and service.
func (h *history) checkAgreement(config configuration) {
	for address, want := range config {
		for name, value := range want.attributes {
			if got := h.state[address].state[name]; name != "expire_time" && got != value {
				h.t.Errorf("%s: the state has %s = %v, the configuration %v", address, name, got, value)
			}
		}
		if want.typeName == stageType {
			continue
		}
		version, _ := want.attributes["version_id"].(string)
		expireTime, _ := want.attributes["expire_time"].(string)
		wanted, err := time.Parse(time.RFC3339, expireTime)
		if stored := h.m.Expiry("db", version); err != nil || !stored.Equal(wanted) {
			h.t.Errorf("%s: %s expires at %s, want %s", address, version, stored, wanted)
		}
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
