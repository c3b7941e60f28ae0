package sandbox

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"regexp"
)

// Mock is a csms-mock that runs as a process of its own.
type Mock struct {
	// Variables are those that the mock prints for people to paste: they point the
	// provider at it.
	Variables map[string]string

	cmd     *exec.Cmd
	drained chan struct{}
}

// StartMock starts the csms-mock that Build has built, on a free port of loopback, and
// waits until it serves. Errors hold what the mock complained of.
func (s *Sandbox) StartMock(ctx context.Context, args ...string) (*Mock, error) {
	cmd := exec.CommandContext(ctx, s.Path("csms-mock"), append([]string{"-addr", "127.0.0.1:0"}, args...)...)
	cmd.Env = CleanEnvironment()
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start csms-mock: %w", err)
	}
	lines := bufio.NewScanner(stdout)
	m := &Mock{Variables: exported(lines), cmd: cmd, drained: make(chan struct{})}
	go m.drain(lines)
	if len(m.Variables) == 0 {
		m.Stop()
		return nil, fmt.Errorf("csms-mock ended before it printed which variables to use: %s", complaints.String())
	}
	return m, nil
}

var exportLine = regexp.MustCompile(`^export ([A-Z_]+)=(\S+)$`)

// exported reads the first block of lines that export variables.
func exported(lines *bufio.Scanner) map[string]string {
	variables := map[string]string{}
	for lines.Scan() {
		match := exportLine.FindStringSubmatch(lines.Text())
		switch {
		case match != nil:
			variables[match[1]] = match[2]
		case len(variables) > 0:
			return variables
		}
	}
	return variables
}

// drain reads until the mock has ended, which would otherwise wait for a reader.
func (m *Mock) drain(lines *bufio.Scanner) {
	defer close(m.drained)
	for more := true; more; {
		more = lines.Scan()
	}
}

// Stop kills the mock and returns when it has ended. It may be called again to no effect.
func (m *Mock) Stop() {
	_ = m.cmd.Process.Kill()
	<-m.drained
	_ = m.cmd.Wait()
}
