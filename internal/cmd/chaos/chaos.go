package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/csms/terraform-provider-csms/internal/cmd/internal/sandbox"
)

// chaos is Terraform with the objects, at the service.
type chaos struct {
	*sandbox.Sandbox
	service *service
	random  *rand.Rand
	work    string
	objects int
	kills   int
	lost    int
}

const configuration = `
terraform {
  required_providers {
    csms = { source = "csms/csms" }
  }
}
variable "version_id" {}
resource "csms_secret_stage" "object" {
  count       = %[2]d
  secret_name = "secret-${count.index %% %[1]d}"
  name        = "LABEL-${floor(count.index / %[1]d)}"
  version_id  = var.version_id
}
resource "csms_secret_version_expiry" "object" {
  count       = %[1]d
  secret_name = "secret-${count.index}"
  version_id  = "v1"
  expire_time = var.version_id == "v1" ? "2090-01-01T00:00:00Z" : "2091-01-01T00:00:00Z"
}
`

func newChaos(ctx context.Context, dir string, s *service, objects int, seed uint64) (*chaos, error) {
	box, err := sandbox.New(ctx, dir, map[string]string{"csms": ""})
	if err != nil {
		return nil, err
	}
	c := &chaos{
		Sandbox: box, service: s, work: filepath.Join(dir, "work"), objects: objects,
		random: newRandom(seed + 1),
	}
	if err := os.Mkdir(c.work, 0o700); err != nil {
		return nil, err
	}
	hcl := fmt.Sprintf(configuration, objects/3, objects-objects/3)
	return c, os.WriteFile(filepath.Join(c.work, "main.tf"), []byte(hcl), 0o600)
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
	lost := c.countLost(version, command == "destroy")
	c.lost += lost
	fmt.Printf("%-8s %d objects, %d runs, %.0f s, %d lost\n", name, c.objects, runs, time.Since(started).Seconds(), lost)
	return nil
}

// countLost counts the objects that are not as the configuration says.
func (c *chaos) countLost(version string, destroyed bool) int {
	secrets, lost := c.objects/3, 0
	want, expires := version, time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC)
	if version == "v2" {
		expires = expires.AddDate(1, 0, 0)
	}
	if destroyed {
		want = ""
	}
	for i := range c.objects - secrets {
		if c.service.StageHolder(fmt.Sprintf("secret-%d", i%secrets), fmt.Sprintf("LABEL-%d", i/secrets)) != want {
			lost++
		}
	}
	for i := range secrets {
		if !c.service.Expiry(fmt.Sprintf("secret-%d", i), "v1").Equal(expires) {
			lost++
		}
	}
	return lost
}

// terraform runs a command. With a pause, the provider is killed after it.
func (c *chaos) terraform(ctx context.Context, pause time.Duration, args ...string) (output string, code int) {
	cmd := c.Command(ctx, c.work, []string{
		"CSMS_ENDPOINT=" + c.service.url, "HW_AUTH_URL=" + c.service.url + "/v3", "HW_REGION_NAME=cn-north-4",
		"HW_ACCESS_KEY=mock-access-key", "HW_SECRET_KEY=mock-secret-key",
	}, args...)
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
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent))
	for _, list := range lists {
		content, err := os.ReadFile(filepath.Clean(list))
		if err != nil {
			continue
		}
		for child := range strings.FieldsSeq(string(content)) {
			if pid, err := strconv.Atoi(child); err == nil && syscall.Kill(pid, syscall.SIGKILL) == nil {
				c.kills++
			}
		}
	}
}
