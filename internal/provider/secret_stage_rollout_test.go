package provider_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// rollout is a terraform apply of one instance in slow motion: the plan in one walk,
// the apply in another, and time for somebody else to act between the two.
type rollout struct {
	t *testing.T
	m *mock
	change
	warned string // by refresh and plan
}

// rollOut refreshes an instance and plans it for a configuration; nil plans its
// destruction.
func (m *mock) rollOut(t *testing.T, i instance, config map[string]any) *rollout {
	t.Helper()
	w := newWalkWith(t, m.settings())
	i, refreshed := m.refreshIn(w, i)
	c, diagnostics := w.plan(i, config)
	w.must(diagnostics)
	return &rollout{t: t, m: m, change: c, warned: warningsOf(append(refreshed, diagnostics...))}
}

// refreshIn reads an instance that there is, and insists that this works.
func (m *mock) refreshIn(w *walk, i instance) (instance, []*tfprotov6.Diagnostic) {
	w.t.Helper()
	if i.state == nil {
		return i, nil
	}
	i, diagnostics := w.read(i)
	w.must(diagnostics)
	return i, diagnostics
}

// apply carries the plan out. Terraform plans once more before that and insists on the
// same plan.
func (r *rollout) apply() (instance, []*tfprotov6.Diagnostic) {
	r.t.Helper()
	return r.applyWith(r.m.settings())
}

// applyWith is apply with other settings of the provider.
func (r *rollout) applyWith(settings map[string]any) (instance, []*tfprotov6.Diagnostic) {
	r.t.Helper()
	w := newWalkWith(r.t, settings)
	if r.config != nil {
		again, diagnostics := w.plan(r.instance, r.config)
		w.must(diagnostics)
		if string(again.planned.MsgPack) != string(r.planned.MsgPack) {
			r.t.Errorf("the plan of the apply differs: %q, then %q", r.planned.MsgPack, again.planned.MsgPack)
		}
	}
	i, diagnostics := w.apply(r.change)
	if errorsOf(diagnostics) == "" {
		w.asPlanned(r.change, i.state)
	}
	return i, diagnostics
}

// asPlanned fails the test unless texts that the plan knew come out as it said: else
// Terraform calls the provider's result inconsistent.
func (w *walk) asPlanned(c change, got map[string]any) {
	w.t.Helper()
	planned, err := c.planned.Unmarshal(w.typeOf(c.typeName))
	if err != nil {
		w.t.Fatal(err)
	}
	var attributes map[string]tftypes.Value
	if err := planned.As(&attributes); err != nil {
		w.t.Fatal(err)
	}
	known := w.strings(c.planned, w.typeOf(c.typeName))
	for name, attribute := range attributes {
		if attribute.Type().Is(tftypes.String) && attribute.IsKnown() && known[name] != got[name] {
			w.t.Errorf("%s was planned as %v and comes out as %v", name, known[name], got[name])
		}
	}
}

// mustApply is apply of what has to work.
func (r *rollout) mustApply() (instance, []*tfprotov6.Diagnostic) {
	r.t.Helper()
	i, diagnostics := r.apply()
	if text := errorsOf(diagnostics); text != "" {
		r.t.Fatal(text)
	}
	return i, diagnostics
}

// settled fails the test unless one more plan is empty and silent.
func (m *mock) settled(t *testing.T, i instance, config map[string]any) {
	t.Helper()
	r := m.rollOut(t, i, config)
	if !newWalk(t, m).empty(r.change) {
		t.Errorf("the plan after the apply is not empty: %q", r.planned.MsgPack)
	}
	if r.warned != "" {
		t.Errorf("the plan after the apply warns: %s", r.warned)
	}
}

// created puts a label of "db" on a version and returns it as Terraform remembers it.
func (m *mock) created(t *testing.T, name, version string) instance {
	t.Helper()
	i := newWalk(t, m).create(stageType, stage(name, version))
	m.ResetRequests()
	return i
}

// impatient are settings of a provider that does not retry.
func (m *mock) impatient() map[string]any {
	return with(m.settings(), "max_retries", 0)
}

// onVersion fails the test unless a label of "db" is on a version; "" is nowhere.
func (m *mock) onVersion(t *testing.T, label, version string) {
	t.Helper()
	if holder := m.StageHolder("db", label); holder != version {
		t.Errorf("%s is on %q, want %q", label, holder, version)
	}
}

// tells fails the test unless a text has all that a reader of it needs.
func tells(t *testing.T, text string, wants ...string) {
	t.Helper()
	if len(wants) == 0 && text != "" {
		t.Errorf("got %q, want nothing", text)
	}
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("%q does not tell %q", text, want)
		}
	}
}

// stageReadings are services that read the API's documentation differently where it is
// silent or contradicts itself.
func stageReadings() map[string][]csmstest.Option {
	return map[string][]csmstest.Option{
		"as documented":                     nil,
		"what is missing is 400":            {csmstest.WithNotFoundStatus(http.StatusBadRequest)},
		"a missing label is deleted":        {csmstest.WithMissingStageDeleteOK()},
		"update_time stays on a PUT again":  {csmstest.WithUpdateTimeKeptOnSameVersion()},
		"SYSPREVIOUS follows SYSCURRENT":    {csmstest.WithPreviousFollowingCurrent()},
		"only POST creates labels":          {csmstest.WithStageCreationByPostOnly()},
		"times are in seconds":              {csmstest.WithSecondsTimestamps()},
		"newest version first":              {csmstest.WithVersionOrder(csmstest.Descending)},
		"last page has null marker":         {csmstest.WithLastPageMarker(csmstest.MarkerNull)},
		"last page has empty marker":        {csmstest.WithLastPageMarker(csmstest.MarkerEmpty)},
		"last page has last id as marker":   {csmstest.WithLastPageMarker(csmstest.MarkerLastID)},
		"built-in labels are not counted":   {csmstest.WithBuiltInsOutsideStageLimit()},
		"unlabelled versions are collected": {csmstest.WithUnlabelledVersionCollection()},
		"everything the other way round": {
			csmstest.WithNotFoundStatus(http.StatusBadRequest), csmstest.WithMissingStageDeleteOK(),
			csmstest.WithUpdateTimeKeptOnSameVersion(), csmstest.WithPreviousFollowingCurrent(),
			csmstest.WithStageCreationByPostOnly(), csmstest.WithSecondsTimestamps(),
			csmstest.WithVersionOrder(csmstest.Descending), csmstest.WithLastPageMarker(csmstest.MarkerLastID),
			csmstest.WithBuiltInsOutsideStageLimit(), csmstest.WithInactiveSecretStageWrites(),
		},
	}
}

// inEveryReading runs a test against a service of each kind that has the secret "db",
// in which every version carries a label: v1 SYSPREVIOUS, v2 SYSCURRENT, v3 KEEP. No two
// requests come in the same second there, so that a time that changes is seen to.
func inEveryReading(t *testing.T, test func(*testing.T, *mock)) {
	t.Helper()
	for name, opts := range stageReadings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t, opts...)
			m.SetClock(ticking())
			m.MoveStage("db", "KEEP", "v3")
			test(t, m)
		})
	}
}

// ticking is a clock that goes on by a second whenever somebody looks.
func ticking() func() time.Time {
	var looks atomic.Int64
	return func() time.Time { return time.Unix(1_900_000_000+looks.Add(1), 0) }
}
