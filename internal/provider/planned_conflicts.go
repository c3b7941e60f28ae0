package provider

import (
	"sync"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

// plannedConflicts remembers, for one walk, what each resource instance plans for a
// remote object, so that instances whose plans do not go together are found at plan.
// Terraform plans them in any order, so each of its methods both notes and compares.
type plannedConflicts struct {
	mu      sync.Mutex
	wanted  map[objectKey]map[string]string // By instance.
	planned map[objectKey]map[string]planRole
}

// objectKey names a secret, or a stage or a version of it.
type objectKey struct {
	region, secret, stage, version string
}

// ofSecret is the key of the secret alone.
func (k objectKey) ofSecret() objectKey { return objectKey{region: k.region, secret: k.secret} }

// planRole is what a plan does with an object.
type planRole uint8

const (
	planCreates planRole = 1 << iota
	planKeeps            // also if it moves the stage
	planDeletes
)

func newPlannedConflicts() *plannedConflicts {
	return &plannedConflicts{wanted: make(map[objectKey]map[string]string), planned: make(map[objectKey]map[string]planRole)}
}

// want notes what an instance wants of an object. It returns what another instance
// wants of the same object, if that differs. Terraform plans an instance that is to be
// replaced twice, and ignore_changes acts on the first plan only: the last one counts.
func (c *plannedConflicts) want(key objectKey, instance, want string) (other string, conflict bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wanted[key] == nil {
		c.wanted[key] = make(map[string]string)
	}
	c.wanted[key][instance] = want
	for by, other := range c.wanted[key] {
		if by != instance && other != want {
			return other, true
		}
	}
	return "", false
}

// note notes what the plan of an instance does with an object. It returns what the plans
// of other instances do with it. An instance that is to be replaced although nothing has
// changed is planned twice, first as kept.
func (c *plannedConflicts) note(key objectKey, instance string, role planRole) (others planRole) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.planned[key] == nil {
		c.planned[key] = make(map[string]planRole)
	}
	c.planned[key][instance] |= role
	for by, role := range c.planned[key] {
		if by != instance {
			others |= role
		}
	}
	return others
}

// keptAndDeleted returns a stage of the secret that the plan of one instance keeps and that
// of another one deletes, if another stage of that secret is created.
func (c *plannedConflicts) keptAndDeleted(secret objectKey) (stage objectKey, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	created := 0
	for key, byInstance := range c.planned {
		if key.ofSecret() != secret {
			continue
		}
		var all planRole
		for _, role := range byInstance {
			all |= role
		}
		switch {
		case all&planKeeps != 0 && all&planDeletes != 0 && !csms.IsBuiltInStage(key.stage):
			stage, ok = key, true
		case all&planCreates != 0:
			created++
		}
	}
	return stage, ok && created > 0
}

// deletes reports whether the plan of any instance deletes the object.
func (c *plannedConflicts) deletes(key objectKey) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, role := range c.planned[key] {
		if role&planDeletes != 0 {
			return true
		}
	}
	return false
}
