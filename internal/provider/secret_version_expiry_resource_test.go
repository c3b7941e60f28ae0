package provider_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

const oldExpiry = "csms_secret_version_expiry.old"

// expiryOf sets the expiry of a version of the secret "db".
func expiryOf(version, expireTime string) string {
	return `
resource "csms_secret_version_expiry" "old" {
  secret_name = "db"
  version_id  = "` + version + `"
  expire_time = "` + expireTime + `"
}
`
}

// hasExpireTime expects a text in the state.
func hasExpireTime(address, text string) []statecheck.StateCheck {
	return []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("expire_time"), knownvalue.StringExact(text))}
}

func TestSecretVersionExpiry_IsCreatedImportedAndLeftBehind(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	acceptance(t,
		resource.TestStep{
			Config: m.config(expiryOf("v1", year2090)),
			ConfigStateChecks: append(hasExpireTime(oldExpiry, year2090),
				statecheck.ExpectKnownValue(oldExpiry, tfjsonpath.New("id"), knownvalue.StringExact("db/v1")),
				statecheck.ExpectKnownValue(oldExpiry, tfjsonpath.New("region"), knownvalue.StringExact("cn-north-4"))),
		},
		resource.TestStep{ResourceName: oldExpiry, ImportState: true, ImportStateVerify: true, ImportStateId: "db/v1"},
		resource.TestStep{ResourceName: oldExpiry, ImportState: true, ImportStateVerify: true, ImportStateId: "cn-north-4/db/v1"},
		resource.TestStep{ResourceName: oldExpiry, ImportState: true, ImportStateId: "db/v2", ExpectError: regexp.MustCompile(`(?s)Cannot import non-existent\s+remote\s+object`)},
		resource.TestStep{Config: m.config(expiryOf("v1", year2090))},
	)
	if n := m.Count("UpdateVersion"); n != 1 {
		t.Errorf("the expiry was sent %d times, want once", n)
	}
	if got := m.Expiry("db", "v1"); !got.Equal(time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("after destroy v1 expires at %s, want as before", got)
	}
}

func TestSecretVersionExpiry_KeepsTheSpellingOfTheConfigurationThroughRefresh(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	const text = "2090-01-01T08:00:00+08:00"
	acceptance(t,
		resource.TestStep{Config: m.config(expiryOf("v1", text)), ConfigStateChecks: hasExpireTime(oldExpiry, text)},
		resource.TestStep{
			Config:            m.config(expiryOf("v1", year2090)),
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			ConfigStateChecks: hasExpireTime(oldExpiry, text),
		},
	)
}

func TestSecretVersionExpiry_OfAnotherVersionIsAReplacementThatLeavesTheOldOne(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	acceptance(t,
		resource.TestStep{Config: m.config(expiryOf("v1", year2090))},
		resource.TestStep{
			Config:           m.config(expiryOf("v2", farther)),
			ConfigPlanChecks: planned(oldExpiry, plancheck.ResourceActionDestroyBeforeCreate),
		},
	)
	if m.Expiry("db", "v1").IsZero() || m.Expiry("db", "v2").IsZero() {
		t.Error("one of the versions has no expiry")
	}
}

// deadlineOf takes the expiry of v1 from a resource, so that it is known after apply whenever that
// resource changes.
func deadlineOf(day string) string {
	return `
resource "terraform_data" "deadline" {
  input = "` + day + `"
}

resource "csms_secret_version_expiry" "old" {
  secret_name = "db"
  version_id  = "v1"
  expire_time = "${terraform_data.deadline.output}T00:00:00Z"
}
`
}

func TestSecretVersionExpiry_ThatIsKnownAfterApplyIsUpdatedInPlace(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	acceptance(t,
		resource.TestStep{Config: m.config(deadlineOf("2090-01-01")), ConfigStateChecks: hasExpireTime(oldExpiry, year2090)},
		resource.TestStep{
			Config: m.config(deadlineOf("2091-01-01")),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(oldExpiry, plancheck.ResourceActionUpdate),
				plancheck.ExpectUnknownValue(oldExpiry, tfjsonpath.New("expire_time")),
			}},
			ConfigStateChecks: hasExpireTime(oldExpiry, farther),
		},
	)
	if n := m.Count("UpdateVersion"); n != 2 {
		t.Errorf("the expiry was sent %d times, want twice", n)
	}
}

