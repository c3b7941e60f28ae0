package sandbox

import (
	"maps"
	"os"
	"slices"
	"strings"
)

// IsOwnVariable tells whether an environment variable would reach Terraform, the provider
// or the Huawei SDK. Those that choose the CLI of the tests, TF_ACC and its like, are not
// among them.
func IsOwnVariable(name string) bool {
	if strings.HasPrefix(name, "TF_ACC") {
		return false
	}
	return slices.ContainsFunc([]string{"TF_", "HW_", "OS_", "CSMS_", "HUAWEICLOUD_"}, func(prefix string) bool {
		return strings.HasPrefix(name, prefix)
	})
}

// CleanEnvironment is the environment without the variables that IsOwnVariable finds.
func CleanEnvironment() []string {
	return slices.DeleteFunc(os.Environ(), func(assignment string) bool {
		name, _, _ := strings.Cut(assignment, "=")
		return IsOwnVariable(name)
	})
}

// Assignments writes variables as an environment has them, sorted by name.
func Assignments(variables map[string]string) []string {
	assignments := make([]string, 0, len(variables))
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		assignments = append(assignments, name+"="+variables[name])
	}
	return assignments
}
