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
	var o options
	sizes := flag.String("sizes", "1,300,3000", "numbers of objects, separated by commas")
	flag.IntVar(&o.existingFrom, "existing-from", 1000, "from how many objects on only the plan of what exists is measured, from a state that is written: Terraform takes many minutes to create thousands")
	flag.IntVar(&o.countFrom, "count-from", 1000, "from how many objects on count multiplies them: Terraform evaluates all of a for_each for each instance, which outweighs everything else where there are thousands")
	flag.IntVar(&o.runs, "runs", 5, "how often each command is measured; the median counts")
	flag.DurationVar(&o.latency, "latency", 0, "how long the service takes for each answer")
	flag.IntVar(&o.pace, "pace", 0, "max_requests_per_second of the provider; 0 for none")
	flag.StringVar(&o.only, "only", "", "measure one kind only: terraform_data, empty or csms")
	flag.Parse()
	if flag.NArg() > 0 {
		log.Fatalf("%q is no flag", flag.Arg(0))
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *sizes, o)
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

	existingFrom, countFrom int // The sizes from which on things are done otherwise.
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
		subjects, err := b.measure(ctx, size)
		if err != nil {
			return err
		}
		printTable(size, subjects)
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
	case o.latency < 0:
		return fmt.Errorf("-latency is %s, but no answer comes before its question", o.latency)
	}
	return nil
}
