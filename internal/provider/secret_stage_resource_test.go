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

// greenOn puts the label GREEN of the secret "db" on a version.
func greenOn(version string) string {
	return label("green", "GREEN", version, "")
}

// label puts a label of the secret "db" on a version, by a resource of the given name
// with further settings.
func label(resourceName, name, version, settings string) string {
	return `
resource "csms_secret_stage" "` + resourceName + `" {
  secret_name = "db"
  name        = "` + name + `"
  version_id  = "` + version + `"
` + settings + `
}
`
}

func TestStageIsCreatedWithOnePutAndThePlanAfterIsEmpty(t *testing.T) {
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

func TestStageMovesInPlaceAndRemembersWhereItWas(t *testing.T) {
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

func TestStageMovedByARotationBetweenPlanAndApplyIsNotMovedBack(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	acceptance(t,
		resource.TestStep{Config: m.config(greenOn("v1"))},
		resource.TestStep{
			Config:           m.config(greenOn("v2")),
			ConfigPlanChecks: somebodyElse(func() { m.MoveStage("db", "GREEN", "v3"); m.ResetRequests() }),
			ExpectError:      regexp.MustCompile(`(?s)Unable to move CSMS secret stage.*from\s+version\s+"v1"\s+to\s+"v2",\s+but\s+it\s+is\s+on\s+"v3"`),
		},
	)
	if n := m.Count("PutStage"); n > 0 {
		t.Errorf("the stage was put %d times, want never", n)
	}
	if holder := m.StageHolder("db", "GREEN"); holder != "v3" {
		t.Errorf("GREEN is on %q, want v3 where somebody else put it", holder)
	}
}
