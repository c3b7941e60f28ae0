// Package workload is very many stages and expiries at once: the secrets that carry them, the configuration that manages
// them, and whether the service has them as configured.
package workload

import (
	"fmt"
	"strings"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// Workload is a number of stages, spread evenly over secrets, and of expiries, one for each of the first secrets. The
// variable version_id of its configuration says which version the stages are on, v1 or v2, and which of two expiries v1
// has.
type Workload struct {
	// Prefix begins the names of the secrets, so that one service can have several workloads.
	Prefix                    string
	Secrets, Stages, Expiries int
}

// Of is a workload of a number of objects, so many for each secret: stages and one expiry. A single object is a stage.
// Both numbers must be positive.
func Of(objects, perSecret int) Workload {
	secrets := (objects + perSecret - 1) / perSecret
	if objects == 1 {
		return Workload{Secrets: 1, Stages: 1}
	}
	return Workload{Secrets: secrets, Stages: objects - secrets, Expiries: secrets}
}

// Shape is how a configuration has its objects.
type Shape string

// The shapes of a configuration. Terraform's range limits ForEach to 1,024 stages.
const (
	ForEach Shape = "for_each"        // Two resources with many instances.
	Blocks  Shape = "resource blocks" // A resource for each object.
)

// Kind is a kind of objects. Stage and Expiry are resource blocks, in which <name> and <meta> stand for the resource's
// name and meta-argument, <secret> and <stage> for expressions. Version and expiry are var.version_id and
// local.expire_time.
type Kind struct{ Settings, Stage, Expiry string }

// CSMS are the objects of this provider.
var CSMS = Kind{
	Settings: `terraform {
  required_providers {
    csms = { source = "csms/csms" }
  }
}
provider "csms" {}
`,
	Stage: `resource "csms_secret_stage" "<name>" {
  <meta>
  secret_name = <secret>
  name        = <stage>
  version_id  = var.version_id
}
`,
	Expiry: `resource "csms_secret_version_expiry" "<name>" {
  <meta>
  secret_name = <secret>
  version_id  = "v1"
  expire_time = local.expire_time
}
`,
}

// Configuration writes the objects in Terraform's language.
func (w Workload) Configuration(kind Kind, shape Shape) string {
	var b strings.Builder
	b.WriteString(kind.Settings)
	fmt.Fprintf(&b, "variable \"version_id\" {}\nlocals {\n  expire_time = var.version_id == \"v1\" ? %q : %q\n}\n",
		Expiry("v1").Format(time.RFC3339), Expiry("v2").Format(time.RFC3339))
	block := func(text, name, meta, secret, stage string) {
		filled := strings.NewReplacer("<name>", name, "<meta>", meta, "<secret>", secret, "<stage>", stage)
		_, _ = filled.WriteString(&b, text)
	}
	if shape == ForEach {
		fmt.Fprintf(&b, "locals {\n  stages = { for i in range(%d) : \"${i}\" => "+
			"{ secret = \"%ssecret-${i %% %d}\", name = \"STAGE-${floor(i / %d)}\" } }\n"+
			"  expiries = toset([for i in range(%d) : \"%ssecret-${i}\"])\n}\n",
			w.Stages, w.Prefix, w.Secrets, w.Secrets, w.Expiries, w.Prefix)
		block(kind.Stage, "stage", "for_each = local.stages", "each.value.secret", "each.value.name")
		block(kind.Expiry, "expiry", "for_each = local.expiries", "each.value", "")
		return b.String()
	}
	for i := range w.Stages {
		secret, stage := w.Stage(i)
		block(kind.Stage, fmt.Sprintf("stage_%d", i), "", fmt.Sprintf("%q", secret), fmt.Sprintf("%q", stage))
	}
	for i := range w.Expiries {
		block(kind.Expiry, fmt.Sprintf("expiry_%d", i), "", fmt.Sprintf("%q", w.Secret(i)), "")
	}
	return b.String()
}

// Secret returns the name of the i-th secret.
func (w Workload) Secret(i int) string { return fmt.Sprintf("%ssecret-%d", w.Prefix, i) }

// Stage returns the i-th stage and its secret.
func (w Workload) Stage(i int) (secret, stage string) {
	return w.Secret(i % w.Secrets), fmt.Sprintf("STAGE-%d", i/w.Secrets)
}

// Expiry is the expiry that v1 has while the stages are on a version.
func Expiry(version string) time.Time {
	if version == "v1" {
		return time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(2091, 1, 1, 0, 0, 0, 0, time.UTC)
}

// Seed puts the secrets into a service, with two versions each, and with all stages and expiries in place, as version_id
// v1 has them, if they exist.
func (w Workload) Seed(service *csmstest.Server, exist bool) {
	for i := range w.Secrets {
		service.PutSecret(csmstest.Secret{Name: w.Secret(i), Versions: []csmstest.Version{
			{ID: "v1", Stages: []string{"SYSPREVIOUS"}}, {ID: "v2", Stages: []string{"SYSCURRENT"}},
		}})
	}
	if !exist {
		return
	}
	for i := range w.Stages {
		secret, stage := w.Stage(i)
		service.MoveStage(secret, stage, "v1")
	}
	for i := range w.Expiries {
		service.SetExpiry(w.Secret(i), "v1", Expiry("v1"))
	}
}

// CountMismatches counts the objects that are not as configured with a version. A destroyed workload has no stages any
// more; its expiries stay.
func (w Workload) CountMismatches(service *csmstest.Server, version string, destroyed bool) int {
	mismatches, holder := 0, version
	if destroyed {
		holder = ""
	}
	for i := range w.Stages {
		if secret, stage := w.Stage(i); service.StageHolder(secret, stage) != holder {
			mismatches++
		}
	}
	for i := range w.Expiries {
		if !service.Expiry(w.Secret(i), "v1").Equal(Expiry(version)) {
			mismatches++
		}
	}
	return mismatches
}
