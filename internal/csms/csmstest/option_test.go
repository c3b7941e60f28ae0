package csmstest_test

import (
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func TestEnvironmentSetsEachVariable(t *testing.T) {
	t.Parallel()
	const url = "http://127.0.0.1:1"
	want := ""
	variables := csmstest.Variables(url)
	for _, name := range []string{"CSMS_ENDPOINT", "HW_ACCESS_KEY", "HW_AUTH_URL", "HW_REGION_NAME", "HW_SECRET_KEY"} {
		want += "export " + name + "=" + variables[name] + "\n"
	}
	if got := csmstest.Environment(url); got != want || len(variables) != 5 {
		t.Errorf("the commands are\n%s, want\n%s", got, want)
	}
	if variables["CSMS_ENDPOINT"] != url || variables["HW_AUTH_URL"] != url+"/v3" || variables["HW_SECRET_KEY"] != csmstest.DefaultSecretKey {
		t.Errorf("the variables are %v", variables)
	}
}
