package provider_test

import (
	"strings"
	"testing"
)

// adopted are a stage and an expiry that are there already, with further arguments.
func adopted(arguments string) string {
	return `
resource "csms_secret_stage" "green" {
  secret_name = "db"
  name        = "GREEN"
  version_id  = "v1"
` + arguments + `
}

resource "csms_secret_version_expiry" "old" {
  secret_name = "db"
  version_id  = "v1"
  expire_time = "` + year2090 + `"
` + arguments + `
}
`
}

// newAdoptable starts a service that has what adopted declares.
func newAdoptable(t *testing.T) *mock {
	t.Helper()
	m := newSecret(t)
	m.MoveStage("db", "GREEN", "v1")
	m.setExpiry(t, "v1", year2090)
	return m
}

func TestImport_ImportedResourcesPlanNothing(t *testing.T) {
	t.Parallel()
	const region = "  region = \"cn-north-4\""
	for name, test := range map[string]struct{ prefix, arguments string }{
		"by name":                    {},
		"by region and name":         {prefix: "cn-north-4/"},
		"by name, region configured": {arguments: region},
		"by region and name, and configured so too": {prefix: "cn-north-4/", arguments: region},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newAdoptable(t)
			c := newCLI(t, m, adopted(test.arguments))
			c.must("import", "csms_secret_stage.green", test.prefix+"db/GREEN")
			c.must("import", "csms_secret_version_expiry.old", test.prefix+"db/v1")
			assertContains(t, c.apply(adopted(test.arguments)), "0 added, 0 changed, 0 destroyed")
			m.assertWritesInOrder(t)
		})
	}
}

func TestImport_ImportBlocksTakeOverAStageEach(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	for _, name := range []string{"GREEN", "BLUE"} {
		m.MoveStage("db", name, "v1")
	}
	c := newCLI(t, m, "")
	output := c.apply(forEach(`GREEN = "v1", BLUE = "v1"`) + `
import {
  for_each = toset(["GREEN", "BLUE"])
  to       = csms_secret_stage.each[each.key]
  id       = "db/${each.key}"
}
`)
	assertContains(t, output, "2 imported, 0 added, 0 changed, 0 destroyed")
	m.assertWritesInOrder(t)
}

func TestImport_ConfigurationGeneratedForAnImportIsValidAndPlansNothing(t *testing.T) {
	t.Parallel()
	m := newAdoptable(t)
	const imports = `
import {
  to = csms_secret_stage.green
  id = "db/GREEN"
}

import {
  to = csms_secret_version_expiry.old
  id = "db/v1"
}
`
	c := newCLI(t, m, imports)
	c.must("plan", "-generate-config-out=generated.tf")
	assertContains(t, c.apply(imports), "2 imported, 0 added, 0 changed, 0 destroyed")
	m.assertWritesInOrder(t)
}

func TestImport_ThatFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		address, id string
		tells       []string
	}{
		"no such stage":      {address: "csms_secret_stage.green", id: "db/GREEN", tells: []string{"Cannot import non-existent remote object"}},
		"no such secret":     {address: "csms_secret_stage.green", id: "nothing/GREEN", tells: []string{"Cannot import non-existent remote object"}},
		"no expiry":          {address: "csms_secret_version_expiry.old", id: "db/v1", tells: []string{"Cannot import non-existent remote object"}},
		"stage of one part":  {address: "csms_secret_stage.green", id: "GREEN", tells: []string{"Invalid import id", "db-password/SYSCURRENT"}},
		"expiry of one part": {address: "csms_secret_version_expiry.old", id: "v1", tells: []string{"Invalid import id", "db-password/v3"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCLI(t, newSecret(t), adopted(""))
			output, code := c.run("import", "-no-color", test.address, test.id)
			assertContains(t, output, test.tells...)
			if state, _ := c.run("state", "list"); code != 1 || strings.Contains(state, "csms_") {
				t.Errorf("terraform import exited with %d, the state has %q", code, state)
			}
		})
	}
}
