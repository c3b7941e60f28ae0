package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// start runs the command until the test ends and reads what it prints up to a line with the given text.
func start(t *testing.T, until string, args ...string) (lines *bufio.Scanner, told string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, args, writer)
		_ = writer.Close()
	}()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("the command ended with %v", err)
			}
		case <-time.After(10 * time.Second):
			t.Error("the command does not end")
		}
	})
	lines = bufio.NewScanner(reader)
	var all strings.Builder
	for lines.Scan() {
		all.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), until) {
			return lines, all.String()
		}
	}
	t.Fatalf("the command printed only %q", all.String())
	return nil, ""
}

func TestTheCommandTellsHowToUseItAndWhatItServes(t *testing.T) {
	t.Parallel()
	lines, told := start(t, "HW_SECRET_KEY=mock-secret-key", "-addr", "127.0.0.1:0")
	_, endpoint, _ := strings.Cut(told, "export CSMS_ENDPOINT=")
	endpoint, _, _ = strings.Cut(endpoint, "\n")
	for _, want := range []string{
		"export HW_AUTH_URL=" + endpoint + "/v3\n",
		"export HW_REGION_NAME=cn-north-4\n",
		"export HW_ACCESS_KEY=mock-access-key\n",
	} {
		if !strings.Contains(told, want) {
			t.Errorf("%q is not in\n%s", want, told)
		}
	}

	answered := make(chan error, 1)
	go func() { answered <- get(t.Context(), endpoint+"/v3/projects") }()
	logged := false
	for !logged && lines.Scan() {
		logged = strings.Contains(lines.Text(), `GET "/v3/projects" -> 401 APIGW.0301 (ListProjects`)
	}
	if err := <-answered; err != nil || !logged {
		t.Errorf("the request ended with %v; logged: %v", err, logged)
	}
}

func get(ctx context.Context, url string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	return response.Body.Close()
}

func TestTheCommandReadsASeed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "seed.json")
	if err := os.WriteFile(path, []byte(`{"secrets":[{"name":"a"},{"name":"b"},{"name":"c"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, told := start(t, "export HW_SECRET_KEY", "-addr", "localhost:0", "-seed", path); !strings.Contains(told, "3 secrets") {
		t.Errorf("it printed\n%s", told)
	}
}

func TestTheCommandRefuses(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]struct {
		args []string
		says string
	}{
		"addresses that others reach": {[]string{"-addr", "0.0.0.0:0"}, "-allow-remote"},
		"all addresses":               {[]string{"-addr", ":0"}, "-allow-remote"},
		"half an address":             {[]string{"-addr", "127.0.0.1"}, "127.0.0.1"},
		"a missing seed":              {[]string{"-seed", "/no/such/seed"}, "/no/such/seed"},
		"unknown flags":               {[]string{"-nonsense"}, "nonsense"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := run(t.Context(), try.args, io.Discard); err == nil || !strings.Contains(err.Error(), try.says) {
				t.Errorf("got %v, want an error that says %q", err, try.says)
			}
		})
	}
}

func TestTheCommandServesOthersIfTold(t *testing.T) {
	t.Parallel()
	start(t, "export HW_SECRET_KEY", "-addr", "0.0.0.0:0", "-allow-remote")
}
