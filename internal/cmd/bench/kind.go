package main

import (
	"fmt"

	"github.com/csms/terraform-provider-csms/internal/cmd/internal/fleet"
)

// kind is a kind of objects: the same fleet, kept by another provider.
type kind struct {
	name, hcl    string
	callsService bool

	source, labelType, expiryType string
	label, expiry                 func(i int) map[string]any // What a state has of the i-th.
}

// kindsOf are all kinds of a fleet. The first is the floor that the others are compared with.
func kindsOf(f fleet.Fleet, pace int) []kind {
	const registry = "registry.terraform.io/csms/"
	identified := func(int) map[string]any { return map[string]any{"id": "object"} }
	return []kind{
		{
			name: "terraform_data", hcl: f.Expand(builtIn),
			source: "terraform.io/builtin/terraform", labelType: "terraform_data", expiryType: "terraform_data",
			label: builtInState(f.Label), expiry: builtInState(f.Expiry),
		},
		{
			name: "empty", hcl: f.Expand(emptyObjects),
			source: registry + "empty", labelType: "empty_object", expiryType: "empty_object",
			label: identified, expiry: identified,
		},
		{
			name: "csms", hcl: f.Configuration(paced(pace)), callsService: true,
			source: registry + "csms", labelType: "csms_secret_stage", expiryType: "csms_secret_version_expiry",
			label: f.Label, expiry: f.Expiry,
		},
	}
}

const builtIn = `
resource "terraform_data" "label" {
  <labels>
  input = {
    secret_name = <label.secret_name>
    name        = <label.name>
    version_id  = <version_id>
  }
}
resource "terraform_data" "expiry" {
  <expiries>
  input = {
    secret_name = <expiry.secret_name>
    version_id  = "v1"
    expire_time = <expire_time>
  }
}
`

const emptyObjects = `
terraform {
  required_providers {
    empty = { source = "csms/empty" }
  }
}
resource "empty_object" "label" {
  <labels>
}
resource "empty_object" "expiry" {
  <expiries>
}
`

func paced(pace int) string {
	if pace == 0 {
		return ""
	}
	return fmt.Sprintf("max_requests_per_second = %d", pace)
}

// builtInState is what a state has of the terraform_data that stands for an object.
func builtInState(object func(i int) map[string]any) func(i int) map[string]any {
	return func(i int) map[string]any {
		input, types := map[string]any{}, map[string]any{}
		attributes := object(i)
		for _, name := range []string{"secret_name", "name", "version_id", "expire_time"} {
			if value, ok := attributes[name]; ok {
				input[name], types[name] = value, "string"
			}
		}
		value := map[string]any{"value": input, "type": []any{"object", types}}
		return map[string]any{"id": "object", "input": value, "output": value, "triggers_replace": nil}
	}
}
