package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// Terraform plans what it replaces twice, and ignore_changes acts on the first plan only.

func TestSecretVersionExpiry_AReplacedExpiryIsNotDeclaredTwiceWithItself(t *testing.T) {
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

func TestSecretStage_AReplacedStageIsNotDeclaredTwiceWithItself(t *testing.T) {
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

func TestSecretStage_AKeptStageThatIsReplacedIsNotDeclaredTwiceWithItself(t *testing.T) {
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
	c.must("apply", "-auto-approve")
	output := c.must("plan", "-var", "others=0", "-var", "version_id=v3", "-replace", "csms_secret_stage.kept")
	assertContains(t, output, "is in the state twice", "1 to add, 0 to change, 2 to destroy")
}
