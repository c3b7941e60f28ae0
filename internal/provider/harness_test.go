package provider_test

import (
	"os"
	"os/exec"
	"testing"
)

// The test runs itself once more, in a shell with an account. Tests that set a variable are over
// when it looks: they do not run in parallel.
func TestProvider_NothingOfADevelopersShellReachesATest(t *testing.T) {
	t.Parallel()
	const again = "TESTED_AGAIN"
	settings := []string{"HW_PROJECT_ID", "OS_REGION_NAME", "CSMS_MAX_REQUESTS_PER_SECOND", "HUAWEICLOUD_SDK_AK", "TF_CLI_ARGS_plan"}
	for _, name := range settings {
		if value, found := os.LookupEnv(name); found {
			t.Errorf("%s is %q", name, value)
		}
	}
	if os.Getenv(again) != "" {
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), again+"=1")
	for _, name := range settings {
		cmd.Env = append(cmd.Env, name+"=x")
	}
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("the tests in a developer's shell: %v\n%s", err, output)
	}
}