// previousVersionAfter reads the holder of SYSPREVIOUS only after another resource, so that its
// version is known after apply whenever that resource changes.
func previousVersionAfter(release, expireTime string) string {
	return `
resource "terraform_data" "release" {
  input = "` + release + `"
}

data "csms_secret_version" "previous" {
  secret_name = "db"
  stage       = "SYSPREVIOUS"
  depends_on  = [terraform_data.release]
}

resource "csms_secret_version_expiry" "old" {
  secret_name = "db"
  version_id  = data.csms_secret_version.previous.version_id
  expire_time = "` + expireTime + `"
}
`
}

func TestSecretVersionExpiry_ThatHasPassedSurvivesAVersionThatIsKnownAfterApply(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	m.setExpiry(t, "v1", longAgo)
	acceptance(t,
		resource.TestStep{Config: m.config(previousVersionAfter("1.0", longAgo))},
		resource.TestStep{
			Config:            m.config(previousVersionAfter("2.0", longAgo)),
			ConfigPlanChecks:  planned(oldExpiry, plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: hasExpireTime(oldExpiry, longAgo),
		},
	)
	if n := m.Count("UpdateVersion"); n > 0 {
		t.Errorf("the expiry was sent %d times, want never", n)
	}
}

func TestSecretVersionExpiry_PastExpiryOfAVersionThatIsKnownAfterApplyIsNotWritten(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	acceptance(t, resource.TestStep{
		Config:      m.config(previousVersionAfter("1.0", longAgo)),
		ExpectError: regexp.MustCompile(`(?s)Unable to set expiry of CSMS secret version.*expire_time\s+2020-01-01T00:00:00Z\s+has\s+passed`),
	})
	if n := m.Count("UpdateVersion"); n > 0 {
		t.Errorf("the expiry was sent %d times, want never", n)
	}
}

// expiryOfEachVersionWithoutStage is what a rotation module does with the versions that nobody uses
// any more.
const expiryOfEachVersionWithoutStage = `
data "csms_secret_versions" "db" {
  secret_name = "db"
}

resource "csms_secret_version_expiry" "unused" {
  for_each = { for v in data.csms_secret_versions.db.versions : v.version_id => v if length(v.version_stages) == 0 }

  secret_name = "db"
  version_id  = each.key
  expire_time = "2090-01-01T00:00:00Z"
}
`

func TestSecretVersionExpiry_EachVersionWithoutAStageCanBeGivenAnExpiry(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	c := newCLI(t, m, expiryOfEachVersionWithoutStage)
	c.must("apply", "-auto-approve")
	m.AddVersion("db", "SYSCURRENT") // v2 is without a stage now
	if output := c.must("apply", "-auto-approve", "-no-color"); !strings.Contains(output, "1 added, 0 changed, 0 destroyed") {
		t.Errorf("the second apply does more than to add v2:\n%s", output)
	}
	for _, version := range []string{"v2", "v3"} {
		if m.Expiry("db", version).IsZero() {
			t.Errorf("%s has no expiry", version)
		}
	}
	if n := m.Count("UpdateVersion"); n != 2 {
		t.Errorf("expiries were sent %d times, want twice", n)
	}
}

// rotationWithExpiry moves SYSCURRENT to a version and lets the version that had it expire.
func rotationWithExpiry(version string) string {
	return `
resource "csms_secret_stage" "current" {
  secret_name = "db"
  name        = "SYSCURRENT"
  version_id  = "` + version + `"
}
` + strings.Replace(expiryOf("v1", year2090), `"v1"`, "csms_secret_stage.current.previous_version_id", 1)
}

func TestSecretVersionExpiry_EachRotationLetsTheVersionThatItReplacesExpire(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	acceptance(t,
		resource.TestStep{Config: m.config(rotationWithExpiry("v3"))},
		resource.TestStep{
			PreConfig:        func() { m.AddVersion("db", "PENDING") },
			Config:           m.config(rotationWithExpiry("v4")),
			ConfigPlanChecks: planned(oldExpiry, plancheck.ResourceActionDestroyBeforeCreate),
		},
	)
	for version, expires := range map[string]bool{"v1": false, "v2": true, "v3": true, "v4": false} {
		if m.Expiry("db", version).IsZero() == expires {
			t.Errorf("%s expires at %s", version, m.Expiry("db", version))
		}
	}
}

func TestSecretVersionExpiry_IgnoredChangeOfAnExpiryPlansNothing(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	config := m.config(strings.Replace(expiryOf("v1", year2090), "}", "  lifecycle {\n    ignore_changes = [expire_time]\n  }\n}", 1))
	acceptance(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:         func() { m.setExpiry(t, "v1", farther) },
			Config:            config,
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			ConfigStateChecks: hasExpireTime(oldExpiry, farther),
		},
	)
}

