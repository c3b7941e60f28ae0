package main

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// resourceState is a resource with all its instances, as a state has it.
type resourceState struct {
	Mode      string          `json:"mode"`
	Type      string          `json:"type"`
	Name      string          `json:"name"`
	Provider  string          `json:"provider"`
	Instances []instanceState `json:"instances"`
}

type instanceState struct {
	Index      int            `json:"index_key"`
	Version    int            `json:"schema_version"`
	Attributes map[string]any `json:"attributes"`
}

// counted is a resource with so many instances.
func counted(provider, typeName string, instances int, attributes func(i int) map[string]any) resourceState {
	r := resourceState{Mode: "managed", Type: typeName, Name: "object", Provider: `provider["` + provider + `"]`, Instances: []instanceState{}}
	for i := range instances {
		r.Instances = append(r.Instances, instanceState{Index: i, Attributes: attributes(i)})
	}
	return r
}

// writeState puts resources into the state of a working directory. Terraform itself
// takes minutes to create thousands.
func writeState(dir string, resources []resourceState) error {
	state, err := json.Marshal(map[string]any{
		"version": 4, "terraform_version": "1.8.0", "serial": 1, "lineage": "bench", "outputs": map[string]any{}, "resources": resources,
	})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "terraform.tfstate"), state, 0o600)
}

// existing is the state in which all objects of the subject exist, with v1.
func (s *subject) existing(size int) []resourceState {
	const registry = "registry.terraform.io/csms/"
	switch s.name {
	case "terraform_data":
		value := map[string]any{"value": "v1", "type": "string"}
		return []resourceState{counted("terraform.io/builtin/terraform", "terraform_data", size, func(int) map[string]any {
			return map[string]any{"id": "object", "input": value, "output": value, "triggers_replace": nil}
		})}
	case "empty":
		return []resourceState{counted(registry+"empty", "empty_object", size, func(int) map[string]any { return map[string]any{"id": "object"} })}
	default:
		return []resourceState{
			counted(registry+"csms", "csms_secret_stage", s.fleet.Labels, s.fleet.Label),
			counted(registry+"csms", "csms_secret_version_expiry", s.fleet.Expiries, s.fleet.Expiry),
		}
	}
}
