package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// service is the running mock endpoint, and the hand of a colleague who uses the API without Terraform.
type service struct {
	environment map[string]string
	cmd         *exec.Cmd
	drained     chan struct{}
}

// startService starts the command and takes Terraform's environment from what the command prints for people to paste.
func startService(ctx context.Context, path string) (*service, error) {
	cmd := exec.CommandContext(ctx, path, "-addr", "127.0.0.1:0") // #nosec G204 -- the demo built it.
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the mock endpoint: %w", err)
	}
	s := &service{environment: map[string]string{}, cmd: cmd, drained: make(chan struct{})}
	lines := bufio.NewScanner(stdout)
	for !s.announced() && lines.Scan() {
		if match := exportLine.FindStringSubmatch(lines.Text()); match != nil {
			s.environment[match[1]] = match[2]
		}
	}
	// What follows is a line for each request; a full pipe would stop the endpoint.
	go func() {
		defer close(s.drained)
		_, _ = io.Copy(io.Discard, stdout)
	}()
	if !s.announced() {
		s.stop()
		return nil, fmt.Errorf("the mock endpoint did not print the environment to use, only %v", s.environment)
	}
	return s, nil
}

var exportLine = regexp.MustCompile(`^\s*export ([A-Z_]+)=["']?([^"'\s]+)["']?\s*$`)

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

// addVersion writes a new version under a label, as a rotation job does, and returns the version's id.
func (s *service) addVersion(ctx context.Context, secret, stage string) (string, error) {
	var answer struct {
		Metadata struct {
			ID string `json:"id"`
		} `json:"version_metadata"`
	}
	body := map[string]any{"secret_string": "demo-only", "version_stages": []string{stage}}
	_, err := s.call(ctx, http.MethodPost, secret+"/versions", body, &answer)
	return answer.Metadata.ID, err
}

func (s *service) moveStage(ctx context.Context, secret, stage, version string) error {
	_, err := s.call(ctx, http.MethodPut, secret+"/stages/"+stage, map[string]any{"version_id": version}, nil)
	return err
}

// holder is the version that a label is on, or "" if there is no such label.
func (s *service) holder(ctx context.Context, secret, stage string) (string, error) {
	var answer struct {
		Stage struct {
			VersionID string `json:"version_id"`
		} `json:"stage"`
	}
	status, err := s.call(ctx, http.MethodGet, secret+"/stages/"+stage, nil, &answer)
	if status == http.StatusNotFound {
		return "", nil
	}
	return answer.Stage.VersionID, err
}

// expiry is when a version expires; the zero time means that it does not.
func (s *service) expiry(ctx context.Context, secret, version string) (time.Time, error) {
	var answer struct {
		Versions []struct {
			ID         string `json:"id"`
			ExpireTime int64  `json:"expire_time"`
		} `json:"version_metadatas"`
	}
	_, err := s.call(ctx, http.MethodGet, secret+"/versions", nil, &answer)
	for _, v := range answer.Versions {
		if v.ID == version && v.ExpireTime != 0 {
			return time.UnixMilli(v.ExpireTime).UTC(), err
		}
	}
	return time.Time{}, err
}

func (s *service) call(ctx context.Context, method, path string, body, answer any) (int, error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return 0, err
	}
	url := s.environment["CSMS_ENDPOINT"] + "/v1/" + csmstest.DefaultProjectID + "/secrets/" + path
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(encoded))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Auth-Token", csmstest.DefaultToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusMultipleChoices {
		text, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, fmt.Errorf("%s %s: status %d: %s", method, url, resp.StatusCode, text)
	}
	if answer == nil {
		return resp.StatusCode, nil
	}
	return resp.StatusCode, json.NewDecoder(resp.Body).Decode(answer)
}
