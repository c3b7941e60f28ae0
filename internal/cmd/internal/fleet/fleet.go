// Package fleet is very many labels and expiries at once: the secrets that carry them,
// the configuration that manages them, and whether the service has them as configured.
package fleet

import (
	"fmt"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// Fleet is a number of labels, spread over secrets evenly, and of expiries, one for each
// of the first secrets. The variable version_id of the configuration says on which
// version the labels are, v1 or v2, and which of two expiries v1 has.
type Fleet struct {
	Secrets, Labels, Expiries int
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
	return fmt.Sprintf(configuration, providerArguments, f.Secrets, f.Labels, f.Expiries,
		expires("v1").Format(time.RFC3339), expires("v2").Format(time.RFC3339))
}

const configuration = `
terraform {
  required_providers {
    csms = { source = "csms/csms" }
  }
}
provider "csms" {
  %[1]s
}
variable "version_id" {}
resource "csms_secret_stage" "object" {
  count       = %[3]d
  secret_name = "secret-${count.index %% %[2]d}"
  name        = "LABEL-${floor(count.index / %[2]d)}"
  version_id  = var.version_id
}
resource "csms_secret_version_expiry" "object" {
  count       = %[4]d
  secret_name = "secret-${count.index}"
  version_id  = "v1"
  expire_time = var.version_id == "v1" ? %[5]q : %[6]q
}
`

// expires is the expiry that v1 has while the labels are on a version.
func expires(version string) time.Time {
	if version == "v1" {
		return time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(2091, 1, 1, 0, 0, 0, 0, time.UTC)
}

func secretName(i int) string { return fmt.Sprintf("secret-%d", i) }

func labelName(i int) string { return fmt.Sprintf("LABEL-%d", i) }

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
		service.MoveStage(secretName(i%f.Secrets), labelName(i/f.Secrets), "v1")
	}
	for i := range f.Expiries {
		service.SetExpiry(secretName(i), "v1", expires("v1"))
	}
}

// Label returns the attributes that a state has of the i-th label, with version_id = v1.
func (f Fleet) Label(i int) map[string]any {
	secret, label := secretName(i%f.Secrets), labelName(i/f.Secrets)
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
		if service.StageHolder(secretName(i%f.Secrets), labelName(i/f.Secrets)) != holder {
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
