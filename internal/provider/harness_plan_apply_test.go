package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// planApply is a terraform apply of one instance in slow motion: the plan in one walk, the apply in
// another, and time for somebody else to act between the two.
type planApply struct {
	t *testing.T
	m *mock
	change
	warned string // by refresh and plan
}

// plan refreshes an instance and plans it for a configuration; nil plans its destruction.
func (m *mock) plan(t *testing.T, i instance, config map[string]any) *planApply {
	t.Helper()
	s := newTFServerWith(t, m.settings())
	i, refreshed := m.refreshIn(s, i)
	c, diagnostics := s.plan(i, config)
	s.must(diagnostics)
	return &planApply{t: t, m: m, change: c, warned: warningsOf(append(refreshed, diagnostics...))}
}

// refreshIn reads an instance that there is, and insists that this works.
func (m *mock) refreshIn(s *tfServer, i instance) (instance, []*tfprotov6.Diagnostic) {
	s.t.Helper()
	if i.state == nil {
		return i, nil
	}
	i, diagnostics := s.read(i)
	s.must(diagnostics)
	return i, diagnostics
}

// apply carries the plan out. Terraform plans once more before that and insists on the same plan.
func (r *planApply) apply() (instance, []*tfprotov6.Diagnostic) {
	r.t.Helper()
	return r.applyWith(r.m.settings())
}

// applyWith is apply with other settings of the provider.
func (r *planApply) applyWith(settings map[string]any) (instance, []*tfprotov6.Diagnostic) {
	r.t.Helper()
	s := newTFServerWith(r.t, settings)
	if r.config != nil {
		again, diagnostics := s.plan(r.instance, r.config)
		s.must(diagnostics)
		if string(again.planned.MsgPack) != string(r.planned.MsgPack) {
			r.t.Errorf("the plan of the apply differs: %q, then %q", r.planned.MsgPack, again.planned.MsgPack)
		}
	}
	i, diagnostics := s.apply(r.change)
	if errorsOf(diagnostics) == "" {
		s.assertAsPlanned(r.change, i.state)
	}
	return i, diagnostics
}

// assertAsPlanned fails the test unless texts that the plan knew come out as it said: else
// Terraform calls the provider's result inconsistent.
func (s *tfServer) assertAsPlanned(c change, got map[string]any) {
	s.t.Helper()
	planned, err := c.planned.Unmarshal(s.typeOf(c.typeName))
	if err != nil {
		s.t.Fatal(err)
	}
	var attributes map[string]tftypes.Value
	if err := planned.As(&attributes); err != nil {
		s.t.Fatal(err)
	}
	known := s.strings(c.planned, s.typeOf(c.typeName))
	for name, attribute := range attributes {
		if attribute.Type().Is(tftypes.String) && attribute.IsKnown() && known[name] != got[name] {
			s.t.Errorf("%s was planned as %v and comes out as %v", name, known[name], got[name])
		}
	}
}

// mustApply is apply of what has to work.
func (r *planApply) mustApply() (instance, []*tfprotov6.Diagnostic) {
	r.t.Helper()
	i, diagnostics := r.apply()
	if text := errorsOf(diagnostics); text != "" {
		r.t.Fatal(text)
	}
	return i, diagnostics
}

// assertEmptyPlan fails the test unless one more plan is empty and silent.
func (m *mock) assertEmptyPlan(t *testing.T, i instance, config map[string]any) {
	t.Helper()
	r := m.plan(t, i, config)
	if !newTFServer(t, m).empty(r.change) {
		t.Errorf("the plan after the apply is not empty: %q", r.planned.MsgPack)
	}
	if r.warned != "" {
		t.Errorf("the plan after the apply warns: %s", r.warned)
	}
}

// acceptance runs the steps with the real Terraform CLI and at last makes sure that one more plan
// of the last configuration is empty.
func acceptance(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	if last := steps[len(steps)-1]; last.Config != "" && last.ExpectError == nil && !last.Destroy && !last.PlanOnly {
		steps = append(steps, resource.TestStep{
			Config:           last.Config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		})
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(),
		Steps:                    steps,
	})
}

// planned expects an action for a resource at plan.
func planned(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}
