// Command chaos lets real Terraform manage hundreds of objects at a service that loses
// a fifth of all answers, kills the provider in the middle of an apply several times,
// and checks that everything converges: nothing lost, nothing written twice. The seed
// makes a run repeatable as far as the scheduler allows.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"

	"github.com/csms/terraform-provider-csms/internal/cmd/internal/fleet"
)

func main() {
	var s settings
	flag.Uint64Var(&s.seed, "seed", 1, "seed of the faults and of the kills")
	flag.Float64Var(&s.rate, "rate", 0.2, "part of all answers that is faulty")
	flag.IntVar(&s.objects, "objects", 300, "number of objects, three for each secret")
	flag.IntVar(&s.kills, "kills", 2, "how often the provider is killed in each of create, update and destroy")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, s)
	stop()
	if err != nil {
		log.Fatal(err)
	}
}

// settings are what happens to how many objects.
type settings struct {
	seed    uint64
	rate    float64
	objects int
	kills   int
}

// perSecret is how many objects share a secret: two labels and an expiry.
const perSecret = 3

// check refuses what cannot converge, or is too little to lose anything.
func (s settings) check() error {
	switch {
	case s.objects < perSecret:
		return fmt.Errorf("-objects is %d, but a secret alone has %d: two labels and an expiry", s.objects, perSecret)
	case s.rate < 0 || s.rate >= 1:
		return fmt.Errorf("-rate is %g, which is not a part of all answers that leaves others", s.rate)
	case s.kills < 0 || s.kills >= mostRuns:
		return fmt.Errorf("-kills is %d, but a phase has at most %d runs and the last must be left alone", s.kills, mostRuns)
	}
	return nil
}

func run(ctx context.Context, s settings) error {
	if err := s.check(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "csms-chaos-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	service := newService(s.seed, s.rate, fleet.Of(s.objects, perSecret))
	defer service.listener.Close()
	c, err := newChaos(ctx, dir, service, s.seed)
	if err != nil {
		return err
	}
	for _, phase := range []struct{ name, version, command string }{
		{"create", "v1", "apply"}, {"update", "v2", "apply"}, {"destroy", "v2", "destroy"},
	} {
		if err := c.converge(ctx, phase.name, phase.version, phase.command, s.kills); err != nil {
			return err
		}
	}
	return c.report()
}

// report prints what happened. An error is that something was lost or redundant.
func (c *chaos) report() error {
	faults := 0
	for _, n := range c.service.faults {
		faults += n
	}
	fmt.Printf("faults injected   %d %v\nretries           %d\nkills             %d\nwrites            %d\nresources lost    %d\nredundant writes  %d\n",
		faults, c.service.faults, c.service.retries, c.kills, c.service.writes, c.lost, len(c.service.redundant))
	for _, write := range c.service.redundant {
		fmt.Println("redundant:", write)
	}
	if c.lost > 0 || len(c.service.redundant) > 0 {
		return fmt.Errorf("%d resources lost, %d writes redundant", c.lost, len(c.service.redundant))
	}
	return nil
}
