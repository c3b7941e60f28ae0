// Package moduletest_test runs what is in examples with the real Terraform CLI, the built provider and the mock endpoint,
// without a registry: the modules, the demo, and each example of the documentation.
package moduletest_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

const modules = root + "/examples/modules"

func TestModules(t *testing.T) {
	t.Parallel()
	built := build(t)
	t.Run("are valid", func(t *testing.T) {
		t.Parallel()
		testValidity(t, built)
	})
	t.Run("pass their own tests", func(t *testing.T) {
		t.Parallel()
		testOwnTests(t, built)
	})
	t.Run("have examples that apply and then plan nothing", func(t *testing.T) {
		t.Parallel()
		testExamples(t, built)
	})
	t.Run("rotation", func(t *testing.T) {
		t.Parallel()
		testRotation(t, built)
	})
	t.Run("stop a first apply whose stages somebody else moved since the plan", func(t *testing.T) {
		t.Parallel()
		testFence(t, built)
	})
	t.Run("take over a state without expected_version_id", func(t *testing.T) {
		t.Parallel()
		testUpgrade(t, built)
	})
	t.Run("roll back", func(t *testing.T) {
		t.Parallel()
		testRollBack(t, built)
	})
	t.Run("exchange stages without losing a version", func(t *testing.T) {
		t.Parallel()
		testSwap(t, built)
	})
	t.Run("know the version before also after a move by others", func(t *testing.T) {
		t.Parallel()
		testPreviousVersions(t, built)
	})
}

func testValidity(t *testing.T, built binaries) {
	t.Helper()
	for _, module := range found(t, "*/main.tf") {
		module := filepath.Dir(module)
		t.Run(module, func(t *testing.T) {
			t.Parallel()
			cli := built.terraform(t, module, nil)
			cli.succeed("validate", "-no-color")
			cli.succeed("fmt", "-check", "-diff", "-recursive")
		})
	}
}

// testOwnTests runs each test file against an endpoint of its own, seeded with the file of the same name.
func testOwnTests(t *testing.T, built binaries) {
	t.Helper()
	for _, file := range found(t, "*/tests/*.tftest.hcl") {
		name := strings.TrimSuffix(file, ".tftest.hcl")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service := built.startMock(t, filepath.Join(modules, name+".seed.yaml"))
			cli := built.terraform(t, filepath.Dir(filepath.Dir(file)), service)
			output := cli.succeed("test", "-no-color", "-filter="+filepath.Join("tests", filepath.Base(file)))
			if !strings.Contains(output, "Success!") || strings.Contains(output, " 0 passed") {
				t.Errorf("no test was run:\n%s", output)
			}
		})
	}
}

func testExamples(t *testing.T, built binaries) {
	t.Helper()
	for _, file := range found(t, "*/examples/*/main.tf") {
		example := filepath.Dir(file)
		t.Run(example, func(t *testing.T) {
			t.Parallel()
			mock, service := newMock(t)
			for _, name := range []string{"db-password", "api-key"} {
				mock.PutSecret(rotatedSecret(name))
			}
			service["TF_VAR_new_version_id"] = "v3"
			cli := built.terraform(t, example, service)
			cli.succeed("get")
			cli.succeed("validate", "-no-color")
			cli.apply()
			cli.plansNothing()
		})
	}
}

// rotatedSecret has been rotated once, and v3 is about to be.
func rotatedSecret(name string) csmstest.Secret {
	return csmstest.Secret{Name: name, Versions: []csmstest.Version{
		{ID: "v1", Stages: []string{"SYSPREVIOUS"}},
		{ID: "v2", Stages: []string{"SYSCURRENT"}},
		{ID: "v3", Stages: []string{"CANDIDATE"}},
	}}
}

// found lists files of the modules, relative to their common directory.
func found(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(modules, pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("no file is named %s: %v", pattern, err)
	}
	for i, file := range files {
		if files[i], err = filepath.Rel(modules, file); err != nil {
			t.Fatal(err)
		}
	}
	return files
}
