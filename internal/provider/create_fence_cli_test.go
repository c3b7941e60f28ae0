package provider_test

import (
	"testing"
)

// Terraform hands a creation nothing of what its plan saw, so what it does not know it
// cannot hold the service to. Where the stage came from is told afterwards.
func TestSecretStage_CreateWithoutAnExpectedVersionTakesAStageThatMovedAfterThePlan(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	m.MoveStage("db", "GREEN", "v1")
	c := newCLI(t, m, stageBlock("green", "GREEN", "v1", ""))
	if warnings := messages("Warning", c.savePlan()); warnings != "" {
		t.Errorf("the plan of a stage that is in place warns: %s", warnings)
	}
	m.MoveStage("db", "GREEN", "v3")
	assertNames(t, messages("Warning", c.applySaved()), "GREEN", "v1", "v3", "previous_version_id")
	m.assertHolder(t, "GREEN", "v1")
	c.assertInState(green, "previous_version_id", "v3")
}

// createdBeforeDestroyed is a stage on v1 that every release replaces, new before old.
func createdBeforeDestroyed(release, settings string) string {
	return `
resource "terraform_data" "release" {
  input = "` + release + `"
}
` + stageBlock("green", "GREEN", "v1", settings+`

  lifecycle {
    replace_triggered_by  = [terraform_data.release]
    create_before_destroy = true
  }
`)
}

// The new object is created before the old one is deleted, so the provider does not hear
// in time where the old one was.
func TestSecretStage_CreateBeforeDestroyIsFencedByTheExpectedVersionAlone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		settings string
		holder   string // after the apply
	}{
		"without one": {holder: "v1"},
		"with one":    {settings: expecting("v1"), holder: "v3"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			c := newCLI(t, m, "")
			c.applied(m, createdBeforeDestroyed("one", test.settings))
			c.write(createdBeforeDestroyed("two", test.settings))
			c.savePlan()
			m.MoveStage("db", "GREEN", "v3")
			if test.settings == "" {
				assertNames(t, messages("Warning", c.applySaved()), "GREEN", "v1", "v3", "previous_version_id")
				m.assertWrites(t, "PutStage GREEN")
			} else {
				c.failSaved("GREEN", "v1", "v3")
				m.assertWrites(t)
			}
			m.assertHolder(t, "GREEN", test.holder)
		})
	}
}
