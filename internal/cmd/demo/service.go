package main

import (
	"context"
	"fmt"
	"regexp"

	"github.com/csms/terraform-provider-csms/internal/sandbox"
)

// service is the running mock endpoint.
type service struct {
	*sandbox.Mock
	requests map[string]int // how many requests it served, by operation; complete once it is stopped
}

func startService(ctx context.Context, built *sandbox.Sandbox) (*service, error) {
	s := &service{requests: map[string]int{}}
	var err error
	s.Mock, err = built.StartMock(ctx, s.countRequest)
	return s, err
}

var requestLine = regexp.MustCompile(`\((\w+), request \w+\)$`)

// countRequest reads the line that the endpoint prints for each request.
func (s *service) countRequest(line string) {
	if match := requestLine.FindStringSubmatch(line); match != nil {
		s.requests[match[1]]++
	}
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
