// Command bench measures what the provider costs: real Terraform, the built provider and the mock endpoint, side by side
// with Terraform's own terraform_data and with a framework provider that does nothing. With -throttled it measures how
// the provider gets on with a service that limits its calls.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/csms/terraform-provider-csms/internal/sandbox"
)

// options are what is measured, and how.
type options struct {
	sizes, only string
	runs        int
	latency     time.Duration
	throttled   bool
}

func main() {
	var o options
	flag.StringVar(&o.sizes, "sizes", "1,300,3000", "numbers of objects, separated by commas; of 1000 and more only the plan is measured once they exist, because Terraform takes minutes to create them")
	flag.IntVar(&o.runs, "runs", 5, "how often each command is measured, after a first time; the median counts")
	flag.DurationVar(&o.latency, "latency", 0, "how long the service takes for each answer")
	flag.StringVar(&o.only, "only", "", "measure one kind only: terraform_data, empty or csms")
	flag.BoolVar(&o.throttled, "throttled", false, "measure a service that limits the calls instead, with the provider's defaults")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, o)
	stop()
	if err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, o options) error {
	sizes, err := o.parse()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "csms-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	b, err := newBench(ctx, dir, o)
	if err != nil {
		return err
	}
	version, err := b.Command(ctx, dir, nil, "version").Output()
	if err != nil {
		return fmt.Errorf("terraform version: %w", err)
	}
	first, _, _ := strings.Cut(string(version), "\n")
	fmt.Printf("%s, %s, %d cores, %s/%s\n", first, runtime.Version(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
	if o.throttled {
		return b.measureThrottled(ctx, scenarios)
	}
	for _, size := range sizes {
		subjects, err := b.measure(ctx, size)
		if err != nil {
			return err
		}
		printTable(size, subjects)
	}
	return nil
}

// parse returns the sizes, and refuses what cannot be measured.
func (o options) parse() ([]int, error) {
	var sizes []int
	for text := range strings.SplitSeq(o.sizes, ",") {
		size, err := strconv.Atoi(text)
		if err != nil || size < 1 {
			return nil, fmt.Errorf("-sizes has %q, which is not a number of objects", text)
		}
		sizes = append(sizes, size)
	}
	switch {
	case len(subjectsOf(1, o.only)) == 0:
		return nil, fmt.Errorf("-only is %q, which is none of terraform_data, empty and csms", o.only)
	case o.runs < 1:
		return nil, fmt.Errorf("-runs is %d, but a median takes at least one run", o.runs)
	case o.latency < 0:
		return nil, fmt.Errorf("-latency is %s, but no answer comes before its question", o.latency)
	}
	return sizes, nil
}

// bench has everything built.
type bench struct {
	*sandbox.Sandbox
	options
}

func newBench(ctx context.Context, dir string, o options) (*bench, error) {
	s, err := sandbox.BuildRelease(ctx, dir, ".", "internal/cmd/bench/terraform-provider-empty")
	return &bench{Sandbox: s, options: o}, err
}
