package provider_test

import (
	"slices"
	"strings"
	"testing"
)

// oldInstances is a state of the main provider's resource with instances of the given keys, as
// JSON: GREEN on v1, then BLUE on v2.
func oldInstances(keys ...string) string {
	instances := make([]string, len(keys))
	for i, stage := range []struct{ name, version string }{{"GREEN", "v1"}, {"BLUE", "v2"}}[:len(keys)] {
		attributes := strings.NewReplacer("GREEN", stage.name, "v1", stage.version).Replace(versionState)
		instances[i] = `{"index_key": ` + keys[i] + `, "schema_version": 0, "attributes": ` + attributes + `}`
	}
	state := movedFrom("{}")
	before, _, _ := strings.Cut(state, `"instances"`)
	return before + `"instances": [` + strings.Join(instances, ",") + "]}]}"
}

// moves are moved blocks, from and to addresses in turn.
func moves(addresses ...string) string {
	var blocks strings.Builder
	for pair := range slices.Chunk(addresses, 2) {
		blocks.WriteString("moved {\n  from = " + strings.Join(pair, "\n  to   = ") + "\n}\n")
	}
	return blocks.String()
}

// staged puts GREEN on v1 and BLUE on v2 by a resource with keys.
func staged(resourceName string) string {
	return `
resource "csms_secret_stage" "` + resourceName + `" {
  for_each    = { GREEN = "v1", BLUE = "v2" }
  secret_name = "db"
  name        = each.key
  version_id  = each.value
}
`
}

func TestSecretStage_SeveralInstancesAreTakenOverFromTheMainProvider(t *testing.T) {
	t.Parallel()
	const old = "huaweicloud_csms_secret_version_state.old"
	for name, test := range map[string]struct {
		keys  []string // of the instances in the main provider's state
		moves []string
	}{
		"count becomes for_each": {
			keys:  []string{"0", "1"},
			moves: []string{old + "[0]", `csms_secret_stage.each["GREEN"]`, old + "[1]", `csms_secret_stage.each["BLUE"]`},
		},
		"for_each key by key": {
			keys:  []string{`"a"`, `"b"`},
			moves: []string{old + `["a"]`, `csms_secret_stage.each["GREEN"]`, old + `["b"]`, `csms_secret_stage.each["BLUE"]`},
		},
		"for_each as a whole": {
			keys:  []string{`"GREEN"`, `"BLUE"`},
			moves: []string{old, "csms_secret_stage.each"},
		},
		"and moved once more": {
			keys: []string{"0", "1"},
			moves: []string{
				old + "[0]", `csms_secret_stage.between["GREEN"]`, old + "[1]", `csms_secret_stage.between["BLUE"]`,
				"csms_secret_stage.between", "csms_secret_stage.each",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			m.MoveStage("db", "GREEN", "v1")
			m.MoveStage("db", "BLUE", "v2")
			c := newCLI(t, m, "")
			c.addHuaweiCloud()
			c.writeFile("terraform.tfstate", oldInstances(test.keys...))
			c.write(staged("each") + moves(test.moves...))
			output := c.must("apply", "-auto-approve")
			assertNames(t, output, "0 added, 0 changed, 0 destroyed")
			m.assertWrites(t)
			c.assertEmptyPlan()
			c.write(staged("later") + moves(append(test.moves, "csms_secret_stage.each", "csms_secret_stage.later")...))
			c.assertInState(`csms_secret_stage.each["BLUE"]`, "version_id", "v2")
			assertNames(t, c.must("apply", "-auto-approve"), "0 added, 0 changed, 0 destroyed")
			c.assertInState(`csms_secret_stage.later["BLUE"]`, "version_id", "v2")
			m.assertWrites(t)
		})
	}
}
