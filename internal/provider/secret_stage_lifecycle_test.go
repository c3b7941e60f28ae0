package provider_test

import (
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func TestSecretStage_DriftOfAStageIsShownAndMended(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	c := newCLI(t, m, "")
	c.apply(greenOn("v1"))
	m.MoveStage("db", "GREEN", "v3")
	assertContains(t, c.apply(greenOn("v1")), "# csms_secret_stage.green will be updated in-place", `"v3" -> "v1"`)
	m.DeleteStage("db", "GREEN")
	assertContains(t, c.apply(greenOn("v1")), "# csms_secret_stage.green will be created", "CSMS object was not found")
	m.assertWritesInOrder(t, "PutStage GREEN", "PutStage GREEN", "PutStage GREEN")
	m.assertHolder(t, "GREEN", "v1")
}

func TestSecretStage_WhoseMovesAreIgnoredFollowsTheServiceAndPlansNothing(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	c := newCLI(t, m, "")
	config := stageBlock("green", "GREEN", "v1", "lifecycle {\n ignore_changes = [version_id]\n}") + `
output "holder" {
  value = csms_secret_stage.green.version_id
}
`
	c.apply(config)
	m.MoveStage("db", "GREEN", "v3")
	assertContains(t, c.apply(config), `holder = "v3"`, "0 changed")
	m.assertWritesInOrder(t, "PutStage GREEN")
}

const createFirst = "lifecycle {\n create_before_destroy = true\n}"

func TestSecretStage_RenamedStageWithCreateBeforeDestroyHasANewStageBeforeTheOldOneGoes(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	c := newCLI(t, m, "")
	c.apply(stageBlock("green", "GREEN", "v1", createFirst))
	m.ResetRequests()
	assertContains(t, c.apply(stageBlock("green", "BLUE", "v1", createFirst)), "+/- create replacement and then destroy")
	m.assertWritesInOrder(t, "PutStage BLUE", "DeleteStage GREEN")
}

// releases is a trigger of replacements.
func releases(release string) string {
	return `
resource "terraform_data" "release" {
  input = "` + release + `"
}
`
}

func TestSecretStage_ReplacedByItselfIsStillThere(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lifecycle string
		opts      []csmstest.Option
		wrote     []string
	}{
		"created first":                        {lifecycle: "create_before_destroy = true"},
		"created first, with update_time kept": {lifecycle: "create_before_destroy = true", opts: []csmstest.Option{csmstest.WithUpdateTimeKeptOnSameVersion()}},
		"destroyed first":                      {wrote: []string{"DeleteStage GREEN", "PutStage GREEN"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t, test.opts...)
			c := newCLI(t, m, "")
			green := stageBlock("green", "GREEN", "v1", "lifecycle {\n replace_triggered_by = [terraform_data.release]\n "+test.lifecycle+"\n}")
			c.apply(releases("one") + green)
			m.ResetRequests()
			assertContains(t, c.apply(releases("two")+green), "1 added, 1 changed, 1 destroyed")
			m.assertWritesInOrder(t, test.wrote...)
			m.assertHolder(t, "GREEN", "v1")
		})
	}
}

// forEach puts stages on versions, given as the elements of a map.
func forEach(elements string) string {
	return `
resource "csms_secret_stage" "each" {
  for_each    = {` + elements + `}
  secret_name = "db"
  name        = each.key
  version_id  = each.value
}
`
}

func TestSecretStage_StagesOfAMapComeAndGoOneByOne(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	c := newCLI(t, m, "")
	c.apply(forEach(`GREEN = "v1", BLUE = "v2", RED = "v3"`))
	m.ResetRequests()
	assertContains(t, c.apply(forEach(`BLUE = "v3", RED = "v3", GREY = "v1"`)), "1 added, 1 changed, 1 destroyed")
	m.assertChanges(t, 3)
	for stage, version := range map[string]string{"GREEN": "", "BLUE": "v3", "RED": "v3", "GREY": "v1"} {
		m.assertHolder(t, stage, version)
	}
}

// listed puts stages on v1, by their index in a list.
func listed(names, lifecycle string) string {
	return `
resource "csms_secret_stage" "listed" {
  count       = length([` + names + `])
  secret_name = "db"
  name        = [` + names + `][count.index]
  version_id  = "v1"
` + lifecycle + `
}
`
}

