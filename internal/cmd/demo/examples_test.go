package main

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/mockserver"
	"github.com/csms/terraform-provider-csms/internal/sandbox"
)

const root = "../../.."

// example is a configuration of the documentation, with what it needs from its neighbours.
type example struct {
	files      []string
	cliVersion [2]int // the first version of the CLI that knows its syntax
}

func TestEveryExampleAppliesAndThenPlansNothing(t *testing.T) {
	t.Parallel()
	built, err := build(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, e := range examples(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e.needCLI(t, built)
			cli, err := newTerraform(built, t.TempDir(), e.files, mockVariables(t), false)
			if err != nil {
				t.Fatal(err)
			}
			if err := cli.init(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, _, err := cli.plan(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := cli.apply(t.Context()); err != nil {
				t.Fatal(err)
			}
			actions, _, err := cli.plan(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(actions) > 0 {
				t.Errorf("the second plan is not empty: %v", actions)
			}
		})
	}
}

func examples(t *testing.T) map[string]example {
	t.Helper()
	found := map[string]example{}
	for pattern, cliVersion := range map[string][2]int{
		"provider/provider*.tf":              {1, 0},
		"resources/*/resource*.tf":           {1, 0},
		"resources/*/import-by-string-id.tf": {1, 5},
		"resources/*/import-by-identity.tf":  {1, 12},
		"data-sources/*/data-source*.tf":     {1, 0},
		"functions/*/function*.tf":           {1, 8},
	} {
		files, err := filepath.Glob(filepath.Join(root, "examples", pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("no example is named %s: %v", pattern, err)
		}
		for _, file := range files {
			found[filepath.Base(filepath.Dir(file))+"/"+filepath.Base(file)] = example{files: withNeighbours(t, file), cliVersion: cliVersion}
		}
	}
	return found
}

// withNeighbours adds the provider block to an example that has none, and the resource to an import.
func withNeighbours(t *testing.T, file string) []string {
	t.Helper()
	files := []string{file}
	if strings.HasPrefix(filepath.Base(file), "import-") {
		files = append(files, filepath.Join(filepath.Dir(file), "resource.tf"))
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(content), "required_providers") {
		files = append(files, filepath.Join(root, "examples/provider/provider.tf"))
	}
	return files
}

func (e example) needCLI(t *testing.T, built *sandbox.Sandbox) {
	t.Helper()
	cli, err := newTerraform(built, t.TempDir(), nil, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	output, err := cli.exec(t.Context(), "version")
	if err != nil {
		t.Fatal(err)
	}
	var name string
	var major, minor int
	if _, err := fmt.Sscanf(string(output), "%s v%d.%d", &name, &major, &minor); err != nil {
		t.Fatalf("read the version of the CLI from %q: %v", output, err)
	}
	if major < e.cliVersion[0] || major == e.cliVersion[0] && minor < e.cliVersion[1] {
		t.Skipf("%s %d.%d does not know this syntax", name, major, minor)
	}
}

// mockVariables starts a mock endpoint with the secrets that csms-mock starts with.
func mockVariables(t *testing.T) map[string]string {
	t.Helper()
	mock := csmstest.New()
	for _, secret := range mockserver.DemoSecrets(time.Now()) {
		mock.PutSecret(secret)
	}
	server := httptest.NewServer(mock)
	t.Cleanup(server.Close)
	return csmstest.Variables(server.URL)
}
