package provider_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// hangFaults are faults after which an operation would take minutes.
func hangFaults() map[string]csmstest.Fault {
	return map[string]csmstest.Fault{
		"a call that hangs":          {Hang: true},
		"a wait before another call": csmstest.Throttled("60"),
	}
}

// shortTimeout is far less than a standstill takes, and enough for an operation to get there.
const shortTimeout = "3s"

// withShortTimeout is a configuration that gives an operation little time.
func withShortTimeout(operation, version string) map[string]any {
	return with(stage("GREEN", version), "timeouts", map[string]any{operation: shortTimeout})
}

func TestSecretStage_TimeoutsBoundEveryOperationOfAStageAndItsWaits(t *testing.T) {
	t.Parallel()
	for operation, test := range map[string]struct {
		call    string
		exists  bool
		operate func(*tfServer, instance) []*tfprotov6.Diagnostic
	}{
		"create": {call: "PutStage", operate: func(s *tfServer, i instance) []*tfprotov6.Diagnostic {
			_, diagnostics := s.apply(mustPlan(s, i, withShortTimeout("create", "v1")))
			return diagnostics
		}},
		"update": {call: "PutStage", exists: true, operate: func(s *tfServer, i instance) []*tfprotov6.Diagnostic {
			_, diagnostics := s.apply(mustPlan(s, i, withShortTimeout("update", "v2")))
			return diagnostics
		}},
		"delete": {call: "DeleteStage", exists: true, operate: func(s *tfServer, i instance) []*tfprotov6.Diagnostic {
			i.state["timeouts"] = map[string]any{"delete": shortTimeout}
			_, diagnostics := s.apply(mustPlan(s, i, nil))
			return diagnostics
		}},
		"read": {call: "ListVersions", exists: true, operate: func(s *tfServer, i instance) []*tfprotov6.Diagnostic {
			i.state["timeouts"] = map[string]any{"read": shortTimeout}
			_, diagnostics := s.read(i)
			return diagnostics
		}},
	} {
		for name, fault := range hangFaults() {
			t.Run(operation+" in "+name, func(t *testing.T) {
				t.Parallel()
				m := newSecret(t)
				i := instance{typeName: stageType}
				if test.exists {
					i = m.createStage(t, "GREEN", "v1")
				}
				fault.Operation, fault.Times = test.call, -1
				m.Fail(fault)
				diagnostics := test.operate(newTFServer(t, m), i)
				assertContains(t, errorsOf(diagnostics), "Unable to", `stage "GREEN"`, "ran out of time", "raise the limit in the resource's timeouts")
				if n := m.Count(test.call); n != 1 {
					t.Errorf("%s was called %d times", test.call, n)
				}
			})
		}
	}
}

func TestSecretStage_ThatWaitsForAnotherWriteToItsSecretHasATimeoutOfItsOwn(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	s := newTFServer(t, m)
	first := mustPlan(s, instance{typeName: stageType}, stage("BLUE", "v1"))
	second := mustPlan(s, instance{typeName: stageType}, withShortTimeout("create", "v1"))
	arrived, done := make(chan struct{}), make(chan struct{})
	m.Fail(csmstest.Fault{Operation: "PutStage", Hang: true, Do: func() { close(arrived) }})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer close(done)
		s.applyWithin(ctx, first)
	}()
	<-arrived
	_, diagnostics := s.apply(second)
	assertContains(t, errorsOf(diagnostics), `stage "GREEN"`, "ran out of time")
	cancel()
	<-done
	m.assertHolder(t, "GREEN", "")
}

func TestSecretStage_MistypedTimeoutIsRefused(t *testing.T) {
	t.Parallel()
	config := with(stage("GREEN", "v1"), "timeouts", map[string]any{"create": "a while"})
	assertContains(t, newUnconfiguredTFServer(t).validate(stageType, config), `"a while"`, "Time Duration")
}

func TestSecretStage_InterruptEndsTerraformSoonAndLosesNothing(t *testing.T) {
	t.Parallel()
	for name, fault := range hangFaults() {
		t.Run("in "+name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			c := newCLI(t, m, greenOn("v1"))
			arrived := make(chan struct{}, 100)
			fault.Operation, fault.Times, fault.Do = "PutStage", -1, func() { arrived <- struct{}{} }
			m.Fail(fault)
			output, code := c.interrupted(arrived)
			assertContains(t, output, "Interrupt received", "Unable to move CSMS secret stage")
			if code != 1 || m.Count("PutStage") != 1 {
				t.Errorf("terraform apply exited with %d after %d writes were tried:\n%s", code, m.Count("PutStage"), output)
			}
			m.ClearFaults()
			assertContains(t, c.apply(greenOn("v1")), "1 added")
			m.assertHolder(t, "GREEN", "v1")
		})
	}
}

// interrupted presses Ctrl-C as soon as a request has arrived. A provider that does not heed it
// sends another request when the standstill is over.
func (c *cli) interrupted(arrived <-chan struct{}) (output string, code int) {
	c.t.Helper()
	cmd, stdout, stderr := c.command(c.t.Context(), "apply", "-auto-approve", "-no-color")
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // the exit code says how it ended
	}()
	select {
	case <-arrived:
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			c.t.Error(err)
		}
	case <-ended:
		c.t.Error("no request arrived")
	}
	<-ended
	return strings.Join(strings.Fields(stdout.String()+stderr.String()), " "), cmd.ProcessState.ExitCode()
}
