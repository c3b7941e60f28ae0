package provider_test

import (
	"os"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
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

// newRollBackExample returns a directory with the documentation's example of a roll-back,
// and a service with the secret that it names: v1 is current.
func newRollBackExample(t *testing.T) (*mock, *cli) {
	t.Helper()
	example, err := os.ReadFile("../../examples/resources/csms_secret_stage/resource_roll_back.tf")
	if err != nil {
		t.Fatal(err)
	}
	m := newMock(t)
	m.PutSecret(csmstest.Secret{Name: "api-key", Versions: []csmstest.Version{{ID: "v1", Stages: []string{"SYSCURRENT"}}}})
	c := newCLI(t, m, string(example))
	c.must("apply", "-auto-approve")
	return m, c
}

func TestRollBackExampleLeadsOneVersionBackWhoeverRotated(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		others bool // rotate after the configuration did
		back   string
	}{
		"the configuration": {back: "v1"},
		"others":            {others: true, back: "v2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, c := newRollBackExample(t)
			m.AddVersion("api-key", "CANDIDATE")
			c.must("apply", "-auto-approve")
			if test.others {
				m.AddVersion("api-key") // takes SYSCURRENT from v2 to v3
			}
			c.must("apply", "-refresh-only", "-auto-approve")
			to := "-var=version_id=" + c.must("output", "-raw", "roll_back_to")
			c.must("apply", "-auto-approve", to)
			if got := m.StageHolder("api-key", "SYSCURRENT"); got != test.back {
				t.Errorf("SYSCURRENT is on %s, want %s", got, test.back)
			}
			c.assertEmptyPlan(to)
		})
	}
}

func TestRollBackExampleFailsWhereThereIsNothingToGoBackTo(t *testing.T) {
	t.Parallel()
	m, c := newRollBackExample(t)
	m.ResetRequests()
	for _, to := range []string{"", "null"} {
		c.mustFail([]string{"apply", "-auto-approve", "-var=version_id=" + to}, "there is nothing to roll back to")
	}
	// Of a null, terraform output prints a warning where the value would be, and succeeds.
	printed, _ := c.run("output", "-raw", "roll_back_to")
	c.mustFail([]string{"apply", "-auto-approve", "-var=version_id=" + printed}, "Invalid value for variable")
	m.assertWrites(t)
}
