package mockserver_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/mockserver"
)

func TestHandlerServesTheAPI(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.do(http.MethodGet, blue, "").want(t, http.StatusOK, `"version_id":"v2"`)
	c.do(http.MethodGet, "/v1/../v1", "").want(t, http.StatusNotFound, "APIGW.0101")
}

func TestOnlyThisMachineIsServed(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]struct {
		change func(*http.Request)
		fine   bool
	}{
		"loopback address":      {func(*http.Request) {}, true},
		"localhost":             {func(r *http.Request) { r.Host = "localhost:1" }, true},
		"IPv6":                  {func(r *http.Request) { r.Host = "[::1]:1" }, true},
		"rebound name":          {func(r *http.Request) { r.Host = "evil.example:8440" }, false},
		"name like localhost":   {func(r *http.Request) { r.Host = "localhost.evil.example" }, false},
		"page of another site":  {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, false},
		"form of another site":  {func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }, false},
		"body of another type":  {func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, false},
		"its own page's script": {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-origin") }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t)
			c.url = serve(t, c.mock, mockserver.Handler(c.mock, mockserver.Access{})).url
			for path, body := range map[string]string{
				controlS + "/stages/BY_CONTROL": `{"version_id":"v1"}`,
				secretS + "/stages/BY_API":      `{"version_id":"v1"}`,
			} {
				r := c.request(http.MethodPut, path, body)
				try.change(r)
				got := c.send(r)
				_, stage, _ := strings.Cut(path, "/stages/")
				if fine := got.status < 300; fine != try.fine || fine != (c.mock.StageHolder("s", stage) == "v1") {
					t.Errorf("%s: got %v, and the secret is %s", path, got, c.stages())
				}
			}
		})
	}
}

func TestOtherMachinesAreServedWhatIsAllowed(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]struct {
		access     mockserver.Access
		api, admin int
	}{
		"nothing":    {mockserver.Access{}, http.StatusForbidden, http.StatusForbidden},
		"the API":    {mockserver.Access{API: true}, http.StatusOK, http.StatusForbidden},
		"everything": {mockserver.Access{Admin: true}, http.StatusOK, http.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t)
			handler := mockserver.Handler(c.mock, try.access)
			c.url = serve(t, c.mock, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				r.RemoteAddr, r.Host = net.JoinHostPort("192.0.2.1", "1234"), "csms-mock:8440"
				handler.ServeHTTP(w, r)
			})).url
			c.do(http.MethodGet, blue, "").want(t, try.api)
			for _, path := range []string{"/", control, "/openapi.yaml", faults} {
				c.do(http.MethodGet, path, "").want(t, try.admin)
			}
			foreign := c.request(http.MethodPut, blue, `{"version_id":"v1"}`)
			foreign.Header.Set("Origin", "https://evil.example")
			c.send(foreign).want(t, http.StatusForbidden)
		})
	}
}

func TestNothingCanBeFramed(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	for _, path := range []string{"/", blue, "/openapi.yaml", "/nothing"} {
		header := c.do(http.MethodGet, path, "").header
		policy := header.Get("Content-Security-Policy")
		if header.Get("X-Frame-Options") != "DENY" || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s has %v", path, header)
		}
	}
}

// zeros is an endless body.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// runServer runs a server as the command does until the test ends.
func runServer(t *testing.T) *client {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := mockserver.Run(ctx, mockserver.Config{Addr: "127.0.0.1:0", Quiet: true}, writer)
		ended <- errors.Join(err, writer.Close())
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	c := &client{t: t}
	for lines := bufio.NewScanner(reader); lines.Scan() && lines.Text() != "# csms-mock is ready."; {
		if _, url, ok := strings.Cut(lines.Text(), "export CSMS_ENDPOINT="); ok {
			c.url = url
		}
	}
	return c
}

// It measures the memory of the process, so that no other test may run meanwhile.
func TestFloodOfLargeBodiesLeavesTheMemoryBounded(t *testing.T) { //nolint:paralleltest // See above.
	c := runServer(t)
	const size, most = 12 << 20, 16 << 20
	before := heap()
	var senders sync.WaitGroup
	for i := range 25 {
		senders.Go(func() {
			r := c.request(http.MethodPost, secretS+"/versions", "")
			r.Body, r.ContentLength = io.NopCloser(io.LimitReader(zeros{}, size)), size
			if i%2 == 0 {
				r.ContentLength = -1
			}
			c.send(r).want(t, http.StatusUnauthorized)
		})
	}
	flooded := make(chan struct{})
	go func() {
		senders.Wait()
		close(flooded)
	}()
	peak := uint64(0)
	for sampling := time.NewTicker(time.Millisecond); ; {
		peak = max(peak, heap())
		select {
		case <-flooded:
			requests := c.do(http.MethodGet, "/_control/requests", "").body
			if n := strings.Count(requests, "CreateVersion"); n != 25 || peak > before+most {
				t.Errorf("after %d requests the heap has grown by %d MiB", n, (peak-before)>>20)
			}
			return
		case <-sampling.C:
		}
	}
}

func heap() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapInuse
}
