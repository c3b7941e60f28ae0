package provider_test

import (
	"testing"
)

// followed are configurations in which SYSCURRENT was moved from v1 to v2, and what becomes of them
// after others rotated to v4.
var followed = map[string]struct {
	settings string
	after    string // the version that the configuration names then
	args     []string
}{
	"the configuration follows": {after: "v4", args: []string{"apply", "-auto-approve"}},
	"version_id is ignored": {
		settings: "lifecycle {\n ignore_changes = [version_id]\n}", after: "v2", args: []string{"apply", "-auto-approve"},
	},
	"the state alone follows": {after: "v2", args: []string{"apply", "-auto-approve", "-refresh-only"}},
	"terraform refresh":       {after: "v2", args: []string{"refresh"}},
}

func TestSecretStage_PreviousVersionIsTheOneBeforeARotationByOthers(t *testing.T) {
	t.Parallel()
	for name, test := range followed {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			m.MoveStage("db", "SYSCURRENT", "v1")
			c := newCLI(t, m, "")
			c.applied(m, stageBlock("current", "SYSCURRENT", "v1", ""))
			c.applied(m, stageBlock("current", "SYSCURRENT", "v2", ""))
			c.assertInState(current, "previous_version_id", "v1")
			m.AddVersion("db") // takes SYSCURRENT, as every new version does
			m.assertHolder(t, "SYSCURRENT", "v4")
			c.write(stageBlock("current", "SYSCURRENT", test.after, test.settings))
			c.must(test.args...)
			c.assertInState(current, "version_id", "v4")
			c.assertInState(current, "previous_version_id", "v2")
			m.assertWrites(t)
		})
	}
}

func TestSecretStage_RollBackAfterARotationByOthersLeadsOneVersionBack(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	m.MoveStage("db", "SYSCURRENT", "v1")
	c := newCLI(t, m, "")
	c.applied(m, stageBlock("current", "SYSCURRENT", "v1", ""))
	c.applied(m, stageBlock("current", "SYSCURRENT", "v2", ""))
	m.AddVersion("db")
	c.applied(m, stageBlock("current", "SYSCURRENT", "v4", ""))
	previous, _ := c.inState(current)["previous_version_id"].(string)
	c.write(stageBlock("current", "SYSCURRENT", previous, ""))
	c.must("apply", "-auto-approve")
	m.assertHolder(t, "SYSCURRENT", "v2")
	c.assertInState(current, "previous_version_id", "v4")
	c.assertEmptyPlan()
}
