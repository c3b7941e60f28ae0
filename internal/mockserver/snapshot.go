package mockserver

import (
	"cmp"
	"fmt"
	"regexp"
	"sync"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

const (
	// startSnapshot is the name of what a server started with.
	startSnapshot = "start"
	maxSnapshots  = 20
)

var snapshotNamePattern = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,64}$`)

// savedSnapshots are what a server can be reset to, by name.
type savedSnapshots struct {
	faults csmstest.FaultSettings // What the server started with.

	mu     sync.Mutex
	byName map[string]csmstest.Snapshot
}

func newSavedSnapshots(mock *csmstest.Server) *savedSnapshots {
	return &savedSnapshots{
		faults: mock.FaultSettings(),
		byName: map[string]csmstest.Snapshot{startSnapshot: mock.Snapshot()},
	}
}

// saveSnapshot keeps the secrets of all projects under a name.
func saveSnapshot(c *controlCall) error {
	name := c.request.PathValue("snapshot_name")
	if !snapshotNamePattern.MatchString(name) || name == startSnapshot {
		return fmt.Errorf("%q is not a valid name for a snapshot, or that of the one from the start", name)
	}
	c.saved.mu.Lock()
	defer c.saved.mu.Unlock()
	if _, replaced := c.saved.byName[name]; !replaced && len(c.saved.byName) >= maxSnapshots {
		return fmt.Errorf("there are %d snapshots already", maxSnapshots)
	}
	c.saved.byName[name] = c.mock.Snapshot()
	return nil
}

func listSnapshots(c *controlCall) (any, error) {
	c.saved.mu.Lock()
	defer c.saved.mu.Unlock()
	return map[string]any{"snapshots": sortedKeys(c.saved.byName)}, nil
}

// reset takes the secrets of all projects back to a snapshot, by default the one from the start,
// and latency, limit and faults to what they were at the start. It forgets the requests.
func reset(c *controlCall) error {
	name := cmp.Or(c.request.URL.Query().Get("snapshot"), startSnapshot)
	c.saved.mu.Lock()
	snapshot, ok := c.saved.byName[name]
	c.saved.mu.Unlock()
	if !ok {
		return csmstest.NotFound("there is no snapshot %q", name)
	}
	c.mock.SetFaultSettings(c.saved.faults)
	c.mock.ResetRequests()
	return c.mock.Restore(snapshot)
}
