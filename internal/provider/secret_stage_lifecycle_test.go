package provider_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// apply applies the configuration and makes sure that one more plan is empty. It
// returns what Terraform says about the apply.
func (c *cli) apply(hcl string, args ...string) string {
	c.t.Helper()
	c.write(hcl)
	output := c.succeed(append([]string{"apply", "-auto-approve", "-no-color"}, args...)...)
	if plan, code := c.run("plan", "-detailed-exitcode", "-no-color"); code != 0 {
		c.t.Errorf("the plan after the apply exits with %d:\n%s", code, plan)
	}
	return output
}

// wrote fails the test unless the mock saw these writes since the last ResetRequests,
// as in "PutStage GREEN", in this order.
func (m *mock) wrote(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for _, r := range m.Requests() {
		if r.Method != http.MethodGet {
			got = append(got, r.Operation+" "+r.Stage)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the provider wrote %q, want %q", got, want)
	}
}

func TestDriftOfAStageIsShownAndMended(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	c := newCLI(t, m, "")
	c.apply(greenOn("v1"))
	m.MoveStage("db", "GREEN", "v3")
	tells(t, c.apply(greenOn("v1")), "# csms_secret_stage.green will be updated in-place", `"v3" -> "v1"`)
	m.DeleteStage("db", "GREEN")
	tells(t, c.apply(greenOn("v1")), "# csms_secret_stage.green will be created", "CSMS object was not found")
	m.wrote(t, "PutStage GREEN", "PutStage GREEN", "PutStage GREEN")
	m.onVersion(t, "GREEN", "v1")
}

func TestStageWhoseMovesAreIgnoredFollowsTheServiceAndPlansNothing(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	c := newCLI(t, m, "")
	config := label("green", "GREEN", "v1", "lifecycle {\n ignore_changes = [version_id]\n}") + `
output "holder" {
  value = csms_secret_stage.green.version_id
}
`
	c.apply(config)
	m.MoveStage("db", "GREEN", "v3")
	tells(t, c.apply(config), `holder = "v3"`, "0 changed")
	m.wrote(t, "PutStage GREEN")
}

func TestDestroyedStageIsMadeAgainByTheNextApply(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	c := newCLI(t, m, "")
	c.apply(greenOn("v1"))
	c.succeed("destroy", "-auto-approve")
	m.onVersion(t, "GREEN", "")
	c.apply(greenOn("v1"))
	m.wrote(t, "PutStage GREEN", "DeleteStage GREEN", "PutStage GREEN")
}

func TestStageThatTerraformForgotIsAdoptedAgain(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	c := newCLI(t, m, "")
	c.apply(greenOn("v1"))
	c.succeed("state", "rm", "csms_secret_stage.green")
	tells(t, c.apply(greenOn("v1")), "1 added")
	m.wrote(t, "PutStage GREEN")
}

const createFirst = "lifecycle {\n create_before_destroy = true\n}"

func TestRenamedStageWithCreateBeforeDestroyHasANewLabelBeforeTheOldOneGoes(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	c := newCLI(t, m, "")
	c.apply(label("green", "GREEN", "v1", createFirst))
	m.ResetRequests()
	tells(t, c.apply(label("green", "BLUE", "v1", createFirst)), "+/- create replacement and then destroy")
	m.wrote(t, "PutStage BLUE", "DeleteStage GREEN")
}

// releases is a trigger of replacements.
func releases(release string) string {
	return `
resource "terraform_data" "release" {
  input = "` + release + `"
}
`
}

func TestStageReplacedByItselfIsStillThere(t *testing.T) {
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
			green := label("green", "GREEN", "v1", "lifecycle {\n replace_triggered_by = [terraform_data.release]\n "+test.lifecycle+"\n}")
			c.apply(releases("one") + green)
			m.ResetRequests()
			tells(t, c.apply(releases("two")+green), "1 added, 1 changed, 1 destroyed")
			m.wrote(t, test.wrote...)
			m.onVersion(t, "GREEN", "v1")
		})
	}
}

// forEach puts labels on versions, given as the elements of a map.
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

func TestStagesOfAMapComeAndGoOneByOne(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	c := newCLI(t, m, "")
	c.apply(forEach(`GREEN = "v1", BLUE = "v2", RED = "v3"`))
	m.ResetRequests()
	tells(t, c.apply(forEach(`BLUE = "v3", RED = "v3", GREY = "v1"`)), "1 added, 1 changed, 1 destroyed")
	m.moved(t, 3)
	for stage, version := range map[string]string{"GREEN": "", "BLUE": "v3", "RED": "v3", "GREY": "v1"} {
		m.onVersion(t, stage, version)
	}
}

// listed puts labels on v1, by their index in a list.
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

