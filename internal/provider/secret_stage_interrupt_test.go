package provider_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// standstills are faults after which an operation would take minutes.
func standstills() map[string]csmstest.Fault {
	return map[string]csmstest.Fault{
		"a call that hangs":          {Hang: true},
		"a wait before another call": csmstest.Throttled("60"),
	}
}

// soon is far less than a standstill takes, and enough for an operation to get there.
const soon = "3s"

// hurried is a configuration that gives an operation little time.
func hurried(operation, version string) map[string]any {
	return with(stage("GREEN", version), "timeouts", map[string]any{operation: soon})
}

func TestTimeoutsBoundEveryOperationOfAStageAndItsWaits(t *testing.T) {
	t.Parallel()
	for operation, test := range map[string]struct {
		call    string
		exists  bool
		operate func(*walk, instance) []*tfprotov6.Diagnostic
	}{
		"create": {call: "PutStage", operate: func(w *walk, i instance) []*tfprotov6.Diagnostic {
			_, diagnostics := w.apply(mustPlan(w, i, hurried("create", "v1")))
			return diagnostics
		}},
		"update": {call: "PutStage", exists: true, operate: func(w *walk, i instance) []*tfprotov6.Diagnostic {
			_, diagnostics := w.apply(mustPlan(w, i, hurried("update", "v2")))
			return diagnostics
		}},
		"delete": {call: "DeleteStage", exists: true, operate: func(w *walk, i instance) []*tfprotov6.Diagnostic {
			i.state["timeouts"] = map[string]any{"delete": soon}
			_, diagnostics := w.apply(mustPlan(w, i, nil))
			return diagnostics
		}},
		"read": {call: "ListVersions", exists: true, operate: func(w *walk, i instance) []*tfprotov6.Diagnostic {
			i.state["timeouts"] = map[string]any{"read": soon}
			_, diagnostics := w.read(i)
			return diagnostics
		}},
	} {
		for name, fault := range standstills() {
			t.Run(operation+" in "+name, func(t *testing.T) {
				t.Parallel()
				m := newSecret(t)
				i := instance{typeName: stageType}
				if test.exists {
					i = m.created(t, "GREEN", "v1")
				}
				fault.Operation, fault.Times = test.call, -1
				m.Fail(fault)
				diagnostics := test.operate(newWalk(t, m), i)
				tells(t, errorsOf(diagnostics), "Unable to", `stage "GREEN"`, "ran out of time", "raise the limit in the resource's timeouts")
				if n := m.Count(test.call); n != 1 {
					t.Errorf("%s was called %d times", test.call, n)
				}
			})
		}
	}
}

func TestStageThatWaitsForAnotherWriteToItsSecretHasATimeoutOfItsOwn(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	w := newWalk(t, m)
	first := mustPlan(w, instance{typeName: stageType}, stage("BLUE", "v1"))
	second := mustPlan(w, instance{typeName: stageType}, hurried("create", "v1"))
	arrived, done := make(chan struct{}), make(chan struct{})
	m.Fail(csmstest.Fault{Operation: "PutStage", Hang: true, Do: func() { close(arrived) }})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer close(done)
		w.applyWithin(ctx, first)
	}()
	<-arrived
	_, diagnostics := w.apply(second)
	tells(t, errorsOf(diagnostics), `stage "GREEN"`, "ran out of time")
	cancel()
	<-done
	m.onVersion(t, "GREEN", "")
}

func TestMistypedTimeoutIsRefused(t *testing.T) {
	t.Parallel()
	config := with(stage("GREEN", "v1"), "timeouts", map[string]any{"create": "a while"})
	tells(t, newUnconfiguredWalk(t).validate(stageType, config), `"a while"`, "Time Duration")
}

func TestInterruptEndsTerraformSoonAndLosesNothing(t *testing.T) {
	t.Parallel()
	for name, fault := range standstills() {
		t.Run("in "+name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			c := newCLI(t, m, greenOn("v1"))
			arrived := make(chan struct{}, 100)
			fault.Operation, fault.Times, fault.Do = "PutStage", -1, func() { arrived <- struct{}{} }
			m.Fail(fault)
			output, code := c.interrupted(arrived)
			tells(t, output, "Interrupt received", "Unable to move CSMS secret stage")
			if code != 1 || m.Count("PutStage") != 1 {
				t.Errorf("terraform apply exited with %d after %d writes were tried:\n%s", code, m.Count("PutStage"), output)
			}
			m.ClearFaults()
			tells(t, c.apply(greenOn("v1")), "1 added")
			m.onVersion(t, "GREEN", "v1")
		})
	}
}

// interrupted presses Ctrl-C as soon as a request has arrived. A provider that does not heed it sends another request when
// the standstill is over.
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
