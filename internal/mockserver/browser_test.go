package mockserver_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// chromium is a headless Chromium, driven over the pipes of its DevTools protocol. All tests share
// one, in which each has a window.
type chromium struct {
	command *exec.Cmd
	profile string

	mu    sync.Mutex // Held from a command to its response.
	to    *os.File
	from  *bufio.Reader
	calls int
}

var (
	sharedChromium = sync.OnceValues(startChromium)
	started        atomic.Pointer[chromium]
)

func TestMain(m *testing.M) {
	code := m.Run()
	if browser := started.Load(); browser != nil {
		if err := browser.end(); err != nil {
			fmt.Fprintln(os.Stderr, "the browser ended with", err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

func startChromium() (*chromium, error) {
	program, err := findChromium()
	if err != nil {
		return nil, err
	}
	c := &chromium{}
	if c.profile, err = os.MkdirTemp("", "chromium"); err != nil {
		return nil, err
	}
	toBrowser, to, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	from, fromBrowser, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	c.to, c.from = to, bufio.NewReader(from)
	c.command = exec.CommandContext(context.Background(), program, "--headless", "--no-sandbox", "--disable-gpu",
		"--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
		"--disable-sync", "--disable-background-timer-throttling", "--disable-renderer-backgrounding",
		"--hide-scrollbars",
		"--user-data-dir="+c.profile, "--remote-debugging-pipe", "about:blank")
	c.command.ExtraFiles = []*os.File{toBrowser, fromBrowser}
	if err := c.command.Start(); err != nil {
		return nil, err
	}
	started.Store(c)
	return c, errors.Join(toBrowser.Close(), fromBrowser.Close())
}

func findChromium() (program string, err error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if program, err = exec.LookPath(name); err == nil {
			return program, nil
		}
	}
	return "", err
}

func (c *chromium) end() error {
	_, err := c.to.WriteString(`{"id":0,"method":"Browser.close"}` + "\x00")
	return errors.Join(err, c.command.Wait(), os.RemoveAll(c.profile))
}

// call sends a command of the protocol and waits for its response, passing over events.
func (c *chromium) call(session, method string, params map[string]any, result any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	command := map[string]any{"id": c.calls, "method": method, "params": params}
	if session != "" {
		command["sessionId"] = session
	}
	text, err := json.Marshal(command)
	if err == nil {
		_, err = c.to.Write(append(text, 0))
	}
	for err == nil {
		if text, err = c.from.ReadBytes(0); err != nil {
			break
		}
		var message struct {
			ID            int
			Error, Result json.RawMessage
		}
		if err = json.Unmarshal(bytes.TrimSuffix(text, []byte{0}), &message); err != nil || message.ID != c.calls {
			continue
		}
		if message.Error != nil {
			return fmt.Errorf("%s: %s", method, message.Error)
		}
		if result == nil {
			return nil
		}
		return json.Unmarshal(message.Result, result)
	}
	return fmt.Errorf("%s: %w", method, err)
}

// window is a page in the shared browser.
type window struct {
	t       *testing.T
	browser *chromium
	session string
}

// browse opens a window of a width, or skips the test where there is no browser.
func browse(t *testing.T, width int) *window {
	t.Helper()
	browser, err := sharedChromium()
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip("There is no Chromium on PATH to look at the dashboard with; Debian has it in the package chromium.")
	}
	if err != nil {
		t.Fatal(err)
	}
	w := &window{t: t, browser: browser}
	var target struct{ TargetID string }
	w.call("Target.createTarget", map[string]any{"url": "about:blank", "newWindow": true}, &target)
	t.Cleanup(func() { w.session = ""; w.call("Target.closeTarget", map[string]any{"targetId": target.TargetID}, nil) })
	var attached struct{ SessionID string }
	w.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	w.session = attached.SessionID
	// Windows cannot be as narrow as telephones.
	w.call("Emulation.setDeviceMetricsOverride",
		map[string]any{"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false}, nil)
	return w
}

func (w *window) call(method string, params map[string]any, result any) {
	w.t.Helper()
	if err := w.browser.call(w.session, method, params, result); err != nil {
		w.t.Fatal(err)
	}
}

// open goes to a page and waits until it says that it is live.
func (w *window) open(url string) {
	w.t.Helper()
	w.call("Page.navigate", map[string]any{"url": url}, nil)
	w.wait(`document.getElementById("live")?.textContent`, "live")
}

// eval returns the value of an expression in the page as text.
func (w *window) eval(expression string) string {
	w.t.Helper()
	var response struct {
		Result           struct{ Value any }
		ExceptionDetails json.RawMessage
	}
	w.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true}, &response)
	if response.ExceptionDetails != nil {
		w.t.Fatalf("%s: %s", expression, response.ExceptionDetails)
	}
	return strings.TrimSpace(fmt.Sprint(response.Result.Value))
}

// wait evaluates an expression until it has a value.
func (w *window) wait(expression, want string) {
	w.t.Helper()
	const patience = 5 * time.Minute // only a page that is wrong takes it
	var got string
	for begun := time.Now(); time.Since(begun) < patience; <-time.After(20 * time.Millisecond) {
		if got = w.eval(expression); got == want {
			return
		}
	}
	w.t.Fatalf("%s is %q after %v, want %q", expression, got, patience, want)
}
