package sandbox_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/sandbox"
)

// playsCLI makes this test's program play a Terraform that runs until it is interrupted.
const playsCLI = "SANDBOX_TEST_PLAYS_CLI"

func TestMain(m *testing.M) {
	if os.Getenv(playsCLI) != "" {
		playCLI()
		return
	}
	os.Exit(m.Run())
}

// playCLI prints its arguments, its directory and what it finds in the environment.
func playCLI() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	dir, _ := os.Getwd()
	fmt.Println("arguments", os.Args[1:])
	fmt.Println("directory", dir)
	for _, name := range []string{"TF_CLI_CONFIG_FILE", "CHECKPOINT_DISABLE", "HW_PROJECT_ID", "CSMS_ENDPOINT"} {
		fmt.Println(name, os.Getenv(name))
	}
	fmt.Println("ready")
	<-ctx.Done()
	fmt.Println("interrupted")
}

// played starts a CLI that this test's program plays, and returns what it prints until it is ready.
func played(ctx context.Context, t *testing.T, dir string, env ...string) (cmd *exec.Cmd, told []string, rest *bufio.Scanner) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := &sandbox.Sandbox{Dir: "/built", CLI: program}
	cmd = s.Command(ctx, dir, append(env, playsCLI+"=1"), "plan", "-input=false")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	rest = bufio.NewScanner(stdout)
	for rest.Scan() && rest.Text() != "ready" {
		told = append(told, rest.Text())
	}
	return cmd, told, rest
}

func TestCommandSeesTheSandboxAndWhatItIsGiven(t *testing.T) {
	t.Setenv("HW_PROJECT_ID", "somebody's")
	t.Setenv("CSMS_ENDPOINT", "somebody's")
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cmd, told, _ := played(ctx, t, dir, "CSMS_ENDPOINT=overridden", "CSMS_ENDPOINT=mine")
	cancel()
	_ = cmd.Wait()
	want := []string{
		"arguments [plan -input=false]", "directory " + dir, "TF_CLI_CONFIG_FILE " + filepath.Join("/built", "cli.tfrc"),
		"CHECKPOINT_DISABLE 1", "HW_PROJECT_ID ", "CSMS_ENDPOINT mine",
	}
	if !slices.Equal(told, want) {
		t.Errorf("the command sees %q, want %q", told, want)
	}
}

func TestCommandIsInterruptedWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there are no interrupts")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cmd, _, rest := played(ctx, t, t.TempDir())
	cancel()
	if !rest.Scan() || rest.Text() != "interrupted" {
		t.Errorf("the command was ended otherwise, with the last words %q", rest.Text())
	}
	_ = cmd.Wait()
}

func TestChildrenAreThoseThatRun(t *testing.T) {
	t.Parallel()
	if lists, _ := filepath.Glob("/proc/self/task/*/children"); len(lists) == 0 {
		t.Skip("the system does not tell who is whose child")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cmd, _, _ := played(ctx, t, t.TempDir())
	if children := sandbox.Children(os.Getpid()); !slices.Contains(children, cmd.Process.Pid) {
		t.Errorf("the children are %v, want %d among them", children, cmd.Process.Pid)
	}
	cancel()
	_ = cmd.Wait()
	if children := sandbox.Children(os.Getpid()); slices.Contains(children, cmd.Process.Pid) {
		t.Errorf("%d has ended and is still a child", cmd.Process.Pid)
	}
}

func TestBuiltProviderIsTheOneThatTerraformRuns(t *testing.T) {
	t.Parallel()
	s, err := sandbox.Build(t.Context(), t.TempDir(), ".")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	configuration := "terraform {\n  required_providers {\n    csms = { source = \"csms/csms\" }\n  }\n}\n"
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	output, err := s.Command(t.Context(), dir, nil, "providers", "schema", "-json").CombinedOutput()
	if err != nil || !strings.Contains(string(output), "csms_secret_stage") {
		t.Errorf("the provider's schema is not told: %v\n%.1000s", err, output)
	}
}

func TestBuildTellsWhichPackageIsWrong(t *testing.T) {
	t.Parallel()
	_, err := sandbox.Build(t.Context(), t.TempDir(), "internal/cmd/missing")
	if err == nil || !strings.Contains(err.Error(), "build internal/cmd/missing") {
		t.Errorf("the error is %v, want one that names the package", err)
	}
}

func TestBuildAsksForTerraform(t *testing.T) {
	t.Setenv("TF_ACC_TERRAFORM_PATH", filepath.Join(t.TempDir(), "missing"))
	_, err := sandbox.Build(t.Context(), t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "find Terraform") || !strings.Contains(err.Error(), "TERRAFORM=") {
		t.Errorf("the error is %v, want one that says how to name a CLI", err)
	}
}
