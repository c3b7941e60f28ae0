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
	name, hcl string
	dir       string
	env       []string
	steps     []string
	results   map[string][]measurement

	fleet   fleet.Fleet // Of no secrets if it needs no service.
	exists  bool
	latency time.Duration
	server  *httptest.Server
	mu      sync.Mutex
	seen    map[string]int
}

// perSecret is how many objects share a secret: two labels and an expiry, and at the
// largest size one label more.
func perSecret(size int) int {
	if size >= 10000 {
		return 4
	}
	return 3
}

// subjectsOf are the kinds of a size, or the one that is asked for alone.
func subjectsOf(size int, o options) []*subject {
	f := fleet.Of(size, perSecret(size))
	all := []*subject{
		{name: "terraform_data", hcl: fmt.Sprintf(builtIn, size)},
		{name: "empty", hcl: fmt.Sprintf(emptyObjects, size)},
		{name: "csms", hcl: f.Configuration(paced(o.pace)), fleet: f, exists: o.existing, latency: o.latency},
	}
	return slices.DeleteFunc(all, func(s *subject) bool { return o.only != "" && s.name != o.only })
}

const builtIn = `
variable "version_id" {}
resource "terraform_data" "object" {
  count = %d
  input = var.version_id
}
`

const emptyObjects = `
terraform {
  required_providers {
    empty = { source = "csms/empty" }
  }
}
variable "version_id" {}
resource "empty_object" "object" {
  count = %d
}
`

func paced(pace int) string {
	if pace == 0 {
		return ""
	}
	return fmt.Sprintf("max_requests_per_second = %d", pace)
}

// prepare writes the configuration and starts the service.
func (s *subject) prepare(dir string) error {
	s.results = make(map[string][]measurement)
	s.seen = make(map[string]int)
	s.dir = filepath.Join(dir, s.name)
	if err := os.RemoveAll(s.dir); err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	if s.fleet.Secrets > 0 {
		s.startService()
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

func (s *subject) record(step string, m measurement) {
	if !slices.Contains(s.steps, step) {
		s.steps = append(s.steps, step)
	}
	s.results[step] = append(s.results[step], m)
}

// printTable prints the medians of one size, with each kind's ratio to the first.
func printTable(size int, subjects []*subject) {
	fmt.Printf("\n| %d objects | kind | time | ratio | CPU | provider's memory | calls |\n|---|---|---|---|---|---|---|\n", size)
	for _, step := range subjects[0].steps {
		floor := median(subjects[0].results[step], func(m measurement) time.Duration { return m.wall })
		for _, s := range subjects {
			results := s.results[step]
			wall := median(results, func(m measurement) time.Duration { return m.wall })
			fmt.Printf("| %s | %s | %.2f s | %.2f | %.2f s | %s | %s |\n", step, s.name, wall.Seconds(), float64(wall)/float64(floor),
				median(results, func(m measurement) time.Duration { return m.cpu }).Seconds(),
				mebibytes(median(results, func(m measurement) int64 { return m.rss })), describeCalls(results[len(results)-1].calls))
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
