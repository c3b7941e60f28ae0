package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/csms/terraform-provider-csms/internal/sandbox"
)

// bench has everything built and set up.
type bench struct {
	*sandbox.Sandbox
	options
}

func newBench(ctx context.Context, dir string, o options) (*bench, error) {
	s, err := sandbox.BuildRelease(ctx, dir, ".", "internal/cmd/bench/terraform-provider-empty")
	return &bench{Sandbox: s, options: o}, err
}

// describe prints what the figures depend on.
func (b *bench) describe(ctx context.Context) error {
	version, err := b.Command(ctx, b.Dir, nil, "version").Output()
	if err != nil {
		return fmt.Errorf("terraform version: %w", err)
	}
	first, _, _ := strings.Cut(string(version), "\n")
	fmt.Printf("%s, %s, %d cores, %s/%s, medians of %d\n", first, runtime.Version(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, b.runs)
	for _, name := range []string{"csms", "empty"} {
		info, err := os.Stat(b.Path("terraform-provider-" + name))
		if err != nil {
			return err
		}
		fmt.Printf("binary of provider %s: %.1f MB\n", name, float64(info.Size())/1e6)
	}
	return nil
}

// measure measures all kinds at one size, in turn, so that what else the machine
// does hits all of them. The first run warms the caches and is watched for memory;
// watching takes some time of its own, so the clock counts in the others only, unless
// a single run has to do.
func (b *bench) measure(ctx context.Context, size int) ([]*subject, error) {
	subjects := subjectsOf(size, b.options)
	runs := []purpose{{watch: true, time: b.runs == 1}}
	if b.runs > 1 {
		runs = append(runs, slices.Repeat([]purpose{{time: true}}, b.runs)...)
	}
	for _, run := range runs {
		for _, s := range subjects {
			if err := b.measureOnce(ctx, s, run); err != nil {
				return nil, err
			}
		}
	}
	return subjects, nil
}

// purpose is what a run is for.
type purpose struct{ watch, time bool }

const (
	planNew      = "plan, nothing exists"
	create       = "apply, create all"
	planExisting = "plan, all exist"
	update       = "apply, update all"
	destroy      = "destroy all"
)

// measureOnce lives through the life of the objects once, from the same beginning each time.
func (b *bench) measureOnce(ctx context.Context, s *subject, run purpose) error {
	if err := s.prepare(b.Dir); err != nil {
		return err
	}
	defer s.close()
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
	if s.exists {
		steps = steps[2:3]
	}
	for _, step := range steps {
		m, err := b.terraform(ctx, s, run.watch, append(step.args, "-input=false", "-no-color", "-var", "version_id="+step.version)...)
		if err != nil {
			return fmt.Errorf("%s of %s: %w", step.name, s.name, err)
		}
		s.record(step.name, m, run)
	}
	return nil
}

// measurement is what one command cost.
type measurement struct {
	wall, cpu time.Duration
	rss       int64 // of the provider, in bytes, at its peak
	calls     map[string]int
}

// terraform runs one command and measures it with all its children, their memory if it
// is watched.
func (b *bench) terraform(ctx context.Context, s *subject, watched bool, args ...string) (measurement, error) {
	cmd := b.Command(ctx, s.dir, s.env, args...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output

	s.resetCalls()
	started := time.Now()
	if err := cmd.Start(); err != nil {
		return measurement{}, err
	}
	peak := func() int64 { return 0 }
	if watched {
		peak = watchPeak(cmd.Process.Pid)
	}
	err := cmd.Wait()
	m := measurement{wall: time.Since(started), rss: peak(), calls: s.calls()}
	if err != nil {
		return m, fmt.Errorf("%w\n%s", err, output.String())
	}
	m.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return m, nil
}
