package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/sandbox"
)

// chaos is Terraform with the objects, at the service.
type chaos struct {
	*sandbox.Sandbox
	service *service
	random  *rand.Rand
	work    string
	kills   int
	lost    int
}

func newChaos(ctx context.Context, dir string, s *service, seed uint64) (*chaos, error) {
	box, err := sandbox.Build(ctx, dir, ".")
	if err != nil {
		return nil, err
	}
	c := &chaos{Sandbox: box, service: s, work: filepath.Join(dir, "work"), random: newRandom(seed + 1)}
	if err := os.Mkdir(c.work, 0o700); err != nil {
		return nil, err
	}
	return c, os.WriteFile(filepath.Join(c.work, "main.tf"), []byte(s.fleet.Configuration("")), 0o600)
}

// mostRuns is how often Terraform may be run for one phase to converge.
const mostRuns = 12

// converge runs Terraform, kills its provider in the first runs, and goes on until a
// run succeeds. Then the plan is empty, and service and configuration agree.
func (c *chaos) converge(ctx context.Context, name, version, command string, kills int) error {
	started, runs := time.Now(), 0
	for {
		var pause time.Duration
		if runs < kills {
			pause = time.Second + time.Duration(c.random.IntN(3000))*time.Millisecond
		}
		output, code := c.terraform(ctx, pause, command, "-auto-approve", "-input=false", "-no-color", "-var", "version_id="+version)
		runs++
		if err := ctx.Err(); err != nil {
			return err
		}
		if code == 0 {
			break
		}
		if strings.Contains(output, "inconsistent") || strings.Contains(output, "panic") || runs == mostRuns {
			return fmt.Errorf("%s: run %d failed as it must not:\n%s", name, runs, output)
		}
	}
	if command == "apply" {
		output, code := c.terraform(ctx, 0, "plan", "-detailed-exitcode", "-input=false", "-no-color", "-var", "version_id="+version)
		if code != 0 {
			return fmt.Errorf("%s: the plan that follows is not empty:\n%s", name, output)
		}
	}
	lost := c.service.fleet.Lost(c.service.Server, version, command == "destroy")
	c.lost += lost
	fmt.Printf("%-8s %d objects, %d runs, %.0f s, %d lost\n", name, c.service.fleet.Labels+c.service.fleet.Expiries, runs, time.Since(started).Seconds(), lost)
	return nil
}

// terraform runs a command. With a pause, the provider is killed after it.
func (c *chaos) terraform(ctx context.Context, pause time.Duration, args ...string) (output string, code int) {
	cmd := c.Command(ctx, c.work, sandbox.Assignments(csmstest.Variables(c.service.url)), args...)
	var text bytes.Buffer
	cmd.Stdout, cmd.Stderr = &text, &text
	if err := cmd.Start(); err != nil {
		return err.Error(), -1
	}
	if pause > 0 {
		timer := time.AfterFunc(pause, func() { c.kill(cmd.Process.Pid) })
		defer timer.Stop()
	}
	_ = cmd.Wait() // the exit code tells
	return text.String(), cmd.ProcessState.ExitCode()
}

// kill ends the providers that a process has started, without a chance to tidy up.
func (c *chaos) kill(parent int) {
	for _, pid := range sandbox.Children(parent) {
		if child, err := os.FindProcess(pid); err == nil && child.Kill() == nil {
			c.kills++
		}
	}
}
