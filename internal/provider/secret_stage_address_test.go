package provider_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// movedBlock is how a text names a moved block, or begins to write one.
var movedBlock = regexp.MustCompile(`moved\W{1,3}(block|\{)`)

// inModule writes a configuration into a module of the directory and returns the call of the
// module.
func (c *cli) inModule(hcl string) string {
	c.t.Helper()
	if err := os.MkdirAll(filepath.Join(c.dir, "rotation"), 0o700); err != nil {
		c.t.Fatal(err)
	}
	c.writeFile("rotation/main.tf", c.content("versions.tf")+hcl)
	return "module \"rotation\" {\n  source = \"./rotation\"\n}\n"
}

// forGREEN makes a resource one with keys.
const forGREEN = `for_each = toset(["GREEN"])`

// addressChanges are changes of the address of GREEN. Without a configuration for after the change
// it goes into a module.
var addressChanges = map[string]struct {
	before, after string
	moved         string // the block that tells Terraform
}{
	"renamed to an earlier name": {
		before: stageBlock("green", "GREEN", "v1", ""), after: stageBlock("a", "GREEN", "v1", ""),
		moved: "moved {\n from = csms_secret_stage.green\n to = csms_secret_stage.a\n}\n",
	},
	"renamed to a later name": {
		before: stageBlock("green", "GREEN", "v1", ""), after: stageBlock("z", "GREEN", "v1", ""),
		moved: "moved {\n from = csms_secret_stage.green\n to = csms_secret_stage.z\n}\n",
	},
	"count becomes for_each": {
		before: stageBlock("green", "GREEN", "v1", "count = 1"), after: stageBlock("green", "GREEN", "v1", forGREEN),
		moved: "moved {\n from = csms_secret_stage.green[0]\n to = csms_secret_stage.green[\"GREEN\"]\n}\n",
	},
	"one becomes for_each": {
		before: stageBlock("green", "GREEN", "v1", ""), after: stageBlock("green", "GREEN", "v1", forGREEN),
		moved: "moved {\n from = csms_secret_stage.green\n to = csms_secret_stage.green[\"GREEN\"]\n}\n",
	},
	"into a module": {
		before: stageBlock("green", "GREEN", "v1", ""),
		moved:  "moved {\n from = csms_secret_stage.green\n to = module.rotation.csms_secret_stage.green\n}\n",
	},
}

// writeAfter replaces the configuration by the one after the change of an address.
func (c *cli) writeAfter(after string) {
	c.t.Helper()
	if after == "" {
		after = c.inModule(stageBlock("green", "GREEN", "v1", ""))
	}
	c.write(after)
	c.must("get")
}

func TestSecretStage_PlanNamesTheMovedBlockWhenOnlyTheAddressChanges(t *testing.T) {
	t.Parallel()
	for name, test := range addressChanges {
		for _, parallelism := range []string{"-parallelism=1", "-parallelism=10"} {
			t.Run(name+" "+parallelism, func(t *testing.T) {
				t.Parallel()
				m := newSecret(t)
				c := newCLI(t, m, "")
				c.applied(m, test.before)
				c.writeAfter(test.after)
				for _, refresh := range []string{"-refresh=true", "-refresh=false"} {
					warnings := messages("Warning", c.must("plan", parallelism, refresh))
					assertNames(t, warnings, "GREEN")
					if !movedBlock.MatchString(warnings) {
						t.Errorf("the warnings with %s do not name the moved block: %s", refresh, warnings)
					}
				}
			})
		}
	}
}

func TestSecretStage_MovedBlockIsNotAskedForWhereItWouldBeWrong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ before, after string }{
		"another stage at another address": {
			before: stageBlock("green", "GREEN", "v1", ""), after: stageBlock("blue", "BLUE", "v1", ""),
		},
		"another name at the same address": {
			before: stageBlock("green", "GREEN", "v1", ""), after: stageBlock("green", "BLUE", "v1", ""),
		},
		"a stage of another secret": {
			before: stageBlock("green", "GREEN", "v1", ""),
			after: `
resource "csms_secret_stage" "other" {
  secret_name = "other"
  name        = "GREEN"
  version_id  = "v1"
}
`,
		},
		"the moved block is there": {
			before: addressChanges["one becomes for_each"].before,
			after:  addressChanges["one becomes for_each"].after + addressChanges["one becomes for_each"].moved,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			other := secretDB()
			other.Name = "other"
			m.PutSecret(other)
			c := newCLI(t, m, "")
			c.applied(m, test.before)
			c.write(test.after)
			if warnings := messages("Warning", c.must("plan")); movedBlock.MatchString(warnings) {
				t.Errorf("the plan asks for a moved block: %s", warnings)
			}
		})
	}
}

// The warning's advice works.
func TestSecretStage_MovedBlockForAChangedAddressMakesThePlanEmpty(t *testing.T) {
	t.Parallel()
	for name, test := range addressChanges {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			c := newCLI(t, m, "")
			c.applied(m, test.before)
			c.writeAfter(test.after)
			c.writeFile("moved.tf", test.moved)
			output := c.must("apply", "-auto-approve")
			if warnings := messages("Warning", output); warnings != "" {
				t.Errorf("the apply warns: %s", warnings)
			}
			m.assertWrites(t)
			c.assertEmptyPlan()
		})
	}
}
