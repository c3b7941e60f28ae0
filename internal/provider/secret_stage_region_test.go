package provider_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// newRegionsCLI is newCLI for a provider whose own region is cn-north-4, in a cloud that has the
// secret "db" in cn-east-3 as well. The stages are on v1 in each region named.
func newRegionsCLI(t *testing.T, inNorth, inEast bool, stage string) (*regions, *cli) {
	t.Helper()
	r := newRegions(t)
	if inNorth {
		r.north.MoveStage("db", stage, "v1")
	}
	if inEast {
		r.east.Project(otherProjectID).MoveStage("db", stage, "v1")
	}
	c := newCLI(t, r.north, "")
	c.env = append(c.env, "CSMS_ENDPOINT="+r.url, "HW_AUTH_URL="+r.url+"/v3")
	return r, c
}

// assertUntouched fails the test if either region saw a write.
func (r *regions) assertUntouched(t *testing.T) {
	t.Helper()
	r.north.assertWrites(t)
	r.east.assertWrites(t)
}

// inEast puts a stage on v1 in the region that is not the provider's own.
func inEast(resourceName, stage string) string {
	return stageBlock(resourceName, stage, "v1", `region = "`+otherRegion+`"`)
}

func importing(id string) string {
	return "import {\n  to = csms_secret_stage.blue\n  id = \"" + id + "\"\n}\n"
}

func TestSecretStage_ImportWithoutTheRegionOfTheConfigurationIsRefused(t *testing.T) {
	t.Parallel()
	r, c := newRegionsCLI(t, true, true, "BLUE")
	c.write(inEast("blue", "BLUE") + importing("db/BLUE"))
	for _, args := range [][]string{{"plan"}, {"plan", "-out=" + planFile}, {"apply", "-auto-approve"}} {
		c.mustFail(args, csmstest.DefaultRegion, otherRegion, otherRegion+"/db/BLUE")
	}
	r.assertUntouched(t)
	if state := c.inState("csms_secret_stage.blue"); state != nil {
		t.Errorf("the refused import left %v in the state", state)
	}
	c.write(inEast("blue", "BLUE") + importing(otherRegion+"/db/BLUE"))
	c.must("apply", "-auto-approve")
	r.assertUntouched(t)
	c.assertEmptyPlan()
}

func TestSecretStage_ImportWithoutARegionIsRefusedIfTheRegionIsKnownOnlyAfterApply(t *testing.T) {
	t.Parallel()
	r, c := newRegionsCLI(t, true, true, "BLUE")
	c.write(`
resource "terraform_data" "region" {
  input = "` + otherRegion + `"
}
` + strings.Replace(inEast("blue", "BLUE"), `"`+otherRegion+`"`, "terraform_data.region.output", 1) + importing("db/BLUE"))
	c.mustFail([]string{"apply", "-auto-approve"}, csmstest.DefaultRegion, "db/BLUE")
	r.assertUntouched(t)
}

// Here the import comes before the configuration is looked at.
func TestSecretStage_ImportedStateWithoutARegionIsNotReplacedBecauseOfTheRegion(t *testing.T) {
	t.Parallel()
	for name, refresh := range map[string]string{"refreshed": "-refresh=true", "not refreshed": "-refresh=false"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, c := newRegionsCLI(t, true, true, "BLUE")
			c.write(inEast("blue", "BLUE"))
			c.must("import", "csms_secret_stage.blue", "db/BLUE")
			c.mustFail([]string{"apply", "-auto-approve", refresh},
				csmstest.DefaultRegion, otherRegion, otherRegion+"/db/BLUE")
			r.assertUntouched(t)
		})
	}
}

// ownRegion are settings by which the region is the provider's.
var ownRegion = map[string]string{"left out": "", "named": `region = "` + csmstest.DefaultRegion + `"`}

func TestSecretStage_ImportWithoutARegionIsTheProvidersOwn(t *testing.T) {
	t.Parallel()
	for name, settings := range ownRegion {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, c := newRegionsCLI(t, true, true, "BLUE")
			c.write(stageBlock("blue", "BLUE", "v1", settings) + importing("db/BLUE"))
			c.must("apply", "-auto-approve")
			r.assertUntouched(t)
			c.assertEmptyPlan()
			c.assertInState("csms_secret_stage.blue", "region", csmstest.DefaultRegion)
		})
	}
}

