package provider_test

import (
	"testing"
)

func expecting(version string) string { return `expected_version_id = "` + version + `"` }

// greenOnLatest moves GREEN to the latest version, from where the plan found it: the use that
// expected_version_id is made for. An absent stage must be absent at the apply too.
const greenOnLatest = `
data "csms_secret_versions" "db" {
  secret_name = "db"
}

resource "csms_secret_stage" "green" {
  secret_name         = "db"
  name                = "GREEN"
  version_id          = data.csms_secret_versions.db.latest_version_id
  expected_version_id = lookup(data.csms_secret_versions.db.stages, "GREEN", "")
}
`

func TestSecretStage_CreateWithExpectedVersion(t *testing.T) {
	t.Parallel()
	put := []string{"PutStage GREEN"}
	for name, test := range map[string]struct {
		holder, expected string // of GREEN, which is to be put on v2
		writes           []string
	}{
		"takes the stage from that version":      {holder: "v1", expected: "v1", writes: put},
		"makes an absent stage":                  {expected: "v1", writes: put},
		"adopts a stage that is where it should": {holder: "v2", expected: "v1"},
		"makes a stage that must not exist":      {expected: "", writes: put},
		"adopts a stage that must not exist":     {holder: "v2", expected: ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			if test.holder != "" {
				m.MoveStage("db", "GREEN", test.holder)
			}
			c := newCLI(t, m, stageBlock("green", "GREEN", "v2", expecting(test.expected)))
			c.must("apply", "-auto-approve")
			m.assertWrites(t, test.writes...)
			m.assertHolder(t, "GREEN", "v2")
			c.assertEmptyPlan()
		})
	}
}

func TestSecretStage_CreateTakesTheStageFromTheExpectedVersionOnly(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before, meanwhile string // holders of GREEN, at the plan and at the apply
		expected          string
		names             []string
	}{
		"moved away after the plan":            {before: "v2", meanwhile: "v3", expected: "v2", names: []string{"v2", "v3"}},
		"moved after the plan":                 {before: "v1", meanwhile: "v3", expected: "v1", names: []string{"v1", "v3"}},
		"made after the plan":                  {meanwhile: "v3", expected: "", names: []string{"v3"}},
		"made after the plan, expected on one": {meanwhile: "v3", expected: "v1", names: []string{"v1", "v3"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			if test.before != "" {
				m.MoveStage("db", "GREEN", test.before)
			}
			c := newCLI(t, m, stageBlock("green", "GREEN", "v2", expecting(test.expected)))
			c.savePlan()
			m.MoveStage("db", "GREEN", test.meanwhile)
			c.failSaved(append(test.names, "GREEN")...)
			m.assertWrites(t)
			m.assertHolder(t, "GREEN", test.meanwhile)
			if kept := c.inState(green); kept != nil {
				t.Errorf("the refused creation left %v in the state", kept)
			}
		})
	}
}

// At the plan already the stage is elsewhere. Whether the plan or the apply says so, the stage
// stays.
func TestSecretStage_IsNotTakenFromAnotherThanTheExpectedVersion(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		exists   bool // in the state, on v1
		expected string
		names    []string
	}{
		"by a creation":                 {expected: "v3", names: []string{"v1", "v3"}},
		"by a creation of a new stage":  {expected: "", names: []string{"v1"}},
		"by an update":                  {exists: true, expected: "v3", names: []string{"v1", "v3"}},
		"by an update of no such stage": {exists: true, expected: "", names: []string{"v1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			m.MoveStage("db", "GREEN", "v1")
			c := newCLI(t, m, "")
			if test.exists {
				c.applied(m, stageBlock("green", "GREEN", "v1", ""))
			}
			c.write(stageBlock("green", "GREEN", "v2", expecting(test.expected)))
			c.mustFail([]string{"apply", "-auto-approve"}, append(test.names, "GREEN")...)
			m.assertWrites(t)
			m.assertHolder(t, "GREEN", "v1")
		})
	}
}

func TestSecretStage_UpdateTakesTheStageFromTheExpectedVersion(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	c := newCLI(t, m, "")
	c.applied(m, stageBlock("green", "GREEN", "v1", expecting("")))
	c.write(stageBlock("green", "GREEN", "v2", expecting("v1")))
	c.savePlan()
	c.applySaved()
	m.assertWrites(t, "PutStage GREEN")
	c.assertInState(green, "previous_version_id", "v1")
	c.assertEmptyPlan()
}

func TestSecretStage_ChangeOfTheExpectedVersionAloneIsAnEmptyPlan(t *testing.T) {
	t.Parallel()
	for name, expected := range map[string]string{"to another version": "v3", "to none": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			c := newCLI(t, m, "")
			c.applied(m, stageBlock("green", "GREEN", "v2", expecting("v1")))
			c.write(stageBlock("green", "GREEN", "v2", expecting(expected)))
			c.assertEmptyPlan()
			c.write(stageBlock("green", "GREEN", "v2", expecting("v1")))
			c.assertEmptyPlan()
		})
	}
}

// Terraform wants a null of the configuration in the state, but the service is not called.
func TestSecretStage_ExpectedVersionComesAndGoesWithoutAWrite(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	c := newCLI(t, m, "")
	c.applied(m, stageBlock("green", "GREEN", "v2", ""))
	for _, settings := range []string{expecting("v1"), "expected_version_id = null", expecting("v3"), ""} {
		c.write(stageBlock("green", "GREEN", "v2", settings))
		c.must("apply", "-auto-approve")
		c.assertEmptyPlan()
	}
	m.assertWrites(t)
}

// What is known after apply only is no fence for the plan, and does no harm.
func TestSecretStage_ExpectedVersionMayBeKnownAfterApply(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	m.MoveStage("db", "GREEN", "v1")
	c := newCLI(t, m, `
resource "terraform_data" "expected" {
  input = "v1"
}
`+stageBlock("green", "GREEN", "v2", "expected_version_id = terraform_data.expected.output"))
	c.must("apply", "-auto-approve")
	m.assertWrites(t, "PutStage GREEN")
	m.assertHolder(t, "GREEN", "v2")
	c.assertEmptyPlan()
}

// The data source answers otherwise after every move, which is no change to apply.
func TestSecretStage_ExpectedVersionFromTheDataSourceSettlesAfterEveryMove(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	c := newCLI(t, m, "")
	c.applied(m, greenOnLatest)
	m.assertHolder(t, "GREEN", "v3")
	c.assertEmptyPlan()
	m.AddVersion("db")
	c.must("apply", "-auto-approve")
	m.assertHolder(t, "GREEN", "v4")
	m.assertWrites(t, "PutStage GREEN")
	c.assertEmptyPlan()
}

func TestSecretStage_ExpectedVersionFromTheDataSourceIsThatOfThePlan(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]string{"on a version": "v1", "absent": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			if before != "" {
				m.MoveStage("db", "GREEN", before)
			}
			c := newCLI(t, m, greenOnLatest)
			c.savePlan()
			m.MoveStage("db", "GREEN", "v2")
			c.failSaved("GREEN", "v2")
			m.assertWrites(t)
			m.assertHolder(t, "GREEN", "v2")
		})
	}
}
