// Command bench measures what the provider costs: real Terraform, the built provider
// and the mock endpoint, side by side with Terraform's own terraform_data and with a
// framework provider that does nothing. It prints a table of medians.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"time"
)

func main() {
	sizes := flag.String("sizes", "1,300", "numbers of objects, separated by commas; Terraform creates thousands in minutes only, so see -existing")
	existing := flag.Bool("existing", false, "measure only the plan of objects that exist, from a state that is written instead of applied")
	runs := flag.Int("runs", 5, "how often each command is measured; the median counts")
	latency := flag.Duration("latency", 0, "how long the service takes for each answer")
	pace := flag.Int("pace", 0, "max_requests_per_second of the provider; 0 for none")
	only := flag.String("only", "", "measure one kind only: terraform_data, empty or csms")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *sizes, options{runs: *runs, latency: *latency, pace: *pace, only: *only, existing: *existing})
	stop()
	if err != nil {
		log.Fatal(err)
	}
}

// options are how every size is measured.
type options struct {
	runs    int
	latency time.Duration
	pace    int
	only    string // The one kind that is measured, "" for all.

	existing bool
}

func run(ctx context.Context, list string, o options) error {
	sizes, err := parseSizes(list)
	if err != nil {
		return err
	}
	if err := o.check(); err != nil {
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
	if err := b.describe(ctx); err != nil {
		return err
	}
	for _, size := range sizes {
		if err := b.measureSize(ctx, size); err != nil {
			return err
		}
	}
	return nil
}

func parseSizes(list string) ([]int, error) {
	var sizes []int
	for text := range strings.SplitSeq(list, ",") {
		size, err := strconv.Atoi(text)
		if err != nil || size < 1 {
			return nil, fmt.Errorf("-sizes has %q, which is not a number of objects", text)
		}
		sizes = append(sizes, size)
	}
	return sizes, nil
}

// check refuses what cannot be measured.
func (o options) check() error {
	switch {
	case len(subjectsOf(1, o)) == 0:
		var kinds []string
		for _, s := range subjectsOf(1, options{}) {
			kinds = append(kinds, s.name)
		}
		return fmt.Errorf("-only is %q, which is none of the kinds %s", o.only, strings.Join(kinds, ", "))
	case o.runs < 1:
		return fmt.Errorf("-runs is %d, but a median takes at least one run", o.runs)
	case o.pace < 0:
		return fmt.Errorf("-pace is %d, which is not a number of requests", o.pace)
	}
	return nil
}