// Where the state got its region from a creation, the old stage is this resource's own.
func TestSecretStage_ChangeOfARegionThatTheStateKnowsIsAReplacement(t *testing.T) {
	t.Parallel()
	r, c := newRegionsCLI(t, false, false, "BLUE")
	c.applied(r.north, stageBlock("blue", "BLUE", "v1", ""))
	c.write(inEast("blue", "BLUE"))
	c.must("apply", "-auto-approve")
	r.north.assertWrites(t, "DeleteStage BLUE")
	r.east.assertWrites(t, "PutStage BLUE")
	c.assertEmptyPlan()
}

const greenMovedFromOld = `
moved {
  from = huaweicloud_csms_secret_version_state.old
  to   = csms_secret_stage.green
}
`

// takenOver is newRegionsCLI for GREEN, whose state the main provider wrote without a region: a
// provider block of its own had one. The configuration says cn-east-3.
func takenOver(t *testing.T, inNorth bool) (*regions, *cli) {
	t.Helper()
	r, c := newRegionsCLI(t, inNorth, true, "GREEN")
	c.addHuaweiCloud()
	c.writeFile("terraform.tfstate", movedFrom(versionStateWithoutRegion))
	c.write(inEast("green", "GREEN") + greenMovedFromOld)
	return r, c
}

func TestSecretStage_StateMovedWithoutARegionIsNotReplacedBecauseOfTheRegion(t *testing.T) {
	t.Parallel()
	r, c := takenOver(t, true)
	c.mustFail([]string{"apply", "-auto-approve"}, csmstest.DefaultRegion, otherRegion, otherRegion+"/db/GREEN")
	r.assertUntouched(t)
}

// Without a refresh nothing has put the provider's own region into the state yet, so the
// configuration's may go there. To refuse is right too; to write is not.
func TestSecretStage_StateMovedWithoutARegionIsNotReplacedBeforeItsFirstRefresh(t *testing.T) {
	t.Parallel()
	for name, inNorth := range map[string]bool{"beside another stage": true, "with no other": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, c := takenOver(t, inNorth)
			output, code := c.terraform("apply", "-auto-approve", "-refresh=false")
			if code == 0 {
				c.assertInState(green, "region", otherRegion)
				c.assertEmptyPlan()
			} else {
				assertNames(t, messages("Error", output), csmstest.DefaultRegion, otherRegion, otherRegion+"/db/GREEN")
			}
			r.assertUntouched(t)
		})
	}
}

// withRegion is an import id that leads with a region, or with a word for one.
var withRegion = regexp.MustCompile(`[\w>}]/db/GREEN`)

// A refresh does not know what the configuration says. That the stage is gone would be false, so it
// names the region that it looked in, and the id that has one.
func TestSecretStage_StateMovedWithoutARegionIsNotSaidToBeGoneWithoutAWayOut(t *testing.T) {
	t.Parallel()
	r, c := takenOver(t, false)
	output, _ := c.terraform("apply", "-auto-approve")
	diagnostics := messages("Warning", output) + messages("Error", output)
	assertNames(t, diagnostics, csmstest.DefaultRegion)
	if !withRegion.MatchString(diagnostics) {
		t.Errorf("the id with a region is not named in: %s", diagnostics)
	}
	r.assertUntouched(t)
}

// The region is the provider's if the configuration names none, and stays it.
func TestSecretStage_StateMovedWithoutARegionIsTheProvidersOwn(t *testing.T) {
	t.Parallel()
	for name, settings := range ownRegion {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, c := takenOver(t, true)
			c.write(stageBlock("green", "GREEN", "v1", settings) + greenMovedFromOld)
			c.must("apply", "-auto-approve")
			r.assertUntouched(t)
			c.assertEmptyPlan()
			c.assertInState(green, "region", csmstest.DefaultRegion)
		})
	}
}
