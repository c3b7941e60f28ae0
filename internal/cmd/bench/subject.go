package main

import (
	"cmp"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/csms/terraform-provider-csms/internal/cmd/internal/fleet"
	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/sandbox"
)

// subject is one kind of objects that is measured.
type subject struct {
	kind
	fleet   fleet.Fleet
	dir     string
	env     []string
	steps   []string
	watched map[string]measurement   // The run that is watched for memory, by step.
	timed   map[string][]measurement // The others.

	exists  bool
	latency time.Duration
	server  *httptest.Server
	mu      sync.Mutex
	seen    map[string]int
}

// perSecret is how many objects share a secret: two labels and an expiry, and from a
// thousand on one label more.
func perSecret(size int) int {
	if size >= 1000 {
		return 4
	}
	return 3
}

// subjectsOf are the kinds of a size, or the one that is asked for alone.
func subjectsOf(size int, o options) []*subject {
	f := fleet.Of(size, perSecret(size))
	f.Counted = size >= o.countFrom
	var all []*subject
	for _, k := range kindsOf(f, o.pace) {
		if o.only == "" || k.name == o.only {
			all = append(all, &subject{
				kind: k, fleet: f, exists: size >= o.existingFrom, latency: o.latency,
				watched: make(map[string]measurement), timed: make(map[string][]measurement), seen: make(map[string]int),
			})
		}
	}
	return all
}

// prepare starts over, in an empty directory and at a new service.
func (s *subject) prepare(dir string) error {
	s.dir = filepath.Join(dir, s.name)
	if err := os.RemoveAll(s.dir); err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	if s.callsService {
		s.startService()
	}
	if s.exists {
		if err := writeState(s.dir, s.existing()); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(s.dir, "main.tf"), []byte(s.hcl), 0o600)
}

func (s *subject) startService() {
	service := csmstest.New(csmstest.WithRequestLimit(1), csmstest.WithRequestLog(s.count))
	if s.exists {
		s.fleet.SeedExisting(service)
	} else {
		s.fleet.Seed(service)
	}
	if s.latency > 0 {
		service.Fail(csmstest.Fault{Delay: s.latency, Times: -1})
	}
	s.server = httptest.NewServer(service)
	s.env = sandbox.Assignments(csmstest.Variables(s.server.URL))
}

func (s *subject) close() {
	if s.server != nil {
		s.server.Close()
	}
}

func (s *subject) count(r csmstest.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[r.Operation]++
}

func (s *subject) resetCalls() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.seen)
}

func (s *subject) calls() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.seen)
}

func (s *subject) record(step string, m measurement, run purpose) {
	if run.watch {
		s.steps = append(s.steps, step)
		s.watched[step] = m
	}
	if run.time {
		s.timed[step] = append(s.timed[step], m)
	}
}

// printTable prints the medians of one size, with each kind's ratio to the first.
func printTable(size int, subjects []*subject) {
	fmt.Printf("\n| objects: %d | kind | time | ratio | CPU | provider's memory | calls |\n|---|---|---|---|---|---|---|\n", size)
	for _, step := range subjects[0].steps {
		floor := median(subjects[0].timed[step], func(m measurement) time.Duration { return m.wall })
		for _, s := range subjects {
			wall := median(s.timed[step], func(m measurement) time.Duration { return m.wall })
			fmt.Printf("| %s | %s | %.2f s | %.2f | %.2f s | %s | %s |\n", step, s.name, wall.Seconds(), float64(wall)/float64(floor),
				median(s.timed[step], func(m measurement) time.Duration { return m.cpu }).Seconds(),
				mebibytes(s.watched[step].rss), describeCalls(s.watched[step].calls))
		}
	}
}

func median[T cmp.Ordered](results []measurement, of func(measurement) T) T {
	values := make([]T, len(results))
	for i, m := range results {
		values[i] = of(m)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func mebibytes(n int64) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f MiB", float64(n)/(1<<20))
}

func describeCalls(calls map[string]int) string {
	var parts []string
	for _, operation := range slices.Sorted(maps.Keys(calls)) {
		parts = append(parts, fmt.Sprintf("%s %d", operation, calls[operation]))
	}
	return cmp.Or(strings.Join(parts, ", "), "–")
}
