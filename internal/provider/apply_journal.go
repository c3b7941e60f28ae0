package provider

import (
	"sync"
	"sync/atomic"
)

// applyJournal remembers, for one walk, what this run has done with stages. Terraform hands a
// resource nothing of what another one did, nor a creation anything of the object that it replaces.
type applyJournal struct {
	started, created atomic.Bool

	mu           sync.Mutex
	placed       map[target]bool
	deleted      map[target]string
	deleteFailed map[target]bool
	movedFrom    map[target]string // By secret.
}

func newApplyJournal() *applyJournal {
	return &applyJournal{
		placed: make(map[target]bool), deleted: make(map[target]string),
		deleteFailed: make(map[target]bool), movedFrom: make(map[target]string),
	}
}

// start notes that this walk applies: whatever is planned in it has been planned, and warned of, before.
func (j *applyJournal) start() { j.started.Store(true) }

// isStarted reports whether this walk has begun to apply.
func (j *applyJournal) isStarted() bool { return j.started.Load() }

// recordPlaced notes that an instance of this run put the stage in place, or found it there. A
// Delete of the same stage in the same run is then another instance's (an address that changed, or
// the old half of a create_before_destroy), and must not take it away.
func (j *applyJournal) recordPlaced(stage target) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.placed[stage] = true
}

// isPlaced reports whether an instance of this run has the stage in place.
func (j *applyJournal) isPlaced(stage target) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.placed[stage]
}

// recordCreated notes that this run created a resource for a stage.
func (j *applyJournal) recordCreated() { j.created.Store(true) }

// hasCreated reports whether this run created a resource for a stage.
func (j *applyJournal) hasCreated() bool { return j.created.Load() }

// recordDeleted notes which version a state had the stage on that an instance of this run was to
// delete. A Create of the same stage in the same run replaces it, and may take it from there alone.
func (j *applyJournal) recordDeleted(stage target, versionID string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.deleted[stage] = versionID
}

// deletedFrom returns what recordDeleted noted, and whether it did.
func (j *applyJournal) deletedFrom(stage target) (versionID string, ok bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	versionID, ok = j.deleted[stage]
	return versionID, ok
}

// recordDeleteFailed notes that an instance of this run still has the stage in its state although
// it should not.
func (j *applyJournal) recordDeleteFailed(stage target) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.deleteFailed[stage] = true
}

// hasDeleteFailed reports whether a deletion of the stage failed in this run. Another instance must
// not take the stage over then: both would have it in their state, and the next run would delete it
// under the second one.
func (j *applyJournal) hasDeleteFailed(stage target) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.deleteFailed[stage]
}

// recordMovedFrom notes that this run took SYSCURRENT of a secret away from a version.
func (j *applyJournal) recordMovedFrom(secret target, versionID string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.movedFrom[secret] = versionID
}

// hasMovedFrom reports whether this run took SYSCURRENT of a secret away from the version: the
// service may have moved SYSPREVIOUS there on its own.
func (j *applyJournal) hasMovedFrom(secret target, versionID string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	left, ok := j.movedFrom[secret]
	return ok && left == versionID
}
