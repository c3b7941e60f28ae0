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
	Index      any            `json:"index_key"`
	Version    int            `json:"schema_version"`
	Attributes map[string]any `json:"attributes"`
}

// multiplied is a resource with so many instances.
func multiplied(source, typeName, name string, instances int, key func(i int) any, attributes func(i int) map[string]any) resourceState {
	r := resourceState{Mode: "managed", Type: typeName, Name: name, Provider: `provider["` + source + `"]`, Instances: []instanceState{}}
	for i := range instances {
		r.Instances = append(r.Instances, instanceState{Index: key(i), Attributes: attributes(i)})
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
func (s *subject) existing() []resourceState {
	return []resourceState{
		multiplied(s.source, s.labelType, "label", s.fleet.Labels, s.fleet.LabelKey, s.label),
		multiplied(s.source, s.expiryType, "expiry", s.fleet.Expiries, s.fleet.ExpiryKey, s.expiry),
	}
}
