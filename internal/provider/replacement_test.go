package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// Terraform plans what it replaces twice, and ignore_changes acts on the first plan only.

func TestAReplacedExpiryIsNotDeclaredTwiceWithItself(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	rotation := func(version, expireTime string) string {
		return m.config(`
resource "csms_secret_version_expiry" "old" {
  secret_name = "db"
  version_id  = "` + version + `"
  expire_time = "` + expireTime + `"
  lifecycle {
    ignore_changes = [expire_time]
  }
}
`)
	}
	acceptance(t,
		resource.TestStep{Config: rotation("v1", "2090-01-01T00:00:00Z")},
		resource.TestStep{
			Config:           rotation("v2", "2091-01-01T00:00:00Z"),
			ConfigPlanChecks: planned("csms_secret_version_expiry.old", plancheck.ResourceActionDestroyBeforeCreate),
		},
	)
}

func TestAReplacedStageIsNotDeclaredTwiceWithItself(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	pinned := func(name, version string) string {
		return m.config(`
resource "csms_secret_stage" "pinned" {
  secret_name = "db"
  name        = "` + name + `"
  version_id  = "` + version + `"
  lifecycle {
    ignore_changes = [version_id]
  }
}
`)
	}
	acceptance(t, resource.TestStep{Config: pinned("GREEN", "v1")}, resource.TestStep{Config: pinned("BLUE", "v2")})
}

func TestAKeptStageThatIsReplacedIsNotDeclaredTwiceWithItself(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	c := newCLI(t, m, `
variable "version_id" { default = "v1" }
variable "others" { default = 1 }
resource "csms_secret_stage" "other" {
  count       = var.others
  secret_name = "db"
  name        = "GREEN"
  version_id  = "v1"
}
resource "csms_secret_stage" "kept" {
  depends_on  = [csms_secret_stage.other]
  secret_name = "db"
  name        = "GREEN"
  version_id  = var.version_id
  lifecycle {
    ignore_changes = [version_id]
  }
}
`)
	c.succeed("apply", "-auto-approve")
	output := c.succeed("plan", "-var", "others=0", "-var", "version_id=v3", "-replace", "csms_secret_stage.kept")
	tells(t, output, "is in the state twice", "1 to add, 0 to change, 2 to destroy")
}

func TestAMovedStateWithoutARegionThatIsNotRefreshed(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]map[string]any{
		"region configured":  with(stage("GREEN", "v2"), "region", "cn-north-4"),
		"no region anywhere": stage("GREEN", "v2"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			m.MoveStage("db", "GREEN", "v1")
			moved := instance{typeName: stageType, state: map[string]any{"id": "db/GREEN", "secret_name": "db", "name": "GREEN", "version_id": "v1"}}
			c, diagnostics := newWalk(t, m).plan(moved, config)
			newWalk(t, m).must(diagnostics)
			if c.requiresReplace {
				t.Error("the label is to be deleted and made anew")
			}
			i, diagnostics := newWalk(t, m).apply(c)
			newWalk(t, m).must(diagnostics)
			w := newWalk(t, m)
			promised := w.strings(c.planned, w.typeOf(stageType))
			if promised["region"] != "cn-north-4" || i.state["region"] != promised["region"] || i.state["version_id"] != "v2" {
				t.Errorf("planned %v, got %v", promised, i.state)
			}
		})
	}
}

func TestARenamedLabelThatIsTheLastOfItsVersionIsWarnedOf(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	created := newWalk(t, m).create(stageType, stage("GREEN", "v3"))
	for name, config := range map[string]map[string]any{"rename": stage("BLUE", "v3"), "destroy": nil} {
		w := newWalk(t, m)
		read, diagnostics := w.read(created)
		w.must(diagnostics)
		_, diagnostics = w.plan(read, config)
		got := warningsOf(diagnostics)
		tells(t, got, "loses its last stage: db/GREEN", `version "v3"`)
		if advised := strings.Contains(got, "create_before_destroy"); advised != (name == "rename") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestARefusedMoveDoesNotSayThatTheLabelWasTaken(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	w := newWalk(t, m)
	c, _ := w.plan(instance{typeName: stageType}, stage("SYSCURRENT", "v3"))
	m.Fail(csmstest.Fault{Operation: "PutStage", Status: 403, Body: `{"error_code":"APIGW.0302","error_msg":"no"}`})
	_, diagnostics := w.apply(c)
	if got := warningsOf(diagnostics); errorsOf(diagnostics) == "" || strings.Contains(got, "was taken") {
		t.Errorf("errors %q, warnings %q", errorsOf(diagnostics), got)
	}
}

func TestWarningsOfSeveralLabelsHaveSummariesOfTheirOwn(t *testing.T) {
	t.Parallel()
	w := newWalk(t, newSecret(t))
	summaries := map[string]bool{}
	for _, name := range []string{"SYSCURRENT", "SYSPREVIOUS"} {
		_, diagnostics := w.plan(instance{typeName: stageType}, stage(name, "v3"))
		for _, d := range diagnostics {
			summaries[d.Summary] = true
		}
	}
	if len(summaries) != 2 {
		t.Errorf("Terraform shows only one of several warnings with one summary: %v", summaries)
	}
}
