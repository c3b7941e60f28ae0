package moduletest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// guideFile finds a file that a guide shows: the block of code after the line that names it.
func guideFile(t *testing.T, guide, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "templates", "guides", guide))
	if err != nil {
		t.Fatal(err)
	}
	pattern := "`" + regexp.QuoteMeta(name) + "`[.:][^`]*```[a-z]*\n((?s:.*?))```"
	block := regexp.MustCompile(pattern).FindStringSubmatch(string(text))
	if block == nil {
		t.Fatalf("%s shows no %s", guide, name)
	}
	return block[1]
}

func TestTheGuidesModuleOfTwoRegionsPassesItsTest(t *testing.T) {
	t.Parallel()
	built := build(t)
	dir := t.TempDir()
	for _, name := range []string{"main.tf", "seed.yaml", "tests/regions.tftest.hcl"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(guideFile(t, "csms-mock.md", name)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	service := built.startMock(t, filepath.Join(dir, "seed.yaml"))
	if !strings.HasSuffix(service["CSMS_ENDPOINT"], "/{region}") {
		t.Errorf("the endpoint is %s", service["CSMS_ENDPOINT"])
	}
	cli := &terraform{t: t, built: built, dir: dir}
	for name, value := range service {
		cli.environment = append(cli.environment, name+"="+value)
	}
	expectSaid(t, cli.succeed("test", "-no-color"), "Success! 1 passed, 0 failed.")
	cli.succeed("fmt", "-check", "-recursive")
}
