package provider

import (
	"sync"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

// plannedConflicts remembers, for one walk, what each resource instance plans for a remote object,
// so that instances whose plans do not go together are found at plan. Terraform plans them in any
// order, so each of its methods both records and compares.
type plannedConflicts struct {
	mu      sync.Mutex
	wanted  map[target]map[string]string // By instance.
	planned map[target]map[string]planRole
}

// planRole is what a plan does with an object.
type planRole uint8

const (
	planCreates planRole = 1 << iota
	planKeeps            // also if it moves the stage
	planDeletes
	planDestroys // of what is deleted, all but the old half of a replacement
)

func newPlannedConflicts() *plannedConflicts {
	return &plannedConflicts{
		wanted: make(map[target]map[string]string), planned: make(map[target]map[string]planRole),
	}
}

// recordWanted records what an instance wants of an object. It returns what another instance wants
// of the same object, if that differs. Terraform plans an instance that is to be replaced twice,
// and ignore_changes acts on the first plan only: the last one counts.
func (c *plannedConflicts) recordWanted(t target, instance, want string) (other string, conflict bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wanted[t] == nil {
		c.wanted[t] = make(map[string]string)
	}
	c.wanted[t][instance] = want
	for by, other := range c.wanted[t] {
		if by != instance && other != want {
			return other, true
		}
	}
	return "", false
}

// recordRole records what the plan of an instance does with an object. It returns what the plans of
// other instances do with it. An instance that is to be replaced although nothing has changed is
// planned twice, first as kept.
func (c *plannedConflicts) recordRole(t target, instance string, role planRole) (others planRole) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.planned[t] == nil {
		c.planned[t] = make(map[string]planRole)
	}
	c.planned[t][instance] |= role
	for by, role := range c.planned[t] {
		if by != instance {
			others |= role
		}
	}
	return others
}

// keptAndDestroyed returns a stage that the plan of one instance keeps and that of another one
// destroys, if another stage is created.
func (c *plannedConflicts) keptAndDestroyed() (stage target, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	created := 0
	for planned, byInstance := range c.planned {
		var all planRole
		for _, role := range byInstance {
			all |= role
		}
		switch {
		case all&planKeeps != 0 && all&planDestroys != 0 && !csms.IsBuiltInStage(planned.stage):
			stage, ok = planned, true
		case all&planCreates != 0:
			created++
		}
	}
	return stage, ok && created > 0
}

// deletes reports whether the plan of any instance deletes the object.
func (c *plannedConflicts) deletes(t target) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, role := range c.planned[t] {
		if role&planDeletes != 0 {
			return true
		}
	}
	return false
}
