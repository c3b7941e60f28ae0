package sandbox_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/sandbox"
)

func TestOwnVariablesAreThoseThatTerraformOrTheProviderReads(t *testing.T) {
	t.Parallel()
	for name, own := range map[string]bool{
		"TF_LOG": true, "TF_CLI_CONFIG_FILE": true, "TF_VAR_secret": true,
		"HW_PROJECT_ID": true, "OS_PROJECT_ID": true, "CSMS_ENDPOINT": true, "HUAWEICLOUD_SDK_AK": true,
		"TF_ACC": false, "TF_ACC_TERRAFORM_PATH": false, "TF_ACC_PROVIDER_HOST": false,
		"PATH": false, "GOFLAGS": false, "MY_HW_KEY": false, "": false,
	} {
		if got := sandbox.IsOwnVariable(name); got != own {
			t.Errorf("IsOwnVariable(%q) is %t, want %t", name, got, own)
		}
	}
}

func TestCleanEnvironmentLacksTheDevelopersAccountAlone(t *testing.T) {
	t.Setenv("OS_PROJECT_ID", "x=y")
	t.Setenv("CSMS_ENDPOINT", "x=y")
	t.Setenv("SANDBOX_KEPT", "x=y")
	clean := sandbox.CleanEnvironment()
	for _, assignment := range clean {
		if strings.HasPrefix(assignment, "OS_PROJECT_ID=") || strings.HasPrefix(assignment, "CSMS_ENDPOINT=") {
			t.Errorf("%s is kept", assignment)
		}
	}
	if !slices.Contains(clean, "SANDBOX_KEPT=x=y") {
		t.Error("a variable that nobody here reads is lost")
	}
}

func TestAssignmentsAreSortedByName(t *testing.T) {
	t.Parallel()
	got := sandbox.Assignments(map[string]string{"B": "2", "A": "1=1", "C": ""})
	if want := []string{"A=1=1", "B=2", "C="}; !slices.Equal(got, want) {
		t.Errorf("the assignments are %q, want %q", got, want)
	}
}
