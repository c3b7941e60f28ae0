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
	"testing"
	"time"
)

// browser is a headless Chromium with one tab, driven over the pipes of its DevTools protocol.
type browser struct {
	t       *testing.T
	to      *os.File
	from    *bufio.Reader
	session string
	calls   int
}

// browse starts a browser, or skips the test where there is none.
func browse(t *testing.T, width, height int) *browser {
	t.Helper()
	program := chromium(t)
	toBrowser, to := pipe(t)
	from, fromBrowser := pipe(t)
	c := exec.CommandContext(context.WithoutCancel(t.Context()), program, "--headless", "--no-sandbox",
		"--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--hide-scrollbars", "--user-data-dir="+t.TempDir(),
		"--remote-debugging-pipe", fmt.Sprintf("--window-size=%d,%d", width, height), "about:blank")
	c.ExtraFiles = []*os.File{toBrowser, fromBrowser}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, to: to, from: bufio.NewReader(from)}
	t.Cleanup(func() {
		_, err := to.WriteString(`{"id":0,"method":"Browser.close"}` + "\x00")
		if err := errors.Join(err, c.Wait()); err != nil {
			t.Errorf("the browser ended with %v", err)
		}
	})
	if err := errors.Join(toBrowser.Close(), fromBrowser.Close()); err != nil {
		t.Fatal(err)
	}
	b.openTab()
	return b
}

func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if program, err := exec.LookPath(name); err == nil {
			return program
		}
	}
	t.Skip("There is no Chromium on PATH to look at the dashboard with; Debian has it in the package chromium.")
	return ""
}

func pipe(t *testing.T) (reader, writer *os.File) {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = errors.Join(reader.Close(), writer.Close()) })
	return reader, writer
}

func (b *browser) openTab() {
	b.t.Helper()
	var tab struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &tab)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": tab.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
}

// call sends a command of the protocol and waits for its answer, passing over events.
func (b *browser) call(method string, params map[string]any, result any) {
	b.t.Helper()
	b.calls++
	command := map[string]any{"id": b.calls, "method": method, "params": params}
	if b.session != "" {
		command["sessionId"] = b.session
	}
	text, err := json.Marshal(command)
	if err == nil {
		_, err = b.to.Write(append(text, 0))
	}
	if err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
	b.await(method, result)
}

func (b *browser) await(method string, result any) {
	b.t.Helper()
	for {
		text, err := b.from.ReadBytes(0)
		if err != nil {
			b.t.Fatalf("%s: %v", method, err)
		}
		var message struct {
			ID     int
			Error  json.RawMessage
			Result json.RawMessage
		}
		if err := json.Unmarshal(bytes.TrimSuffix(text, []byte{0}), &message); err != nil {
			b.t.Fatalf("%s: %v", method, err)
		}
		if message.ID != b.calls {
			continue
		}
		if message.Error != nil {
			b.t.Fatalf("%s: %s", method, message.Error)
		}
		if result != nil {
			if err := json.Unmarshal(message.Result, result); err != nil {
				b.t.Fatalf("%s: %v", method, err)
			}
		}
		return
	}
}

// resize sets the width of the page, which windows cannot have as narrow as telephones.
func (b *browser) resize(width int) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride",
		map[string]any{"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false}, nil)
}

// open goes to a page and waits until it says that it is live.
func (b *browser) open(url string) {
	b.t.Helper()
	b.call("Page.navigate", map[string]any{"url": url}, nil)
	b.wait(`document.getElementById("live")?.textContent`, "live")
}

// eval gives the value of an expression in the page as text.
func (b *browser) eval(expression string) string {
	b.t.Helper()
	var answer struct {
		Result           struct{ Value any }
		ExceptionDetails json.RawMessage
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true},
		&answer)
	if answer.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", expression, answer.ExceptionDetails)
	}
	return strings.TrimSpace(fmt.Sprint(answer.Result.Value))
}

// wait evaluates an expression on each frame that the page draws until it has a value.
func (b *browser) wait(expression, want string) {
	b.t.Helper()
	const patience = 2 * time.Minute
	var got string
	for begun := time.Now(); time.Since(begun) < patience; {
		if got = b.eval(expression); got == want {
			return
		}
		b.eval(`new Promise((done) => setTimeout(done, 20))`)
	}
	b.t.Fatalf("%s is %q after %v, want %q", expression, got, patience, want)
}
