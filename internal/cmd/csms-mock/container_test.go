package main

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

const example = "../../../examples/csms-mock/"

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// dockerfileArguments returns the arguments of an instruction that is written as a list.
func dockerfileArguments(t *testing.T, instruction string) []string {
	t.Helper()
	match := regexp.MustCompile(`(?m)^` + instruction + `.*(\[.*\])$`).FindStringSubmatch(readFile(t, "Dockerfile"))
	if match == nil {
		t.Fatalf("the Dockerfile has no %s", instruction)
	}
	var arguments []string
	if err := json.Unmarshal([]byte(match[1]), &arguments); err != nil {
		t.Fatal(err)
	}
	return arguments[1:]
}

func TestTheContainerServesItsSeedToOtherMachines(t *testing.T) {
	t.Parallel()
	var compose struct {
		Services map[string]struct{ Command, Volumes, Ports []string }
	}
	if err := yaml.Unmarshal([]byte(readFile(t, example+"compose.yaml")), &compose); err != nil {
		t.Fatal(err)
	}
	service := compose.Services["csms-mock"]
	mounted, _, _ := strings.Cut(service.Volumes[0], ":/seed.yaml:")
	args := append(dockerfileArguments(t, "ENTRYPOINT"), service.Command...)
	for i, arg := range args {
		args[i] = strings.ReplaceAll(strings.ReplaceAll(arg, ":8440", ":0"), "/seed.yaml", example+mounted)
	}
	c := start(t, args...)
	for path, want := range map[string]string{
		"/":                                  "cn-east-3",
		"/_control/secrets":                  `"SYSCURRENT":"2026-01-15T08:00:00Z"`,
		"/_control/secrets?region=cn-east-3": "CANDIDATE",
	} {
		if status, text := c.askAs("csms-mock:8440", path); status != http.StatusOK || !strings.Contains(text, want) {
			t.Errorf("%s is answered by %d %s", path, status, text)
		}
	}
	for _, port := range service.Ports {
		if !strings.HasPrefix(port, "127.0.0.1:") {
			t.Errorf("port %s is published to other machines", port)
		}
	}
}

func TestTheContainersHealthCheckTakesTheDefaultAddress(t *testing.T) {
	t.Parallel()
	f, err := parse(dockerfileArguments(t, "HEALTHCHECK"), nil)
	if err != nil || !f.wait || !strings.HasSuffix(f.cfg.Addr, ":8440") {
		t.Errorf("it is parsed as %+v, %v", f, err)
	}
}
