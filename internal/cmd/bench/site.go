package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/sandbox"
	"github.com/csms/terraform-provider-csms/internal/workload"
)

// site is a service and a directory in which Terraform works on a subject.
type site struct {
	*csmstest.Server
	listener *httptest.Server
	dir      string
	env      []string
}

func newSite(server *csmstest.Server) *site {
	listener := httptest.NewServer(server)
	return &site{Server: server, listener: listener, env: sandbox.Assignments(csmstest.Variables(listener.URL))}
}

// settle puts a subject's secrets into the service and its configuration into a new directory, with a state of the objects
// if they exist.
func (b *bench) settle(ctx context.Context, at *site, s *subject) error {
	s.objects.Seed(at.Server, s.exist)
	var err error
	if at.dir, err = os.MkdirTemp(b.Dir, s.name); err != nil {
		return err
	}
	configuration := s.objects.Configuration(s.Kind, s.shape)
	if err := os.WriteFile(filepath.Join(at.dir, "main.tf"), []byte(configuration), 0o600); err != nil || !s.exist {
		return err
	}
	state, err := b.stateOfTwo(ctx, s.kind)
	if err != nil {
		return err
	}
	return multiply(state, s.objects, filepath.Join(at.dir, stateFile))
}

const stateFile = "terraform.tfstate"

// stateOfTwo lets Terraform create a stage and an expiry, and returns its state.
func (b *bench) stateOfTwo(ctx context.Context, k kind) ([]byte, error) {
	at := newSite(csmstest.New())
	defer at.listener.Close()
	if err := b.settle(ctx, at, newSubject(k, workload.Blocks, workload.Of(2, 2), false)); err != nil {
		return nil, err
	}
	if _, err := b.terraform(ctx, at, "apply", "-auto-approve", "-var", "version_id=v1"); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(at.dir, stateFile))
}

// multiply writes a state of all objects, made of the state of the first two.
func multiply(state []byte, objects workload.Workload, file string) error {
	var s struct {
		Version   int               `json:"version"`
		Lineage   string            `json:"lineage"`
		Resources []json.RawMessage `json:"resources"`
	}
	if err := json.Unmarshal(state, &s); err != nil {
		return err
	}
	var all []json.RawMessage
	for _, resource := range s.Resources {
		isStage, n := strings.Contains(string(resource), "stage_0"), objects.Expiries
		if isStage {
			n = objects.Stages
		}
		for i := range n {
			secret, stage := objects.Secret(i), ""
			if isStage {
				secret, stage = objects.Stage(i)
			}
			others := strings.NewReplacer(`_0"`, fmt.Sprintf(`_%d"`, i), "secret-0", secret, "STAGE-0", stage)
			all = append(all, json.RawMessage(others.Replace(string(resource))))
		}
	}
	s.Resources = all
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}
