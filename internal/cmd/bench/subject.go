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

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// subject is one kind of objects that is measured.
type subject struct {
	name, hcl string
	dir       string
	env       []string
	steps     []string
	results   map[string][]measurement

	secrets int // 0 if it needs no service
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

func subjectsOf(size int, o options) []*subject {
	secrets := (size + perSecret(size) - 1) / perSecret(size)
	return []*subject{
		{name: "terraform_data", hcl: fmt.Sprintf(builtIn, size)},
		{name: "empty", hcl: fmt.Sprintf(emptyObjects, size)},
		{name: "csms", hcl: csmsObjects(size, secrets, o.pace), secrets: secrets, latency: o.latency},
	}
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

// csmsObjects are labels and, one for each secret, expiries. A single object is a label.
func csmsObjects(size, secrets, pace int) string {
	expiries := secrets
	if size == 1 {
		expiries = 0
	}
	labels := size - expiries
	return fmt.Sprintf(`
terraform {
  required_providers {
    csms = { source = "csms/csms" }
  }
}
provider "csms" {%s}
variable "version_id" {}
resource "csms_secret_stage" "object" {
  count       = %d
  secret_name = "secret-${count.index %% %d}"
  name        = "LABEL-${floor(count.index / %d)}"
  version_id  = var.version_id
}
resource "csms_secret_version_expiry" "object" {
  count       = %d
  secret_name = "secret-${count.index}"
  version_id  = "v1"
  expire_time = var.version_id == "v1" ? "2090-01-01T00:00:00Z" : "2091-01-01T00:00:00Z"
}
`, paced(pace), labels, secrets, secrets, expiries)
}

func paced(pace int) string {
	if pace == 0 {
		return ""
	}
	return fmt.Sprintf(" max_requests_per_second = %d ", pace)
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
	if s.secrets > 0 {
		s.startService()
	}
	return os.WriteFile(filepath.Join(s.dir, "main.tf"), []byte(s.hcl), 0o600)
}

func (s *subject) startService() {
	service := csmstest.New(csmstest.WithRequestLimit(1), csmstest.WithRequestLog(s.count))
	for i := range s.secrets {
		service.PutSecret(csmstest.Secret{Name: fmt.Sprintf("secret-%d", i), Versions: []csmstest.Version{
			{ID: "v1", Stages: []string{"SYSPREVIOUS"}}, {ID: "v2", Stages: []string{"SYSCURRENT"}},
		}})
	}
	if s.latency > 0 {
		service.Fail(csmstest.Fault{Delay: s.latency, Times: -1})
	}
	s.server = httptest.NewServer(service)
	s.env = []string{
		"CSMS_ENDPOINT=" + s.server.URL, "HW_AUTH_URL=" + s.server.URL + "/v3", "HW_REGION_NAME=" + csmstest.DefaultRegion,
		"HW_ACCESS_KEY=" + csmstest.DefaultAccessKey, "HW_SECRET_KEY=" + csmstest.DefaultSecretKey,
	}
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
