package provider_test

import (
	"strings"
	"testing"
)

// replaced is a stage that is replaced with every release.
func replaced(release, stage, version, lifecycle string) string {
	return `
resource "terraform_data" "release" {
  input = "` + release + `"
}
` + stageBlock("green", stage, version, `
  lifecycle {
    replace_triggered_by = [terraform_data.release]
    `+lifecycle+`
  }
`)
}

// replacements are the ways to plan a replacement of a stage that is on a version, and the version
// that the replacement puts it on.
func replacements() map[string]struct {
	release, version string
	args             []string
} {
	return map[string]struct {
		release, version string
		args             []string
	}{
		"by -replace":             {release: "one", version: "v1", args: []string{"-replace=" + green}},
		"by replace_triggered_by": {release: "two", version: "v1"},
		"that moves it as well":   {release: "two", version: "v2"},
	}
}

func TestSecretStage_ReplacementStopsWhenOthersMovedTheStageAfterThePlan(t *testing.T) {
	t.Parallel()
	for name, test := range replacements() {
		for _, stage := range []string{"GREEN", "SYSCURRENT"} {
			t.Run(stage+" "+name, func(t *testing.T) {
				t.Parallel()
				m := newSecret(t)
				m.MoveStage("db", stage, "v1")
				c := newCLI(t, m, "")
				c.applied(m, replaced("one", stage, "v1", ""))
				c.write(replaced(test.release, stage, test.version, ""))
				c.savePlan(test.args...)
				m.MoveStage("db", stage, "v3")
				c.failSaved(stage, "v1", "v3")
				m.assertHolder(t, stage, "v3")
				m.assertWrites(t)
			})
		}
	}
}

func TestSecretStage_ReplacementStopsWhenOthersMakeTheStageBetweenDestroyAndCreate(t *testing.T) {
	t.Parallel()
	for name, test := range replacements() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, w := newWatchedSecret(t)
			c := newCLI(t, m, "")
			c.applied(m, replaced("one", "GREEN", "v1", ""))
			c.write(replaced(test.release, "GREEN", test.version, ""))
			c.savePlan(test.args...)
			w.afterFirst("DeleteStage", func() { m.MoveStage("db", "GREEN", "v3") })
			c.failSaved("GREEN", "v1", "v3")
			m.assertHolder(t, "GREEN", "v3")
			m.assertWrites(t, "DeleteStage GREEN")
		})
	}
}

// With nobody in between the replacement does what it says, the fence included.
func TestSecretStage_ReplacementPutsTheStageWhereThePlanSays(t *testing.T) {
	t.Parallel()
	for name, test := range replacements() {
		for _, stage := range []string{"GREEN", "SYSCURRENT"} {
			t.Run(stage+" "+name, func(t *testing.T) {
				t.Parallel()
				m := newSecret(t)
				m.MoveStage("db", stage, "v1")
				c := newCLI(t, m, "")
				c.applied(m, replaced("one", stage, "v1", ""))
				c.write(replaced(test.release, stage, test.version, ""))
				c.savePlan(test.args...)
				c.applySaved()
				m.assertHolder(t, stage, test.version)
				c.assertEmptyPlan()
			})
		}
	}
}

// withDependant is a stage that is created before it is destroyed, and something that has to
// succeed before Terraform destroys the old object.
func withDependant(release, version, exitCode string) string {
	return replaced(release, "GREEN", version, "create_before_destroy = true") + `
resource "terraform_data" "dependant" {
  depends_on       = [csms_secret_stage.green]
  triggers_replace = ["` + release + `"]
  provisioner "local-exec" {
    command = "exit ` + exitCode + `"
  }
}
`
}

