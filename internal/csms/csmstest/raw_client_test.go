package csmstest_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/mockserver/openapitest"
)

const project = "/v1/" + csmstest.DefaultProjectID

// instant is the present of servers in these tests, unless a test sets the clock.
var instant = time.Date(2026, 3, 1, 12, 30, 15, 987654321, time.UTC)

const instantMilliseconds = 1772368215000

// rawClient is a client that speaks raw HTTP and signs by the documentation's description.
type rawClient struct {
	t    *testing.T
	mock *csmstest.Server
	url  string
	http *http.Client
}

// newRawClient starts a server with the clock at instant.
func newRawClient(t *testing.T, opts ...csmstest.Option) *rawClient {
	t.Helper()
	opts = append([]csmstest.Option{csmstest.WithClock(func() time.Time { return instant })}, opts...)
	mock := csmstest.New(opts...)
	return &rawClient{
		t:    t,
		mock: mock,
		url:  listen(t, mock, openapitest.Check(t, mock, mock)),
		http: newHTTPClient(t),
	}
}

func newHTTPClient(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func listen(t *testing.T, mock *csmstest.Server, handler http.Handler) string {
	t.Helper()
	listener := httptest.NewServer(handler)
	t.Cleanup(func() {
		mock.Close()
		listener.Close()
	})
	return listener.URL
}

// seeded starts a server with the secret "s": v1 SYSPREVIOUS, v2 SYSCURRENT and BLUE, v3 without
// stages.
func seeded(t *testing.T, opts ...csmstest.Option) *rawClient {
	t.Helper()
	c := newRawClient(t, opts...)
	c.mock.PutSecret(csmstest.Secret{Name: "s", Versions: []csmstest.Version{
		{ID: "v1", Stages: []string{"SYSPREVIOUS"}, Value: "one"},
		{ID: "v2", Stages: []string{"SYSCURRENT", "BLUE"}, Value: "two"},
		{ID: "v3", Value: "three"},
	}})
	return c
}

// do sends a request signed with the default key, as most tests want it.
func (c *rawClient) do(method, path, body string) reply {
	c.t.Helper()
	return c.send(c.signed(method, path, body))
}

func (c *rawClient) signed(method, path, body string) *http.Request {
	c.t.Helper()
	r := c.request(method, path, body)
	sign(r, body, csmstest.DefaultAccessKey, csmstest.DefaultSecretKey, time.Now(), "content-type", "host",
		"x-sdk-date")
	return r
}

func (c *rawClient) request(method, path, body string) *http.Request {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json;charset=UTF-8")
	return r
}

func (c *rawClient) send(r *http.Request) reply {
	c.t.Helper()
	got, err := c.try(r)
	if err != nil {
		c.t.Fatalf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	return got
}

func (c *rawClient) try(r *http.Request) (reply, error) {
	response, err := c.http.Do(r)
	if err != nil {
		return reply{}, err
	}
	body, err := io.ReadAll(response.Body)
	if closeErr := response.Body.Close(); err == nil {
		err = closeErr
	}
	return reply{status: response.StatusCode, header: response.Header, body: body}, err
}

type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r reply) String() string { return fmt.Sprintf("%d %s", r.status, r.body) }

// at gives the member that a path such as "stage.version_id" or "projects.0.id" leads to; nil if
// there is none.
func (r reply) at(path string) any {
	decoder := json.NewDecoder(bytes.NewReader(r.body))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return nil
	}
	for name := range strings.SplitSeq(path, ".") {
		switch inner := value.(type) {
		case map[string]any:
			value = inner[name]
		case []any:
			var index int
			if _, err := fmt.Sscan(name, &index); err != nil || index >= len(inner) {
				return nil
			}
			value = inner[index]
		default:
			return nil
		}
	}
	return value
}

func (r reply) text(path string) string {
	if value := r.at(path); value != nil {
		return fmt.Sprint(value)
	}
	return ""
}

func (r reply) has(member string) bool {
	return bytes.Contains(r.body, []byte(`"`+member+`":`))
}

func (r reply) wantStatus(t *testing.T, status int) {
	t.Helper()
	if r.status != status {
		t.Errorf("got %v, want status %d", r, status)
	}
}

func (r reply) wantError(t *testing.T, status int, code string) {
	t.Helper()
	if r.status != status || r.text("error_code") != code || r.text("error_msg") == "" {
		t.Errorf("got %v, want %d %s", r, status, code)
	}
}

func (r reply) wantText(t *testing.T, path, want string) {
	t.Helper()
	if got := r.text(path); got != want {
		t.Errorf("got %s = %q, want %q in %v", path, got, want, r)
	}
}

// sign signs a request as the documentation's pages on SDK-HMAC-SHA256 say.
func sign(r *http.Request, body, accessKey, secretKey string, date time.Time, headers ...string) {
	r.Header.Set("X-Sdk-Date", date.UTC().Format("20060102T150405Z"))
	var lines strings.Builder
	for _, name := range headers {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.URL.Host
		}
		fmt.Fprintf(&lines, "%s:%s\n", name, strings.TrimSpace(value))
	}
	names := strings.Join(headers, ";")
	canonical := strings.Join([]string{
		r.Method, uri(r.URL), query(r.URL.Query()), lines.String(), names, hash(body),
	}, "\n")
	text := "SDK-HMAC-SHA256\n" + r.Header.Get("X-Sdk-Date") + "\n" + hash(canonical)
	r.Header.Set("Authorization", fmt.Sprintf("SDK-HMAC-SHA256 Access=%s, SignedHeaders=%s, Signature=%s",
		accessKey, names, mac(secretKey, text)))
}

func mac(key, text string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil))
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func uri(u *url.URL) string {
	var escaped strings.Builder
	for segment := range strings.SplitSeq(strings.Trim(u.EscapedPath(), "/"), "/") {
		plain, _ := url.PathUnescape(segment)
		escaped.WriteString("/" + strings.ReplaceAll(url.QueryEscape(plain), "+", "%20"))
	}
	return escaped.String() + "/"
}

func query(values url.Values) string {
	var pairs []string
	for name, all := range values {
		for _, value := range all {
			pairs = append(pairs, strings.ReplaceAll(url.QueryEscape(name)+"="+url.QueryEscape(value), "+", "%20"))
		}
	}
	sort.Strings(pairs)
	return strings.Join(pairs, "&")
}
