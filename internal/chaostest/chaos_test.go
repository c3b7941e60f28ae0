// Package chaostest_test lets real Terraform manage many objects at a service that loses a part of all answers, kills the
// provider in the middle of an apply, and checks that everything converges: nothing lost, nothing written twice. The seed
// makes a run repeatable as far as the scheduler allows.
package chaostest_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/sandbox"
	"github.com/csms/terraform-provider-csms/internal/workload"
)

var (
	objects = flag.Int("objects", 30, "number of objects, three for each secret")
	kills   = flag.Int("kills", 1, "how often the provider is killed in each of create, update and destroy")
	rate    = flag.Float64("rate", 0.2, "part of all answers that is lost")
	seed    = flag.Uint64("seed", 1, "seed of the faults and of the kills")
)

// mostRuns is how often Terraform may be run for one phase to converge.
const mostRuns = 12

// chaos is Terraform with the objects, at the service.
type chaos struct {
	t       *testing.T
	built   *sandbox.Sandbox
	service *service
	objects workload.Workload
	dir     string
	killed  int
}

func TestEverythingConvergesThroughLostAnswersAndKills(t *testing.T) {
	t.Parallel()
	built, err := sandbox.Build(t.Context(), t.TempDir(), ".")
	if err != nil {
		t.Fatal(err)
	}
	c := &chaos{t: t, built: built, service: newService(t, *seed), objects: workload.Of(*objects, 3), dir: t.TempDir()}
	c.objects.Seed(c.service.Server, false)
	configuration := c.objects.Configuration(workload.CSMS, workload.ForEach)
	if err := os.WriteFile(filepath.Join(c.dir, "main.tf"), []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	c.converge("create", "apply", "v1")
	c.converge("update", "apply", "v2")
	c.converge("destroy", "destroy", "v2")

	s := c.service
	s.mu.Lock()
	defer s.mu.Unlock()
	t.Logf("%d answers lost, %d kills, %d writes, %d of them redundant", s.faults, c.killed, s.writes, len(s.redundant))
	if *rate > 0 && s.faults == 0 || s.writes < 2*(c.objects.Stages+c.objects.Expiries) {
		t.Error("this was no chaos")
	}
	if *kills > 0 && c.killed == 0 && runtime.GOOS == "linux" {
		t.Error("the provider was never killed")
	}
	for _, write := range s.redundant {
		t.Errorf("redundant: %s", write)
	}
}

// converge runs Terraform, kills its provider in the first runs, and goes on until a run succeeds. Then the plan is empty,
// and service and configuration agree.
func (c *chaos) converge(phase, command, version string) {
	c.t.Helper()
	started, runs := time.Now(), 0
	for {
		output, code := c.terraform(runs < *kills, command, "-auto-approve", "-input=false", "-no-color", "-var", "version_id="+version)
		runs++
		if code == 0 {
			break
		}
		if strings.Contains(output, "inconsistent") || strings.Contains(output, "panic") || runs == mostRuns {
			c.t.Fatalf("%s: run %d failed as it must not:\n%s", phase, runs, output)
		}
	}
	if command == "apply" {
		output, code := c.terraform(false, "plan", "-detailed-exitcode", "-input=false", "-no-color", "-var", "version_id="+version)
		if code != 0 {
			c.t.Errorf("%s: the plan that follows is not empty:\n%s", phase, output)
		}
	}
	if n := c.objects.CountMismatches(c.service.Server, version, command == "destroy"); n > 0 {
		c.t.Errorf("%s: %d objects are lost", phase, n)
	}
	c.t.Logf("%-8s %d objects, %d runs, %.0f s", phase, *objects, runs, time.Since(started).Seconds())
}

// terraform runs a command, and may kill the provider in the middle of it.
func (c *chaos) terraform(kill bool, args ...string) (output string, code int) {
	c.t.Helper()
	cmd := c.built.Command(c.t.Context(), c.dir, sandbox.Assignments(csmstest.Variables(c.service.url)), args...)
	var text bytes.Buffer
	cmd.Stdout, cmd.Stderr = &text, &text
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	writes := 0
	if kill {
		writes = *objects / (*kills + 2)
	}
	c.service.killAfter(writes, func() { c.kill(cmd.Process.Pid) })
	_ = cmd.Wait() // the exit code tells
	return text.String(), cmd.ProcessState.ExitCode()
}

// kill ends the providers that a process has started, without a chance to tidy up.
func (c *chaos) kill(parent int) {
	for _, pid := range sandbox.Children(parent) {
		if child, err := os.FindProcess(pid); err == nil && child.Kill() == nil {
			c.killed++
		}
	}
}
