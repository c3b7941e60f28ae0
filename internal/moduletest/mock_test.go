package moduletest_test

import (
	"bufio"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

var exportLine = regexp.MustCompile(`^\s*export ([A-Z_]+)=["']?([^"'\s]+)["']?\s*$`)

// startMock starts the command as a module author does, with a seed, and returns the environment that it prints.
func (b binaries) startMock(t *testing.T, seed string) map[string]string {
	t.Helper()
	command := exec.CommandContext(t.Context(), b.path("csms-mock"), "-addr", "127.0.0.1:0", "-seed", seed)
	var complaints strings.Builder
	command.Stderr = &complaints
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	environment := map[string]string{}
	lines := bufio.NewScanner(stdout)
	for len(environment) < 5 && lines.Scan() {
		if match := exportLine.FindStringSubmatch(lines.Text()); match != nil {
			environment[match[1]] = match[2]
		}
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		for lines.Scan() {
			continue
		}
	}()
	t.Cleanup(func() {
		_ = command.Process.Kill()
		<-drained
		_ = command.Wait()
	})
	if len(environment) < 5 {
		t.Fatalf("the mock endpoint did not start with the seed %s: %s", seed, complaints.String())
	}
	return environment
}

// newMock serves a mock endpoint from within the test, which can then act as others do. No value of a secret may ever be read.
func newMock(t *testing.T, opts ...csmstest.Option) (*csmstest.Server, map[string]string) {
	t.Helper()
	mock := csmstest.New(opts...)
	listener := httptest.NewServer(mock)
	t.Cleanup(func() {
		mock.Close()
		listener.Close()
		if n := mock.Count("ShowVersion"); n > 0 {
			t.Errorf("a secret's value was read %d times", n)
		}
	})
	environment := map[string]string{}
	for line := range strings.Lines(csmstest.Environment(listener.URL)) {
		if match := exportLine.FindStringSubmatch(strings.TrimRight(line, "\n")); match != nil {
			environment[match[1]] = match[2]
		}
	}
	return mock, environment
}
