package moduletest_test

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/sandbox"
)

// demo starts the demo in a process group of its own, with an empty directory for temporary files.
func demo(t *testing.T, cli string) (started *exec.Cmd, said *bufio.Scanner, temporary string) {
	t.Helper()
	temporary = t.TempDir()
	cmd := exec.CommandContext(t.Context(), "examples/demo/demo.sh")
	cmd.Dir = root
	cmd.Env = append(sandbox.CleanEnvironment(), "TMPDIR="+temporary, "TF_ACC_TERRAFORM_PATH="+cli)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(output), temporary
}

func TestDemoTidiesUpWhereverItIsInterrupted(t *testing.T) {
	t.Parallel()
	cli, err := sandbox.FindCLI()
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		at     string
		signal syscall.Signal
		code   int
	}{
		"while it builds":            {"==> Build", syscall.SIGINT, 130},
		"while Terraform runs":       {"$ terraform apply tfplan", syscall.SIGINT, 130},
		"while Terraform runs, TERM": {"$ terraform plan", syscall.SIGTERM, 143},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd, said, temporary := demo(t, cli)
			reached := false
			for !reached && said.Scan() {
				reached = strings.Contains(said.Text(), tt.at)
			}
			if err := syscall.Kill(-cmd.Process.Pid, tt.signal); err != nil {
				t.Fatal(err)
			}
			var rest []string
			for said.Scan() {
				rest = append(rest, said.Text())
			}
			_ = cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != tt.code {
				t.Errorf("it exits with %d, want %d, after\n%s", code, tt.code, strings.Join(rest, "\n"))
			}
			expectNothingLeft(t, cmd, temporary)
		})
	}
}

func TestDemoStopsAndTidiesUpWhereTerraformFails(t *testing.T) {
	t.Parallel()
	cmd, said, temporary := demo(t, "/bin/false")
	var told strings.Builder
	for said.Scan() {
		told.WriteString(said.Text() + "\n")
	}
	if err := cmd.Wait(); err == nil || !strings.Contains(told.String(), "The demo stopped: ") {
		t.Errorf("it ends with %v, after\n%s", err, told.String())
	}
	expectNothingLeft(t, cmd, temporary)
}

func expectNothingLeft(t *testing.T, cmd *exec.Cmd, temporary string) {
	t.Helper()
	if err := syscall.Kill(-cmd.Process.Pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("processes are left: %v", err)
	}
	files, err := os.ReadDir(temporary)
	if err != nil || len(files) > 0 {
		t.Errorf("files are left: %v, %v", files, err)
	}
}
