package provider

import (
	"sync"
)

// claims remembers, for one walk, what each resource instance wants of a remote
// object, so that two instances that want different things are found at plan instead
// of undoing each other at every apply.
type claims struct {
	mu      sync.Mutex
	wanted  map[objectKey]map[string]string // by instance
	kept    map[objectKey]bool
	deleted map[objectKey]bool
}

// objectKey names a secret, or a label or a version of it.
type objectKey struct {
	region, secret, stage, version string
}

func newClaims() *claims {
	return &claims{wanted: make(map[objectKey]map[string]string), kept: make(map[objectKey]bool), deleted: make(map[objectKey]bool)}
}

// claim notes what an instance wants of an object. It returns what another instance
// wants of the same object, if that differs. Terraform plans an instance that is to be
// replaced twice, and ignore_changes acts on the first plan only: the last claim counts.
func (c *claims) claim(key objectKey, instance, want string) (other string, conflict bool) {
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

// keep notes that an instance has the object and leaves it as it is. It returns whether
// another instance has it too and is to be destroyed.
func (c *claims) keep(key objectKey) (alsoDeleted bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept[key] = true
	return c.deleted[key]
}

// delete notes that an instance is to be destroyed. It returns whether another one has
// the object too and leaves it as it is.
func (c *claims) delete(key objectKey) (alsoKept bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deleted[key] = true
	return c.kept[key]
}

// labelMoves remembers, for one walk, which labels this run has put or found where
// they should be, which it failed to delete, and which version it took SYSCURRENT from.
type labelMoves struct {
	mu          sync.Mutex
	owned       map[objectKey]bool
	undeleted   map[objectKey]bool
	leftCurrent map[objectKey]string // by secret
}

func newLabelMoves() *labelMoves {
	return &labelMoves{owned: make(map[objectKey]bool), undeleted: make(map[objectKey]bool), leftCurrent: make(map[objectKey]string)}
}

// own notes that an instance of this run put the label in place, or found it there.
// A Delete of the same label in the same run is then another instance's (a renamed
// address, or the old half of a create_before_destroy), and must not take it away.
func (l *labelMoves) own(label objectKey) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.owned[label] = true
}

// isOwned tells whether an instance of this run owns the label.
func (l *labelMoves) isOwned(label objectKey) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.owned[label]
}

// failToDelete notes that an instance of this run still has the label in its state
// although it should not.
func (l *labelMoves) failToDelete(label objectKey) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.undeleted[label] = true
}

// isUndeleted tells whether a deletion of the label failed in this run. Another
// instance must not take the label over then: both would have it in their state, and
// the next run would delete it under the second one.
func (l *labelMoves) isUndeleted(label objectKey) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.undeleted[label]
}

// leave notes that this run took SYSCURRENT of a secret away from a version.
func (l *labelMoves) leave(region, secret, versionID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.leftCurrent[objectKey{region: region, secret: secret}] = versionID
}

// isLeft tells whether this run took SYSCURRENT of a secret away from the version:
// the service may have moved SYSPREVIOUS there on its own.
func (l *labelMoves) isLeft(region, secret, versionID string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	left, ok := l.leftCurrent[objectKey{region: region, secret: secret}]
	return ok && left == versionID
}
