package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/sandbox"
)

// measurement is what one command cost.
type measurement struct {
	wall, cpu time.Duration
	rss       int64 // of the provider, in bytes, at its peak; 0 where there is no /proc
	calls     map[string]int
}

// measure measures all subjects of a size, in turn, so that what else the machine does hits all of them. The first time
// warms the caches.
func (b *bench) measure(ctx context.Context, size int) ([]*subject, error) {
	subjects := subjectsOf(size, b.only)
	for range b.runs + 1 {
		for _, s := range subjects {
			if err := b.measureOnce(ctx, s); err != nil {
				return nil, err
			}
		}
	}
	for _, s := range subjects {
		for step, all := range s.measurements {
			s.measurements[step] = all[1:]
		}
	}
	return subjects, nil
}

const (
	planNew      = "plan, nothing exists"
	create       = "apply, create all"
	planExisting = "plan, all exist"
	update       = "apply, update all"
	destroy      = "destroy all"
)

// measureOnce lives through the life of the objects once, from the same beginning each time.
func (b *bench) measureOnce(ctx context.Context, s *subject) error {
	at := newSite(csmstest.New())
	defer at.listener.Close()
	if err := b.settle(ctx, at, s); err != nil {
		return err
	}
	at.SetLatency(b.latency)
	steps := []struct {
		name, version string
		args          []string
	}{
		{planNew, "v1", []string{"plan"}},
		{create, "v1", []string{"apply", "-auto-approve"}},
		{planExisting, "v1", []string{"plan", "-detailed-exitcode"}},
		{update, "v2", []string{"apply", "-auto-approve"}},
		{destroy, "v2", []string{"destroy", "-auto-approve"}},
	}
	if s.exist {
		steps = steps[2:3]
	}
	s.steps = nil
	for _, step := range steps {
		m, err := b.terraform(ctx, at, append(step.args, "-var", "version_id="+step.version)...)
		if err != nil {
			return fmt.Errorf("%s of %s: %w", step.name, s.name, err)
		}
		s.steps = append(s.steps, step.name)
		s.measurements[step.name] = append(s.measurements[step.name], m)
	}
	return nil
}

// terraform runs one command and measures it with all its children.
func (b *bench) terraform(ctx context.Context, at *site, args ...string) (measurement, error) {
	cmd := b.Command(ctx, at.dir, at.env, append(args, "-input=false", "-no-color")...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	at.ResetRequests()
	m, started := measurement{calls: map[string]int{}}, time.Now()
	if err := cmd.Start(); err != nil {
		return m, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-look.C:
			for _, child := range sandbox.Children(cmd.Process.Pid) {
				m.rss = max(m.rss, highWater(child))
			}
		case err := <-ended:
			if err != nil {
				return m, fmt.Errorf("%w\n%s", err, output.String())
			}
			m.wall, m.cpu = time.Since(started), cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()
			for _, r := range at.Requests() {
				m.calls[r.Operation]++
			}
			return m, nil
		}
	}
}

// highWater is the most memory that a provider has had resident, in bytes: a mark that the kernel keeps, so that looking
// seldom misses nothing but the very end.
func highWater(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, found := strings.Cut(string(status), "VmHWM:")
	// Between fork and exec a child still is Terraform.
	if err != nil || !found || !strings.HasPrefix(string(status), "Name:\tterraform-provi") {
		return 0
	}
	kilobytes, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	if err != nil {
		return 0
	}
	return kilobytes << 10
}
