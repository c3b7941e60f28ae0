package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// command is the command while it runs.
type command struct {
	t     *testing.T
	url   string
	told  string // What it printed until it served.
	lines chan string
	end   func() // Ends it and waits for its end.
}

// start runs the command with a free port until the test ends, and waits until it serves.
func start(t *testing.T, args ...string) *command {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), writer)
		ended <- errors.Join(err, writer.Close())
	}()
	c := &command{t: t, lines: make(chan string, 1000)}
	go func() {
		for scanner := bufio.NewScanner(reader); scanner.Scan(); {
			c.lines <- scanner.Text()
		}
		close(c.lines)
	}()
	over := false
	c.end = func() {
		if over {
			return
		}
		over = true
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the command ended with %v", err)
		}
	}
	t.Cleanup(c.end)
	c.findURL()
	return c
}

// findURL reads what the command prints up to where it listens.
func (c *command) findURL() {
	c.t.Helper()
	for line := range c.lines {
		c.told += line + "\n"
		if _, url, ok := strings.Cut(line, "export CSMS_ENDPOINT="); ok {
			c.url = strings.TrimSuffix(url, "/{region}")
		}
		var serving struct{ Msg, URL string }
		if json.Unmarshal([]byte(line), &serving) == nil && serving.Msg == "serving" {
			c.url = serving.URL
			return
		}
		if line == "# csms-mock is ready." {
			return
		}
	}
	c.t.Fatalf("the command printed only %q", c.told)
}

// wait reads on up to a line with the given text.
func (c *command) wait(text string) string {
	c.t.Helper()
	for line := range c.lines {
		if strings.Contains(line, text) {
			return line
		}
	}
	c.t.Fatalf("the command ended without printing %q", text)
	return ""
}

// rest reads all lines up to the end of the command, which it brings about.
func (c *command) rest() string {
	c.end()
	var all strings.Builder
	for line := range c.lines {
		all.WriteString(line + "\n")
	}
	return all.String()
}

// ask sends a request with a token, if there is one, and returns status and body.
func (c *command) ask(token, method, path, body string) (status int, answer string) {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Auth-Token", token)
	return c.send(r)
}

// askAs asks for a path under another name than the address.
func (c *command) askAs(host, path string) (status int, answer string) {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.url+path, http.NoBody)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Host = host
	return c.send(r)
}

func (c *command) send(r *http.Request) (status int, answer string) {
	c.t.Helper()
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	var text bytes.Buffer
	_, err = text.ReadFrom(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		c.t.Fatal(err)
	}
	if token := response.Header.Get("X-Subject-Token"); token != "" {
		return response.StatusCode, token
	}
	return response.StatusCode, text.String()
}

// login obtains a token.
func (c *command) login() string {
	c.t.Helper()
	body := fmt.Sprintf(`{"auth":{"identity":{"methods":["password"],"password":{"user":{"id":%q,"password":%q}}},`+
		`"scope":{"project":{"id":%q}}}}`, csmstest.DefaultUserID, csmstest.DefaultPassword, csmstest.DefaultProjectID)
	status, token := c.ask("", http.MethodPost, "/v3/auth/tokens", body)
	if status != http.StatusCreated {
		c.t.Fatalf("the login is answered by %d %s", status, token)
	}
	return token
}
