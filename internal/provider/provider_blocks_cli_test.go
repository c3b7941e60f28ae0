package provider_test

import (
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// byOther makes a resource one of the provider block with the alias.
const byOther = "provider = csms.other"

// providerBlocks are the provider block and another one, with settings of its own.
func providerBlocks(settings string) string {
	return `
provider "csms" {}

provider "csms" {
  alias = "other"
  ` + settings + `
}
`
}

// otherBlocks are settings of another provider block.
var otherBlocks = map[string]string{"of the same region": "", "of another region": `region = "` + otherRegion + `"`}

func TestSecretStage_AnotherProviderBlockAloneChangesNothing(t *testing.T) {
	t.Parallel()
	for name, settings := range otherBlocks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, c := newRegionsCLI(t, false, false, "GREEN")
			c.applied(r.north, providerBlocks(settings)+stageBlock("green", "GREEN", "v1", ""))
			c.write(providerBlocks(settings) + stageBlock("green", "GREEN", "v1", byOther))
			c.assertEmptyPlan()
			c.must("apply", "-auto-approve")
			r.assertUntouched(t)
			c.assertInState(green, "region", csmstest.DefaultRegion)
		})
	}
}

func TestSecretStage_MovedBlockHandsAStageToAnotherProviderBlock(t *testing.T) {
	t.Parallel()
	for name, settings := range otherBlocks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, c := newRegionsCLI(t, false, false, "GREEN")
			c.applied(r.north, providerBlocks(settings)+stageBlock("green", "GREEN", "v1", ""))
			c.write(providerBlocks(settings) + stageBlock("later", "GREEN", "v1", byOther) +
				moves("csms_secret_stage.green", "csms_secret_stage.later"))
			assertNames(t, c.must("apply", "-auto-approve"), "0 added, 0 changed, 0 destroyed")
			r.assertUntouched(t)
			c.assertInState("csms_secret_stage.later", "region", csmstest.DefaultRegion)
			c.assertEmptyPlan()
		})
	}
}

// The region is that of the provider block that takes the stage over, as it was that of
// the main provider's block. From then on it is known, and any block will do.
func TestSecretStage_StateMovedWithoutARegionToAProviderBlockOfThatRegion(t *testing.T) {
	t.Parallel()
	r, c := takenOver(t, true)
	c.write(providerBlocks(otherBlocks["of another region"]) + stageBlock("green", "GREEN", "v1", byOther) + greenMovedFromOld)
	assertNames(t, c.must("apply", "-auto-approve"), "0 added, 0 changed, 0 destroyed")
	c.assertInState(green, "region", otherRegion)
	c.assertEmptyPlan()
	c.write(inEast("green", "GREEN"))
	c.assertEmptyPlan()
	c.must("apply", "-auto-approve")
	c.assertInState(green, "region", otherRegion)
	r.assertUntouched(t)
}

// The way out that the documentation gives of the refusal to replace.
func TestSecretStage_StateMovedWithoutARegionIsForgottenAndImportedWithOne(t *testing.T) {
	t.Parallel()
	r, c := takenOver(t, true)
	c.mustFail([]string{"apply", "-auto-approve"}, "Region differs from the one assumed at import")
	c.write(inEast("green", "GREEN"))
	c.must("state", "rm", versionStateType+".old")
	c.must("import", green, otherRegion+"/db/GREEN")
	c.assertEmptyPlan()
	c.must("apply", "-auto-approve")
	c.assertInState(green, "region", otherRegion)
	r.assertUntouched(t)
}

func TestSecretStage_StateMovedWithoutARegionIsCreatedAgainWhereItIs(t *testing.T) {
	t.Parallel()
	r, c := takenOver(t, false)
	assertNames(t, messages("Warning", c.must("apply", "-auto-approve")), "CSMS object was not found")
	c.assertInState(green, "region", otherRegion)
	c.assertEmptyPlan()
	r.assertUntouched(t)
}