func TestSecretStage_StagesOfAListSurviveThatTheirIndexesShift(t *testing.T) {
	t.Parallel()
	for name, lifecycle := range map[string]string{"destroyed first": "", "created first": createFirst} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			c := newCLI(t, m, "")
			c.apply(listed(`"A", "B", "C"`, lifecycle))
			c.apply(listed(`"B", "C"`, lifecycle))
			for stage, version := range map[string]string{"A": "", "B": "v1", "C": "v1"} {
				m.assertHolder(t, stage, version)
			}
		})
	}
}

// greenOnOutput puts GREEN on a version that is known after apply, as is the secret.
func greenOnOutput(version string) string {
	return `
resource "terraform_data" "rotation" {
  input = { secret = "db", version = "` + version + `" }
}

resource "csms_secret_stage" "green" {
  secret_name = terraform_data.rotation.output.secret
  name        = "GREEN"
  version_id  = terraform_data.rotation.output.version
}
`
}

func TestSecretStage_WhoseValuesAreKnownAfterApplyIsPutInOneRun(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	c := newCLI(t, m, "")
	assertContains(t, c.apply(greenOnOutput("v1")), "+ version_id          = (known after apply)", "2 added")
	m.assertHolder(t, "GREEN", "v1")
	c.apply(greenOnOutput("v2"))
	m.assertHolder(t, "GREEN", "v2")
}

func TestSecretStage_FollowsTheNewestVersion(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	c := newCLI(t, m, "")
	const newest = `
data "csms_secret_versions" "db" {
  secret_name = "db"
}

resource "csms_secret_stage" "green" {
  secret_name = "db"
  name        = "GREEN"
  version_id  = data.csms_secret_versions.db.latest_version_id
}
`
	c.apply(newest)
	m.assertHolder(t, "GREEN", "v3")
	m.AddVersion("db")
	assertContains(t, c.apply(newest), `"v3" -> "v4"`)
	m.assertHolder(t, "GREEN", "v4")
}

func TestSecretStage_AnotherAddressWithoutAMovedBlockKeepsTheStage(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	c := newCLI(t, m, "")
	c.apply(greenOn("v1"))
	assertContains(t, c.apply(stageBlock("renamed", "GREEN", "v1", "")), "1 added, 0 changed, 1 destroyed")
	m.assertHolder(t, "GREEN", "v1")
}

func TestSecretStage_StagesSwapVersionsInOneApply(t *testing.T) {
	t.Parallel()
	for _, parallelism := range []string{"-parallelism=1", "-parallelism=10"} {
		t.Run(parallelism, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			c := newCLI(t, m, "")
			c.apply(forEach(`GREEN = "v1", BLUE = "v2"`))
			m.ResetRequests()
			c.apply(forEach(`GREEN = "v2", BLUE = "v1"`), parallelism)
			m.assertHolder(t, "GREEN", "v2")
			m.assertHolder(t, "BLUE", "v1")
			if m.assertChanges(t, 2); m.Count("DeleteStage") > 0 {
				t.Error("a stage was deleted")
			}
		})
	}
}

func TestSecretStage_SavedPlanOfAStage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		meanwhile, holder string
		code              int
		tells             []string
	}{
		"is applied hours later":                  {meanwhile: "v1", holder: "v2", tells: []string{"1 changed"}},
		"is done if somebody did the same":        {meanwhile: "v2", holder: "v2", tells: []string{"1 changed"}},
		"is refused if the stage has moved since": {meanwhile: "v3", holder: "v3", code: 1, tells: []string{"Unable to move CSMS secret stage", "csms_secret_stage.green", `"v3" now`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			c := newCLI(t, m, "")
			c.apply(greenOn("v1"))
			c.write(greenOn("v2"))
			c.must("plan", "-out=saved")
			m.SetClock(func() time.Time { return time.Now().Add(5 * time.Hour) })
			m.MoveStage("db", "GREEN", test.meanwhile)
			output, code := c.run("apply", "-no-color", "saved")
			assertContains(t, output, test.tells...)
			if code != test.code {
				t.Errorf("terraform apply exited with %d, want %d", code, test.code)
			}
			m.assertHolder(t, "GREEN", test.holder)
		})
	}
}
