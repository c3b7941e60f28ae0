package provider_test

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// acceptance runs the steps with the real Terraform CLI
// and at last makes sure that one more plan of the last configuration is empty.
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

// somebodyElse acts between plan and apply.
func somebodyElse(act func()) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{between(act)}}
}

type between func()

func (act between) CheckPlan(context.Context, plancheck.CheckPlanRequest, *plancheck.CheckPlanResponse) {
	act()
}

// planned expects an action for a resource at plan.
func planned(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}