// replacedWith replaces the expiry of v1 with another resource, the new one first.
func replacedWith(release string) string {
	return `
resource "terraform_data" "release" {
  input = "` + release + `"
}
` + strings.Replace(expiryOf("v1", year2090), "}",
		"  lifecycle {\n    create_before_destroy = true\n    replace_triggered_by  = [terraform_data.release]\n  }\n}", 1)
}

func TestSecretVersionExpiry_ReplacementByTheSameExpiryWritesNothing(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	acceptance(t,
		resource.TestStep{Config: m.config(replacedWith("1.0"))},
		resource.TestStep{
			Config:           m.config(replacedWith("2.0")),
			ConfigPlanChecks: planned(oldExpiry, plancheck.ResourceActionCreateBeforeDestroy),
		},
	)
	if n := m.Count("UpdateVersion"); n != 1 {
		t.Errorf("the expiry was sent %d times, want once", n)
	}
}

func TestSecretVersionExpiry_UnderAnotherAddressIsNotWrittenAgain(t *testing.T) {
	t.Parallel()
	renamed := strings.Replace(expiryOf("v1", year2090), `"old"`, `"previous"`, 1)
	for name, tt := range map[string]struct {
		config string
		action plancheck.ResourceActionType
	}{
		"moved":     {renamed + "\nmoved {\n  from = csms_secret_version_expiry.old\n  to   = csms_secret_version_expiry.previous\n}\n", plancheck.ResourceActionNoop},
		"not moved": {renamed, plancheck.ResourceActionCreate},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			acceptance(t,
				resource.TestStep{Config: m.config(expiryOf("v1", year2090))},
				resource.TestStep{Config: m.config(tt.config), ConfigPlanChecks: planned("csms_secret_version_expiry.previous", tt.action)},
			)
			if n := m.Count("UpdateVersion"); n != 1 {
				t.Errorf("the expiry was sent %d times, want once", n)
			}
		})
	}
}

func TestSecretVersionExpiry_OfAVersionThatWasDeletedIsPlannedAnewAndSaysWhatThereIs(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	acceptance(t,
		resource.TestStep{Config: m.config(expiryOf("v3", year2090))},
		resource.TestStep{
			PreConfig:        func() { m.DeleteVersion("db", "v3") },
			Config:           m.config(expiryOf("v3", year2090)),
			ConfigPlanChecks: planned(oldExpiry, plancheck.ResourceActionCreate),
			ExpectError:      regexp.MustCompile(`(?s)version\s+"v3".*the\s+secret\s+has\s+v1,\s+v2`),
		},
	)
}

func TestSecretVersionExpiry_SavedPlanOfAnExpiryDoesNotOverwriteWhatOthersSet(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	c := newCLI(t, m, expiryOf("v1", year2090))
	c.must("apply", "-auto-approve")
	c.write(expiryOf("v1", farther))
	c.must("plan", "-out=saved")
	m.setExpiry(t, "v1", "2092-02-02T00:00:00Z")
	if output, code := c.run("apply", "-no-color", "saved"); code != 1 || !strings.Contains(output, "somebody changed the expiry") {
		t.Errorf("the apply exits with %d:\n%s", code, output)
	}
	c.must("apply", "-auto-approve")
	if _, code := c.run("plan", "-detailed-exitcode"); code != 0 {
		t.Errorf("the plan after it exits with %d, want 0", code)
	}
	if output := c.must("plan", "-destroy", "-no-color"); !strings.Contains(output, "still expires at "+farther) {
		t.Errorf("the plan of the destroy does not say what stays:\n%s", output)
	}
}

// adoptions import what there is without a configuration for it.
const adoptions = `
import {
  to = csms_secret_version_expiry.old
  id = "db/v1"
}

import {
  to = csms_secret_stage.current
  id = "cn-north-4/db/SYSCURRENT"
}
`

func TestSecretVersionExpiry_AdoptedObjectsGetAConfigurationThatChangesNothing(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	m.setExpiry(t, "v1", year2090)
	c := newCLI(t, m, adoptions)
	c.must("plan", "-generate-config-out=adopted.tf")
	if output := c.must("apply", "-auto-approve", "-no-color"); !strings.Contains(output, "2 imported, 0 added, 0 changed, 0 destroyed") {
		t.Errorf("the import changes something:\n%s\n%s", output, c.content("adopted.tf"))
	}
	if n := m.Count("PutStage") + m.Count("UpdateVersion"); n > 0 {
		t.Errorf("the import wrote %d times", n)
	}
}
