package main

import (
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"regexp"
	"sync"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// scenario is what Terraform does, with the provider's defaults, at a service that allows so many calls a second.
type scenario struct {
	name       string
	size       int // Of the objects of each Terraform. Many exist already and are refreshed, fewer are created.
	terraforms int // So many at once, which share the limit.
	limit      int
}

var scenarios = []scenario{
	{"create 300 objects", 300, 1, 20},
	{"create 300 objects", 300, 1, 5},
	{"refresh 1,000 objects on 250 secrets", 1000, 1, 20},
	{"two Terraforms create 150 objects each", 150, 2, 20},
}

// throttling is how a scenario went.
type throttling struct {
	failures       int // Errors that Terraform reported, one for each object.
	calls, refused int // All calls of CSMS, and those that were over the limit.
	wall           time.Duration
}

// measureThrottled prints a table. Its last column is the time that the calls which were answered take at the limit.
func (b *bench) measureThrottled(ctx context.Context, scenarios []scenario) error {
	fmt.Print("\n| what | limit | failures | calls | refused | time | calls/limit |\n|---|---|---|---|---|---|---|\n")
	for _, s := range scenarios {
		t, err := b.throttle(ctx, s)
		if err != nil {
			return fmt.Errorf("%s at %d calls a second: %w", s.name, s.limit, err)
		}
		fmt.Printf("| %s | %d/s | %d | %d | %.1f %% | %.0f s | %.0f s |\n", s.name, s.limit, t.failures, t.calls,
			100*float64(t.refused)/float64(t.calls), t.wall.Seconds(), float64(t.calls-t.refused)/float64(s.limit))
	}
	return nil
}

func (b *bench) throttle(ctx context.Context, s scenario) (throttling, error) {
	at := newSite(csmstest.New())
	defer at.listener.Close()
	var commands []*exec.Cmd
	for i := range s.terraforms {
		subject := subjectsOf(s.size, "csms")[0]
		subject.objects.Prefix = fmt.Sprintf("team-%d-", i)
		if err := b.settle(ctx, at, subject); err != nil {
			return throttling{}, err
		}
		args := []string{"apply", "-auto-approve"}
		if subject.exist {
			args = []string{"plan"}
		}
		commands = append(commands, b.Command(ctx, at.dir, at.env, append(args, "-input=false", "-no-color", "-var", "version_id=v1")...))
	}
	at.SetRateLimit(s.limit)
	started := time.Now()
	failures, err := runAll(commands)
	t := throttling{failures: failures, wall: time.Since(started)}
	t.count(at.Requests())
	return t, err
}

// count takes the calls of CSMS: IAM has no limit.
func (t *throttling) count(requests []csmstest.Request) {
	for _, r := range requests {
		if r.ProjectID == "" {
			continue
		}
		t.calls++
		if r.Status == http.StatusTooManyRequests {
			t.refused++
		}
	}
}

var errorLine = regexp.MustCompile(`(?m)^Error: `)

// runAll runs commands at once and counts the errors that they report. That a command fails is no error here, unless it
// does not say why.
func runAll(commands []*exec.Cmd) (failures int, err error) {
	outputs, errs := make([][]byte, len(commands)), make([]error, len(commands))
	var done sync.WaitGroup
	for i, cmd := range commands {
		done.Go(func() { outputs[i], errs[i] = cmd.CombinedOutput() })
	}
	done.Wait()
	for i, output := range outputs {
		found := len(errorLine.FindAll(output, -1))
		if errs[i] != nil && found == 0 {
			return 0, fmt.Errorf("%w\n%s", errs[i], output)
		}
		failures += found
	}
	return failures, nil
}
