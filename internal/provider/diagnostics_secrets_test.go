package provider_test

import (
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func TestDiagnostics_NothingSecretIsPrintedLoggedOrStored(t *testing.T) {
	t.Parallel()
	c := newCLI(t, newSecret(t), greenOn("v1")+`
data "csms_secret_versions" "db" {
  secret_name = "db"
  depends_on  = [csms_secret_stage.green]
}
`)
	c.env = append(c.env, "TF_LOG=TRACE", "TF_LOG_PATH=trace.log")
	output := c.must("apply", "-auto-approve", "-no-color") + c.content("trace.log") + c.content("terraform.tfstate")
	for _, secret := range []string{csmstest.DefaultSecretKey, csmstest.DefaultAccessKey, csmstest.PlaintextMark} {
		if strings.Contains(output, secret) {
			t.Errorf("%q is in the output, the log or the state", secret)
		}
	}
	assertContains(t, output, "CSMS call", "request_id=", "secret=db", "stage=GREEN")
}

func TestDiagnostics_FailuresTellNoCredentialAndNoBody(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		env   []string
		fault csmstest.Fault
		says  string
	}{
		"unknown access key": {[]string{"HW_ACCESS_KEY=hush-access-key", "HW_SECRET_KEY=hush-secret-key"}, csmstest.Fault{}, "APIGW.0301"},
		"unknown token":      {[]string{"HW_ACCESS_KEY=", "HW_SECRET_KEY=", "HW_AUTH_TOKEN=hush-token"}, csmstest.Fault{}, "APIGW.0301"},
		"temporary key":      {[]string{"HW_SECURITY_TOKEN=hush-security-token"}, csmstest.Fault{}, "APIGW.0301"},
		"value in an answer": {nil, csmstest.Fault{Status: 200, Body: `{"version":{"secret_string":"hush"}}`}, "not what this operation returns"},
		"value in a refusal": {nil, csmstest.Fault{Status: 400, Body: `{"secret_string":"hush"}`}, "JSON of an unexpected shape"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			m.Fail(on("ListVersions", tt.fault))
			c := newCLI(t, m, "data \"csms_secret_versions\" \"db\" {\n  secret_name = \"db\"\n}\n")
			c.env = append(append(c.env, "TF_LOG=TRACE", "TF_LOG_PATH=trace.log"), tt.env...)
			output, code := c.run("plan", "-no-color")
			if code != 1 || !strings.Contains(strings.Join(strings.Fields(output), " "), tt.says) {
				t.Errorf("the plan exits with %d and does not say %q:\n%s", code, tt.says, output)
			}
			for where, text := range map[string]string{"output": output, "log": c.content("trace.log")} {
				if strings.Contains(text, "hush") {
					t.Errorf("something secret is in the %s", where)
				}
			}
		})
	}
}
