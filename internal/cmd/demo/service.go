package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
)

// service is the running mock endpoint.
type service struct {
	environment map[string]string
	cmd         *exec.Cmd
	requests    map[string]int // how many requests it served, by operation; complete once drained is closed
	drained     chan struct{}
}

// startService starts the command and takes Terraform's environment from what the command prints for people to paste.
func startService(ctx context.Context, path string) (*service, error) {
	cmd := exec.CommandContext(ctx, path, "-addr", "127.0.0.1:0")
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the mock endpoint: %w", err)
	}
	s := &service{environment: map[string]string{}, cmd: cmd, requests: map[string]int{}, drained: make(chan struct{})}
	lines := bufio.NewScanner(stdout)
	for !s.announced() && lines.Scan() {
		if match := exportLine.FindStringSubmatch(lines.Text()); match != nil {
			s.environment[match[1]] = match[2]
		}
	}
	go s.countRequests(lines)
	if !s.announced() {
		s.stop()
		return nil, fmt.Errorf("the mock endpoint did not print the environment to use, only %v", s.environment)
	}
	return s, nil
}

var exportLine = regexp.MustCompile(`^\s*export ([A-Z_]+)=["']?([^"'\s]+)["']?\s*$`)

var requestLine = regexp.MustCompile(`\((\w+), request \w+\)$`)

// countRequests reads the line that the endpoint prints for each request, until the endpoint has ended.
func (s *service) countRequests(lines *bufio.Scanner) {
	defer close(s.drained)
	for lines.Scan() {
		if match := requestLine.FindStringSubmatch(lines.Text()); match != nil {
			s.requests[match[1]]++
		}
	}
}

func (s *service) announced() bool {
	for _, name := range []string{"CSMS_ENDPOINT", "HW_REGION_NAME", "HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_AUTH_URL"} {
		if s.environment[name] == "" {
			return false
		}
	}
	return true
}

func (s *service) stop() {
	_ = s.cmd.Process.Kill()
	<-s.drained
	_ = s.cmd.Wait()
}

// neverGaveValue checks that nobody asked for a secret's value. It takes a stopped endpoint.
func (s *service) neverGaveValue() error {
	if s.requests["ListVersions"] == 0 {
		return fmt.Errorf("the mock endpoint did not tell which requests it served: %v", s.requests)
	}
	if n := s.requests["ShowVersion"]; n > 0 {
		return fmt.Errorf("a secret's value was read %d times", n)
	}
	return nil
}
