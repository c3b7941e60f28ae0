package provider_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/sandbox"
)

// buildDir is where buildProvider puts its results.
var buildDir string

func TestMain(m *testing.M) {
	forgetShell()
	dir, err := os.MkdirTemp("", "terraform-provider-csms-")
	if err != nil {
		panic(err)
	}
	buildDir = dir
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// forgetShell unsets what a developer's shell may have set for the provider or for Terraform. Two
// settings stay: the log, which shows what a test does, and Terraform's own configuration, without
// which it reads the one in the home directory.
func forgetShell() {
	for _, assignment := range os.Environ() {
		name, _, _ := strings.Cut(assignment, "=")
		stays := strings.HasPrefix(name, "TF_LOG") || name == "TF_CLI_CONFIG_FILE"
		if sandbox.IsOwnVariable(name) && !stays {
			_ = os.Unsetenv(name)
		}
	}
}

// buildProvider builds the provider once for all tests that need it as a process of its own.
var buildProvider = sync.OnceValues(func() (*sandbox.Sandbox, error) {
	return sandbox.Build(context.Background(), buildDir, ".")
})

// cli is a working directory with a configuration, for the real Terraform CLI and the real
// provider, each a process of its own.
type cli struct {
	t     *testing.T
	built *sandbox.Sandbox
	dir   string
	env   []string
}

// newCLI writes a configuration that finds the mock through the environment.
func newCLI(t *testing.T, m *mock, hcl string) *cli {
	t.Helper()
	built, err := buildProvider()
	if err != nil {
		t.Fatal(err)
	}
	c := &cli{t: t, built: built, dir: t.TempDir(), env: sandbox.Assignments(csmstest.Variables(m.url))}
	c.writeFile("versions.tf", "terraform {\n  required_providers {\n    csms = {\n      source = \"csms/csms\"\n    }\n  }\n}\n")
	c.write(hcl)
	return c
}

// write replaces the configuration, all but the provider's source.
func (c *cli) write(hcl string) {
	c.t.Helper()
	c.writeFile("main.tf", hcl)
}

func (c *cli) writeFile(name, content string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), []byte(content), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// command prepares a run of Terraform.
func (c *cli) command(ctx context.Context, args ...string) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	cmd = c.built.Command(ctx, c.dir, c.env, args...)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	return cmd, stdout, stderr
}

// run runs Terraform and returns what it prints, and its exit code.
func (c *cli) run(args ...string) (output string, code int) {
	c.t.Helper()
	cmd, stdout, stderr := c.command(c.t.Context(), args...)
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		c.t.Fatal(err)
	}
	return stdout.String() + stderr.String(), cmd.ProcessState.ExitCode()
}

// stageBlock is a resource that puts a stage of the secret "db" on a version.
func stageBlock(resourceName, stage, version, settings string) string {
	return `
resource "csms_secret_stage" "` + resourceName + `" {
  secret_name = "db"
  name        = "` + stage + `"
  version_id  = "` + version + `"
  ` + settings + `
}
`
}

// expiryBlock is a resource that sets the expiry of version v1 of the secret "db".
func expiryBlock(expireTime string) string {
	return `
resource "csms_secret_version_expiry" "v1" {
  secret_name = "db"
  version_id  = "v1"
  expire_time = "` + expireTime + `"
}
`
}

// terraform runs Terraform with the boxes that it draws around errors and warnings, but without
// their colors. It returns what Terraform says, and its exit code.
func (c *cli) terraform(args ...string) (output string, code int) {
	c.t.Helper()
	output, code = c.run(args...)
	return colors.ReplaceAllString(output, ""), code
}

// must runs Terraform for what has to work, and returns what it says.
func (c *cli) must(args ...string) string {
	c.t.Helper()
	output, code := c.terraform(args...)
	if code != 0 {
		c.t.Fatalf("terraform %s exits with %d, want 0:\n%s", strings.Join(args, " "), code, output)
	}
	return output
}

// mustFail runs Terraform for what has to be refused with an error that has each of the words, and
// returns the error.
func (c *cli) mustFail(args []string, words ...string) string {
	c.t.Helper()
	output, code := c.terraform(args...)
	if code != 1 {
		c.t.Errorf("terraform %s exits with %d, want 1:\n%s", strings.Join(args, " "), code, output)
	}
	errors := messages("Error", output)
	assertNames(c.t, errors, words...)
	return errors
}

