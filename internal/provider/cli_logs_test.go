package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func TestNothingSecretIsPrintedLoggedOrStored(t *testing.T) {
	t.Parallel()
	c := newCLI(t, newSecret(t), greenOn("v1")+`
data "csms_secret_versions" "db" {
  secret_name = "db"
  depends_on  = [csms_secret_stage.green]
}
`)
	c.env = append(c.env, "TF_LOG=TRACE", "TF_LOG_PATH=trace.log")
	output := c.succeed("apply", "-auto-approve", "-no-color")
	for _, name := range []string{"trace.log", "terraform.tfstate"} {
		content, err := os.ReadFile(filepath.Join(c.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		output += string(content)
	}
	for _, secret := range []string{csmstest.DefaultSecretKey, csmstest.DefaultAccessKey, csmstest.PlaintextMark} {
		if strings.Contains(output, secret) {
			t.Errorf("%q is in the output, the log or the state", secret)
		}
	}
	for _, want := range []string{"CSMS call", "request_id=", "secret=db", "stage=GREEN"} {
		if !strings.Contains(output, want) {
			t.Errorf("the log does not tell %q", want)
		}
	}
}
