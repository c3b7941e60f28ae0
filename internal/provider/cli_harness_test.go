package provider_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

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

// terraform runs Terraform with the boxes that it draws around errors and warnings, but
// without their colors. It returns what Terraform says, and its exit code.
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

// mustFail runs Terraform for what has to be refused with an error that has each of the
// words, and returns the error.
func (c *cli) mustFail(args []string, words ...string) string {
	c.t.Helper()
	output, code := c.terraform(args...)
	if code != 1 {
		c.t.Errorf("terraform %s exits with %d, want 1:\n%s", strings.Join(args, " "), code, output)
	}
	errors := told("Error", output)
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

// applySaved carries out the plan in the file and returns what Terraform says. If it is
// refused, the test fails, and goes on to look at what happened.
func (c *cli) applySaved(args ...string) string {
	c.t.Helper()
	output, code := c.terraform(slices.Concat([]string{"apply"}, args, []string{planFile})...)
	if code != 0 {
		c.t.Errorf("the apply of the saved plan exits with %d, want 0:\n%s", code, output)
	}
	return output
}

// failSaved is applySaved for a plan that has to be refused, because somebody acted since,
// with an error that has each of the words and asks for a new plan.
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

// inState returns the attributes that the state has of a resource of the root module,
// nil if it does not have the resource.
func (c *cli) inState(address string) map[string]any {
	c.t.Helper()
	var state tfjson.State
	if err := json.Unmarshal([]byte(c.succeed("show", "-json")), &state); err != nil {
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

// assertWrites fails the test unless the service saw these writes and no others, in any
// order, since the requests were last forgotten.
func (m *mock) assertWrites(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for _, r := range m.Requests() {
		if r.Method != http.MethodGet {
			got = append(got, strings.TrimSpace(r.Operation+" "+r.Stage))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the service saw the writes %q, want %q", got, want)
	}
}

// assertHolder fails the test unless a stage of "db" is on a version, "" for nowhere.
func (m *mock) assertHolder(t *testing.T, stage, version string) {
	t.Helper()
	if got := m.StageHolder("db", stage); got != version {
		t.Errorf("%s is on %q, want %q", stage, got, version)
	}
}

var colors = regexp.MustCompile("\x1b\\[[0-9;]*m")

// told returns what Terraform tells in boxes with a title that begins with the kind,
// "Error" or "Warning", without what it says of the way in which tests name the provider.
func told(kind, output string) string {
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

// assertNames fails the test unless a text has each of the words whole: "v1" is not in
// "v10".
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

// watcher acts after the service has processed a request, before its answer leaves.
type watcher struct {
	act atomic.Pointer[func(csmstest.Request)]
}

// newWatchedSecret is newSecret with a watcher of what becomes of the requests.
func newWatchedSecret(t *testing.T, opts ...csmstest.Option) (*mock, *watcher) {
	t.Helper()
	w := &watcher{}
	m := newSecret(t, append(opts, csmstest.WithRequestLog(func(r csmstest.Request) {
		if act := w.act.Load(); act != nil {
			(*act)(r)
		}
	}))...)
	return m, w
}

// afterFirst acts once, when the first call of an operation has been processed.
func (w *watcher) afterFirst(operation string, act func()) {
	var acted atomic.Bool
	once := func(r csmstest.Request) {
		if r.Operation == operation && acted.CompareAndSwap(false, true) {
			act()
		}
	}
	w.act.Store(&once)
}