// applied applies a configuration, and forgets the requests that this took.
func (c *cli) applied(m *mock, hcl string) {
	c.t.Helper()
	c.write(hcl)
	c.must("apply", "-auto-approve")
	m.ResetRequests()
}

const planFile = "saved.tfplan"

// savePlan plans the configuration into a file and returns what Terraform says.
func (c *cli) savePlan(args ...string) string {
	c.t.Helper()
	return c.must(slices.Concat([]string{"plan", "-out=" + planFile}, args)...)
}

// applySaved carries out the plan in the file and returns what Terraform says. If it is refused,
// the test fails, and goes on to look at what happened.
func (c *cli) applySaved(args ...string) string {
	c.t.Helper()
	output, code := c.terraform(slices.Concat([]string{"apply"}, args, []string{planFile})...)
	if code != 0 {
		c.t.Errorf("the apply of the saved plan exits with %d, want 0:\n%s", code, output)
	}
	return output
}

// failSaved is applySaved for a plan that has to be refused, because somebody acted since, with an
// error that has each of the words and asks for a new plan.
func (c *cli) failSaved(words ...string) {
	c.t.Helper()
	errors := c.mustFail([]string{"apply", planFile}, words...)
	if !newPlan.MatchString(errors) {
		c.t.Errorf("there is no advice to plan again in: %s", errors)
	}
}

var newPlan = regexp.MustCompile(`(?i)new plan|plan again|terraform plan`)

// assertEmptyPlan fails the test unless one more plan of the configuration is empty.
func (c *cli) assertEmptyPlan(args ...string) {
	c.t.Helper()
	output, code := c.terraform(slices.Concat([]string{"plan", "-detailed-exitcode"}, args)...)
	if code != 0 {
		c.t.Errorf("the next plan exits with %d, want 0:\n%s", code, output)
	}
}

// inState returns the attributes that the state has of a resource of the root module, nil if it
// does not have the resource.
func (c *cli) inState(address string) map[string]any {
	c.t.Helper()
	var state tfjson.State
	if err := json.Unmarshal([]byte(c.must("show", "-json")), &state); err != nil {
		c.t.Fatal(err)
	}
	if state.Values == nil {
		return nil
	}
	for _, resource := range state.Values.RootModule.Resources {
		if resource.Address == address {
			return resource.AttributeValues
		}
	}
	return nil
}

// assertInState fails the test unless the state has this value of an attribute.
func (c *cli) assertInState(address, attribute string, want any) {
	c.t.Helper()
	if got := c.inState(address)[attribute]; got != want {
		c.t.Errorf("in the state %s.%s is %v, want %v", address, attribute, got, want)
	}
}

var colors = regexp.MustCompile("\x1b\\[[0-9;]*m")

// messages returns what Terraform says in boxes with a title that begins with the kind, "Error" or
// "Warning", without what it says of the way in which tests name the provider.
func messages(kind, output string) string {
	var all []string
	for _, box := range strings.Split(output, "╷\n")[1:] {
		box, _, _ = strings.Cut(box, "╵")
		text := strings.Join(strings.Fields(strings.ReplaceAll(box, "│", " ")), " ")
		if strings.HasPrefix(text, kind+": ") && !strings.Contains(text, "development overrides") {
			all = append(all, text)
		}
	}
	return strings.Join(all, "\n")
}

// assertNames fails the test unless a text has each of the words whole: "v1" is not in "v10".
func assertNames(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !namesWord(text, word) {
			t.Errorf("%q is not named in: %s", word, text)
		}
	}
}

func namesWord(text, word string) bool {
	return regexp.MustCompile(`(^|\W)` + regexp.QuoteMeta(word) + `(\W|$)`).MatchString(text)
}

// apply applies the configuration and makes sure that one more plan is empty. It returns what
// Terraform says about the apply.
func (c *cli) apply(hcl string, args ...string) string {
	c.t.Helper()
	c.write(hcl)
	output := c.must(append([]string{"apply", "-auto-approve", "-no-color"}, args...)...)
	if plan, code := c.run("plan", "-detailed-exitcode", "-no-color"); code != 0 {
		c.t.Errorf("the plan after the apply exits with %d:\n%s", code, plan)
	}
	return output
}

// content is what a file in the working directory holds.
func (c *cli) content(name string) string {
	c.t.Helper()
	content, err := os.ReadFile(filepath.Join(c.dir, name))
	if err != nil {
		c.t.Fatal(err)
	}
	return string(content)
}

// greenOn puts the stage GREEN of the secret "db" on a version.
func greenOn(version string) string {
	return stageBlock("green", "GREEN", version, "")
}