// withDeposedObject returns a directory whose state has a deposed object of GREEN on v1 beside the
// one that is current, because a dependant failed.
func withDeposedObject(t *testing.T, m *mock) *cli {
	t.Helper()
	c := newCLI(t, m, "")
	c.applied(m, withDependant("one", "v1", "0"))
	c.write(withDependant("two", "v1", "1"))
	if output, code := c.terraform("apply", "-auto-approve"); code != 1 {
		t.Fatalf("the dependant did not fail, terraform apply exits with %d:\n%s", code, output)
	}
	if plan := c.must("plan"); !namesWord(plan, "deposed object") {
		t.Fatalf("there is no deposed object:\n%s", plan)
	}
	m.ResetRequests()
	return c
}

func TestSecretStage_DeposedObjectDoesNotTakeTheStageAwayFromTheCurrentOne(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		version string
		writes  []string
	}{
		"that stays":          {version: "v1"},
		"that moves meantime": {version: "v2", writes: []string{"PutStage GREEN"}},
	} {
		for _, parallelism := range []string{"-parallelism=1", "-parallelism=10"} {
			t.Run(name+" "+parallelism, func(t *testing.T) {
				t.Parallel()
				m := newSecret(t)
				c := withDeposedObject(t, m)
				c.write(withDependant("two", test.version, "0"))
				c.savePlan(parallelism)
				c.applySaved(parallelism)
				m.assertWrites(t, test.writes...)
				m.assertHolder(t, "GREEN", test.version)
				c.assertEmptyPlan()
			})
		}
	}
}

func TestSecretStage_DeposedObjectIsNotTakenForTheOneThatACreationReplaces(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	c := withDeposedObject(t, m)
	c.write(withDependant("two", "v1", "0") + stageBlock("blue", "BLUE", "v2", ""))
	c.mustFail([]string{"plan"}, "GREEN", "-target=")
	c.must("apply", "-auto-approve", "-target=csms_secret_stage.green")
	c.must("apply", "-auto-approve")
	m.assertHolder(t, "GREEN", "v1")
	m.assertWrites(t, "PutStage BLUE")
	c.assertEmptyPlan()
}

func TestSecretStage_DestroyDeletesAStageThatHasADeposedObjectToo(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	c := withDeposedObject(t, m)
	c.must("destroy", "-auto-approve")
	m.assertHolder(t, "GREEN", "")
	if n := m.Count("DeleteStage"); n != 1 {
		t.Errorf("%d deletions were sent, want one", n)
	}
}

func TestSecretStage_ApplyTellsThatTheStageOfADeposedObjectStays(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	c := withDeposedObject(t, m)
	c.write(withDependant("two", "v1", "0"))
	assertNames(t, messages("Warning", c.must("apply", "-auto-approve")), "CSMS secret stage of a deposed object is not deleted", "GREEN", "v1")
	m.assertWrites(t)
}

func TestSecretStage_DeposedObjectIsNotTakenForTheOneThatACreationOfAnUnknownNameReplaces(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	c := withDeposedObject(t, m)
	c.write(withDependant("two", "v1", "0") + `
resource "terraform_data" "name" {
  input = "BLUE"
}
` + stageBlock("blue", "NAME", "v2", ""))
	c.write(strings.Replace(c.content("main.tf"), `"NAME"`, "terraform_data.name.output", 1))
	c.mustFail([]string{"plan"}, "GREEN", "-target=")
	m.assertWrites(t)
}

func TestSecretStage_ReplacementThatIsCreatedFirstDeletesTheStageOfAnotherSecret(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	other := secretDB()
	other.Name = "db2"
	m.PutSecret(other)
	c := newCLI(t, m, "")
	createdFirst := stageBlock("green", "GREEN", "v1", `
  lifecycle {
    create_before_destroy = true
  }
`)
	c.applied(m, createdFirst)
	c.write(strings.Replace(createdFirst, `"db"`, `"db2"`, 1))
	c.must("apply", "-auto-approve")
	m.assertHolder(t, "GREEN", "")
	m.assertWrites(t, "PutStage GREEN", "DeleteStage GREEN")
}
