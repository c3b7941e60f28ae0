// Package fleet is very many labels and expiries at once: the secrets that carry them,
// the configuration that manages them, and whether the service has them as configured.
package fleet

import (
	"fmt"
	"strings"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// Fleet is a number of labels, spread over secrets evenly, and of expiries, one for each
// of the first secrets. The variable version_id of the configuration says on which
// version the labels are, v1 or v2, and which of two expiries v1 has.
type Fleet struct {
	Secrets, Labels, Expiries int

	// Counted addresses the objects by number (count) instead of by key (for_each).
	// Terraform evaluates all of a for_each for each of its instances, which outweighs
	// everything else where there are thousands.
	Counted bool
}

// Of is a fleet of a number of objects, so many for each secret: labels and one expiry.
// A single object is a label. Both numbers must be positive.
func Of(objects, perSecret int) Fleet {
	secrets := (objects + perSecret - 1) / perSecret
	if objects == 1 {
		return Fleet{Secrets: 1, Labels: 1}
	}
	return Fleet{Secrets: secrets, Labels: objects - secrets, Expiries: secrets}
}

// Configuration is the fleet in Terraform's language, with arguments of the provider block.
func (f Fleet) Configuration(providerArguments string) string {
	return f.Expand(fmt.Sprintf(configuration, providerArguments))
}

const configuration = `
terraform {
  required_providers {
    csms = { source = "csms/csms" }
  }
}
provider "csms" {
  %s
}
resource "csms_secret_stage" "label" {
  <labels>
  secret_name = <label.secret_name>
  name        = <label.name>
  version_id  = <version_id>
}
resource "csms_secret_version_expiry" "expiry" {
  <expiries>
  secret_name = <expiry.secret_name>
  version_id  = "v1"
  expire_time = <expire_time>
}
`

// Expand makes a configuration of the fleet from resource blocks of any type. In them
// stand <labels> and <expiries> for the meta-argument that multiplies a block, and
// <label.secret_name>, <label.name>, <version_id>, <expiry.secret_name> and <expire_time>
// for what an object is given.
func (f Fleet) Expand(blocks string) string {
	multiply := []string{
		"<labels>", "for_each = local.labels", "<label.secret_name>", "each.value.secret_name", "<label.name>", "each.value.name",
		"<expiries>", "for_each = local.expiries", "<expiry.secret_name>", "each.value.secret_name",
	}
	if f.Counted {
		multiply = []string{
			"<labels>", fmt.Sprintf("count = %d", f.Labels), "<expiries>", fmt.Sprintf("count = %d", f.Expiries),
			"<label.secret_name>", fmt.Sprintf(`"secret-${count.index %% %d}"`, f.Secrets),
			"<label.name>", fmt.Sprintf(`"LABEL-${floor(count.index / %d)}"`, f.Secrets),
			"<expiry.secret_name>", `"secret-${count.index}"`,
		}
	}
	expireTime := fmt.Sprintf("var.version_id == \"v1\" ? %q : %q", expires("v1").Format(time.RFC3339), expires("v2").Format(time.RFC3339))
	given := []string{"<version_id>", "var.version_id", "<expire_time>", expireTime}
	return "variable \"version_id\" {}\n" + f.locals() + strings.NewReplacer(append(multiply, given...)...).Replace(blocks)
}

// locals are the maps that for_each goes through.
func (f Fleet) locals() string {
	if f.Counted {
		return ""
	}
	var b strings.Builder
	b.WriteString("locals {\n  labels = {\n")
	for i := range f.Labels {
		fmt.Fprintf(&b, "    %q = { secret_name = %q, name = %q }\n", f.LabelKey(i), f.labelSecret(i), f.labelName(i))
	}
	b.WriteString("  }\n  expiries = {\n")
	for i := range f.Expiries {
		fmt.Fprintf(&b, "    %q = { secret_name = %q }\n", f.ExpiryKey(i), secretName(i))
	}
	b.WriteString("  }\n}\n")
	return b.String()
}

// LabelKey is what Terraform calls the instance of the i-th label: a string or a number.
func (f Fleet) LabelKey(i int) any {
	if f.Counted {
		return i
	}
	return f.labelSecret(i) + "/" + f.labelName(i)
}

// ExpiryKey is what Terraform calls the instance of the i-th expiry: a string or a number.
func (f Fleet) ExpiryKey(i int) any {
	if f.Counted {
		return i
	}
	return secretName(i) + "/v1"
}

// expires is the expiry that v1 has while the labels are on a version.
func expires(version string) time.Time {
	if version == "v1" {
		return time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(2091, 1, 1, 0, 0, 0, 0, time.UTC)
}

func secretName(i int) string { return fmt.Sprintf("secret-%d", i) }

func (f Fleet) labelSecret(i int) string { return secretName(i % f.Secrets) }

func (f Fleet) labelName(i int) string { return fmt.Sprintf("LABEL-%d", i/f.Secrets) }

// Seed puts the fleet's secrets into a service, with two versions each.
func (f Fleet) Seed(service *csmstest.Server) {
	for i := range f.Secrets {
		service.PutSecret(csmstest.Secret{Name: secretName(i), Versions: []csmstest.Version{
			{ID: "v1", Stages: []string{"SYSPREVIOUS"}}, {ID: "v2", Stages: []string{"SYSCURRENT"}},
		}})
	}
}

// SeedExisting is Seed, with all labels and expiries in place as version_id = v1 has them.
func (f Fleet) SeedExisting(service *csmstest.Server) {
	f.Seed(service)
	for i := range f.Labels {
		service.MoveStage(f.labelSecret(i), f.labelName(i), "v1")
	}
	for i := range f.Expiries {
		service.SetExpiry(secretName(i), "v1", expires("v1"))
	}
}

// Label returns the attributes that a state has of the i-th label, with version_id = v1.
func (f Fleet) Label(i int) map[string]any {
	secret, label := f.labelSecret(i), f.labelName(i)
	return map[string]any{
		"id": secret + "/" + label, "region": csmstest.DefaultRegion, "secret_name": secret, "name": label, "version_id": "v1",
		"previous_version_id": nil, "update_time": "2026-01-01T00:00:00Z", "timeouts": nil,
	}
}

// Expiry returns the attributes that a state has of the i-th expiry, with version_id = v1.
func (f Fleet) Expiry(i int) map[string]any {
	return map[string]any{
		"id": secretName(i) + "/v1", "region": csmstest.DefaultRegion, "secret_name": secretName(i), "version_id": "v1",
		"expire_time": expires("v1").Format(time.RFC3339), "timeouts": nil,
	}
}

// Lost counts the objects that are not as configured with a version. A destroyed fleet
// has no labels any more; its expiries stay.
func (f Fleet) Lost(service *csmstest.Server, version string, destroyed bool) int {
	lost, holder := 0, version
	if destroyed {
		holder = ""
	}
	for i := range f.Labels {
		if service.StageHolder(f.labelSecret(i), f.labelName(i)) != holder {
			lost++
		}
	}
	for i := range f.Expiries {
		if !service.Expiry(secretName(i), "v1").Equal(expires(version)) {
			lost++
		}
	}
	return lost
}
