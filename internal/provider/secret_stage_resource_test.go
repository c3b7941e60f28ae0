package provider_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

const green = "csms_secret_stage.green"

func TestSecretStage_IsCreatedWithOnePutAndThePlanAfterIsEmpty(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	acceptance(t,
		resource.TestStep{
			Config: m.config(greenOn("v1")),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(green, tfjsonpath.New("id"), knownvalue.StringExact("db/GREEN")),
				statecheck.ExpectKnownValue(green, tfjsonpath.New("region"), knownvalue.StringExact("cn-north-4")),
				statecheck.ExpectKnownValue(green, tfjsonpath.New("version_id"), knownvalue.StringExact("v1")),
				statecheck.ExpectKnownValue(green, tfjsonpath.New("previous_version_id"), knownvalue.Null()),
				statecheck.ExpectKnownValue(green, tfjsonpath.New("update_time"), knownvalue.StringRegexp(regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`))),
			},
		},
		resource.TestStep{ResourceName: green, ImportState: true, ImportStateVerify: true, ImportStateId: "db/GREEN"},
		resource.TestStep{Config: m.config(greenOn("v1"))},
	)
	if n := m.Count("PutStage"); n != 1 {
		t.Errorf("the stage was put %d times, want once", n)
	}
	if holder := m.StageHolder("db", "GREEN"); holder != "" {
		t.Errorf("after destroy GREEN is on %q, want nowhere", holder)
	}
}

func TestSecretStage_MovesInPlaceAndRemembersWhereItWas(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	acceptance(t,
		resource.TestStep{Config: m.config(greenOn("v1"))},
		resource.TestStep{
			Config: m.config(greenOn("v2")),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(green, plancheck.ResourceActionUpdate),
				plancheck.ExpectKnownValue(green, tfjsonpath.New("previous_version_id"), knownvalue.StringExact("v1")),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(green, tfjsonpath.New("version_id"), knownvalue.StringExact("v2")),
				statecheck.ExpectKnownValue(green, tfjsonpath.New("previous_version_id"), knownvalue.StringExact("v1")),
			},
		},
	)
}
