package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
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

// measureSize measures all kinds at one size, in turn, so that what else the machine
// does hits all of them.
func (b *bench) measureSize(ctx context.Context, size int) error {
	subjects := subjectsOf(size, b.options)
	for _, s := range subjects {
		if err := s.prepare(b.Dir); err != nil {
			return err
		}
		defer s.close()
		if b.existing {
			if err := writeState(s.dir, s.existing(size)); err != nil {
				return err
			}
		}
	}
	for range b.runs {
		for _, s := range subjects {
			if err := b.measureOnce(ctx, s); err != nil {
				return err
			}
		}
	}
	printTable(size, subjects)
	return nil
}

// measureOnce lives through the life of the objects once.
func (b *bench) measureOnce(ctx context.Context, s *subject) error {
	steps := []struct {
		name, version string
		args          []string
	}{
		{"plan, nothing exists", "v1", []string{"plan"}},
		{"apply, create all", "v1", []string{"apply", "-auto-approve"}},
		{"plan, all exist", "v1", []string{"plan", "-detailed-exitcode"}},
		{"apply, update all", "v2", []string{"apply", "-auto-approve"}},
		{"destroy all", "v2", []string{"destroy", "-auto-approve"}},
	}
	if b.existing {
		steps = steps[2:3]
	}
	for _, step := range steps {
		m, err := b.terraform(ctx, s, append(step.args, "-input=false", "-no-color", "-var", "version_id="+step.version)...)
		if err != nil {
			return fmt.Errorf("%s of %s: %w", step.name, s.name, err)
		}
		s.record(step.name, m)
	}
	return nil
}

// measurement is what one command cost.
type measurement struct {
	wall, cpu time.Duration
	rss       int64 // of the provider, in bytes, at its peak
	calls     map[string]int
}

// terraform runs one command and measures it with all its children.
func (b *bench) terraform(ctx context.Context, s *subject, args ...string) (measurement, error) {
	cmd := b.Command(ctx, s.dir, s.env, args...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output

	s.resetCalls()
	started := time.Now()
	if err := cmd.Start(); err != nil {
		return measurement{}, err
	}
	peak := watchPeak(cmd.Process.Pid)
	err := cmd.Wait()
	m := measurement{wall: time.Since(started), rss: peak(), calls: s.calls()}
	if err != nil {
		return m, fmt.Errorf("%w\n%s", err, output.String())
	}
	m.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return m, nil
}
