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
)

func main() {
	seed := flag.Uint64("seed", 1, "seed of the faults and of the kills")
	rate := flag.Float64("rate", 0.2, "part of all answers that is faulty")
	objects := flag.Int("objects", 300, "number of objects, three for each secret")
	kills := flag.Int("kills", 2, "how often the provider is killed in each of create, update and destroy")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	dir, err := os.MkdirTemp("", "csms-chaos-")
	if err != nil {
		log.Fatal(err)
	}
	err = run(ctx, dir, newService(*seed, *rate, *objects/3), *objects, *kills, *seed)
	_ = os.RemoveAll(dir)
	stop()
	if err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, dir string, s *service, objects, kills int, seed uint64) error {
	defer s.listener.Close()
	c, err := newChaos(ctx, dir, s, objects, seed)
	if err != nil {
		return err
	}
	for _, phase := range []struct{ name, version, command string }{
		{"create", "v1", "apply"}, {"update", "v2", "apply"}, {"destroy", "v2", "destroy"},
	} {
		if err := c.converge(ctx, phase.name, phase.version, phase.command, kills); err != nil {
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