func TestStagesOfAListSurviveThatTheirIndexesShift(t *testing.T) {
	t.Parallel()
	for name, lifecycle := range map[string]string{"destroyed first": "", "created first": createFirst} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			c := newCLI(t, m, "")
			c.apply(listed(`"A", "B", "C"`, lifecycle))
			c.apply(listed(`"B", "C"`, lifecycle))
			for stage, version := range map[string]string{"A": "", "B": "v1", "C": "v1"} {
				m.onVersion(t, stage, version)
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

func TestStageWhoseValuesAreKnownAfterApplyIsPutInOneRun(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	c := newCLI(t, m, "")
	tells(t, c.apply(greenOnOutput("v1")), "+ version_id          = (known after apply)", "2 added")
	m.onVersion(t, "GREEN", "v1")
	c.apply(greenOnOutput("v2"))
	m.onVersion(t, "GREEN", "v2")
}

func TestStageFollowsTheNewestVersion(t *testing.T) {
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
	m.onVersion(t, "GREEN", "v3")
	m.AddVersion("db")
	tells(t, c.apply(newest), `"v3" -> "v4"`)
	m.onVersion(t, "GREEN", "v4")
}

func TestRenamedAddressKeepsTheLabel(t *testing.T) {
	t.Parallel()
	const moved = "moved {\n from = csms_secret_stage.green\n to = csms_secret_stage.renamed\n}\n"
	for name, test := range map[string]struct{ moved, tells string }{
		"with moved":    {moved: moved, tells: "0 added, 0 changed, 0 destroyed"},
		"without moved": {tells: "1 added, 0 changed, 1 destroyed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			c := newCLI(t, m, "")
			c.apply(greenOn("v1"))
			tells(t, c.apply(label("renamed", "GREEN", "v1", "")+test.moved), test.tells)
			m.onVersion(t, "GREEN", "v1")
			if test.moved != "" {
				m.wrote(t, "PutStage GREEN")
			}
		})
	}
}

func TestStageMovedIntoAModuleIsNotTouched(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	c := newCLI(t, m, "")
	c.apply(greenOn("v1"))
	if err := os.Mkdir(filepath.Join(c.dir, "rotation"), 0o700); err != nil {
		t.Fatal(err)
	}
	versions, err := os.ReadFile(filepath.Join(c.dir, "versions.tf"))
	if err != nil {
		t.Fatal(err)
	}
	c.writeFile("rotation/main.tf", string(versions)+greenOn("v1"))
	const module = "module \"rotation\" {\n source = \"./rotation\"\n}\nmoved {\n from = csms_secret_stage.green\n to = module.rotation.csms_secret_stage.green\n}\n"
	c.write(module)
	c.succeed("get")
	tells(t, c.apply(module), "0 added, 0 changed, 0 destroyed")
	m.wrote(t, "PutStage GREEN")
}

func TestLabelDeclaredTwiceFailsThePlan(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	c := newCLI(t, m, label("one", "GREEN", "v1", "")+label("two", "GREEN", "v2", ""))
	output, code := c.run("plan", "-no-color")
	tells(t, output, "CSMS secret stage is declared twice")
	if code != 1 {
		t.Errorf("terraform plan exited with %d", code)
	}
}

func TestLabelsSwapVersionsInOneApply(t *testing.T) {
	t.Parallel()
	for _, parallelism := range []string{"-parallelism=1", "-parallelism=10"} {
		t.Run(parallelism, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			c := newCLI(t, m, "")
			c.apply(forEach(`GREEN = "v1", BLUE = "v2"`))
			m.ResetRequests()
			c.apply(forEach(`GREEN = "v2", BLUE = "v1"`), parallelism)
			m.onVersion(t, "GREEN", "v2")
			m.onVersion(t, "BLUE", "v1")
			if m.moved(t, 2); m.Count("DeleteStage") > 0 {
				t.Error("a label was deleted")
			}
		})
	}
}

func TestSavedPlanOfAStage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		meanwhile, holder string
		code              int
		tells             []string
	}{
		"is applied hours later":                  {meanwhile: "v1", holder: "v2", tells: []string{"1 changed"}},
		"is done if somebody did the same":        {meanwhile: "v2", holder: "v2", tells: []string{"1 changed"}},
		"is refused if the label has moved since": {meanwhile: "v3", holder: "v3", code: 1, tells: []string{"Unable to move CSMS secret stage", "csms_secret_stage.green", `"v3" now`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			c := newCLI(t, m, "")
			c.apply(greenOn("v1"))
			c.write(greenOn("v2"))
			c.succeed("plan", "-out=saved")
			m.SetClock(func() time.Time { return time.Now().Add(5 * time.Hour) })
			m.MoveStage("db", "GREEN", test.meanwhile)
			output, code := c.run("apply", "-no-color", "saved")
			tells(t, output, test.tells...)
			if code != test.code {
				t.Errorf("terraform apply exited with %d, want %d", code, test.code)
			}
			m.onVersion(t, "GREEN", test.holder)
		})
	}
}

func TestDestroyOfSYSCURRENTSaysThatItStaysAndSucceeds(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	c := newCLI(t, m, "")
	c.apply(label("current", "SYSCURRENT", "v2", ""))
	output := c.succeed("destroy", "-auto-approve", "-no-color")
	if n := strings.Count(output, "Built-in CSMS secret stage stays"); n != 2 { // at plan and at apply
		t.Errorf("the warning came %d times:\n%s", n, output)
	}
	m.onVersion(t, "SYSCURRENT", "v2")
	m.wrote(t)
}
