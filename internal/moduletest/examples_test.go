package moduletest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/mockserver"
	"github.com/csms/terraform-provider-csms/internal/sandbox"
)

// documented is a configuration of the documentation, with what it needs from its neighbours.
type documented struct {
	files      []string
	cliVersion [2]int // the first version of the CLI that knows its syntax
}

func TestEveryExampleAppliesAndThenPlansNothing(t *testing.T) {
	t.Parallel()
	built := build(t)
	for name, e := range documentation(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock, service := newMock(t)
			for _, secret := range mockserver.DemoSecrets(time.Now()) {
				mock.PutSecret(secret)
			}
			cli := &terraform{t: t, built: built, dir: t.TempDir(), environment: sandbox.Assignments(service)}
			e.needCLI(t, cli)
			for _, file := range e.files {
				content, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(cli.dir, filepath.Base(file)), content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			cli.apply()
			cli.plansNothing()
		})
	}
}

func documentation(t *testing.T) map[string]documented {
	t.Helper()
	all := map[string]documented{}
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
			name := filepath.Base(filepath.Dir(file)) + "/" + filepath.Base(file)
			all[name] = documented{files: withNeighbours(t, file), cliVersion: cliVersion}
		}
	}
	return all
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

func (e documented) needCLI(t *testing.T, cli *terraform) {
	t.Helper()
	output := cli.succeed("version")
	var name string
	var major, minor int
	if _, err := fmt.Sscanf(output, "%s v%d.%d", &name, &major, &minor); err != nil {
		t.Fatalf("read the version of the CLI from %q: %v", output, err)
	}
	if major < e.cliVersion[0] || major == e.cliVersion[0] && minor < e.cliVersion[1] {
		t.Skipf("%s %d.%d does not know this syntax", name, major, minor)
	}
}
