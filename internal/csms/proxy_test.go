package csms_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

// withoutProxies unsets what a developer's shell may have.
func withoutProxies(t *testing.T) {
	t.Helper()
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"} {
		t.Setenv(name, "")
	}
}

func TestProxyThatIsNotAURLIsRefusedByItsVariable(t *testing.T) {
	for _, value := range []string{
		"http://user:hunter2#p@proxy.example:3128", "http://user:1#hunter2@proxy.example", "http://user:hunter2/p@proxy.example:3128",
		"http://user:12/hunter2@proxy.example", "http://user:12?hunter2@proxy.example", "http://user:hunter2%@proxy.example:3128",
		"user:hunter2#p@proxy.example:3128", "http://user:hunter2 p@proxy.example", "ftp://user:hunter2@proxy.example", "http://", " http://hunter2:1",
	} {
		for scheme, variables := range map[string][]string{"https": {"HTTPS_PROXY", "https_proxy"}, "http": {"HTTP_PROXY", "http_proxy"}} {
			for _, variable := range variables {
				t.Run(variable+"="+value, func(t *testing.T) {
					withoutProxies(t)
					t.Setenv(variable, value)
					_, err := csms.New(configFor(scheme + "://kms.example"))
					if err == nil {
						t.Fatal("accepted")
					}
					for _, want := range []string{"the environment variable " + variable + " does not hold the URL of a proxy", "percent-encoded"} {
						if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
							t.Errorf("%q is missing, or too much is told: %v", want, err)
						}
					}
				})
			}
		}
	}
}

func TestProxyIsLookedAtOnlyIfItIsUsed(t *testing.T) {
	const wrong = "http://user:p#ss@proxy.example"
	for name, tt := range map[string]struct {
		endpoint, httpsProxy, httpProxy, noProxy string
	}{
		"URL":                 {"https://kms.example", "http://user:p%23ss@proxy.example:3128", "", ""},
		"URL with a slash":    {"https://kms.example", "http://proxy.example:3128/", "", ""},
		"URL with an at sign": {"https://kms.example", "http://user:p@ss@proxy.example:3128", "", ""},
		"host alone":          {"https://kms.example", "proxy.example", "", ""},
		"host and port":       {"https://kms.example", "proxy.example:3128", "", ""},
		"user without scheme": {"https://kms.example", "user:pass@proxy.example:3128", "", ""},
		"SOCKS":               {"https://kms.example", "socks5://proxy.example", "", ""},
		"another scheme's":    {"https://kms.example", "", wrong, ""},
		"exempt":              {"https://kms.example", wrong, "", "example"},
		"this machine":        {"http://127.0.0.1:8440", wrong, wrong, ""},
	} {
		t.Run(name, func(t *testing.T) {
			withoutProxies(t)
			t.Setenv("HTTPS_PROXY", tt.httpsProxy)
			t.Setenv("HTTP_PROXY", tt.httpProxy)
			t.Setenv("NO_PROXY", tt.noProxy)
			if _, err := csms.New(configFor(tt.endpoint)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestProxyOfAnotherRegionIsLookedAtToo(t *testing.T) {
	withoutProxies(t)
	t.Setenv("HTTPS_PROXY", "http://user:p#ss@proxy.example")
	t.Setenv("NO_PROXY", "kms.cn-north-4.example")
	client := newClient(t, configFor("https://kms.{region}.example"))
	if _, err := client.InRegion("cn-south-1"); err == nil || !strings.Contains(err.Error(), "HTTPS_PROXY") {
		t.Errorf("got %v", err)
	}
}

func TestServiceIsAskedThroughTheProxy(t *testing.T) {
	withoutProxies(t)
	asked := make(chan string, 1)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Host
		_, _ = io.WriteString(w, `{"stage":{"version_id":"v1"}}`)
	}))
	t.Cleanup(proxy.Close)
	t.Setenv("HTTP_PROXY", proxy.URL)
	client := newClient(t, configFor("http://kms.invalid"))
	if _, err := client.GetStage(t.Context(), "db", "GREEN"); err != nil {
		t.Fatal(err)
	}
	if host := <-asked; host != "kms.invalid" {
		t.Errorf("the proxy was asked for %s", host)
	}
}
