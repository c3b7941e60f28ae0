package huaweicloud

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// proxyFromEnvironment is http.ProxyFromEnvironment, which reads the environment only once in a
// process.
func proxyFromEnvironment() func(*http.Request) (*url.URL, error) {
	proxyFor := httpproxy.FromEnvironment().ProxyFunc()
	return func(req *http.Request) (*url.URL, error) { return proxyFor(req.URL) }
}

// proxyVariables are where the proxy for a scheme is looked up, in this order.
var proxyVariables = map[string][]string{
	"https": {"https_proxy", "HTTPS_PROXY"},
	"http":  {"http_proxy", "HTTP_PROXY"},
}

// checkProxy refuses a proxy that is not a URL, if it is what the address would be asked through.
// The usual cause is a password with a "#" or the like, and what is left of the URL then looks like
// a host that cannot be found. The error does not repeat the value, which holds that password.
func checkProxy(address endpoint) error {
	target := address.url()
	for _, variable := range proxyVariables[target.Scheme] {
		value := os.Getenv(variable)
		if value == "" {
			continue
		}
		if isProxyURL(value) || isExemptFromProxies(target) {
			return nil
		}
		return fmt.Errorf("the environment variable %s does not hold the URL of a proxy, such as "+
			"http://user:password@proxy.example:3128; in its user name and password, "+
			"characters other than letters and digits "+
			`must be percent-encoded, "#" as "%%23" for example`, variable)
	}
	return nil
}

var proxySchemes = []string{"http", "https", "socks5", "socks5h"}

// isProxyURL also takes what has no scheme, which stands for http. An "@" behind the host is the
// end of a user name or password that holds what ends the host.
func isProxyURL(value string) bool {
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	u, err := url.Parse(value)
	return err == nil && slices.Contains(proxySchemes, u.Scheme) && u.Hostname() != "" &&
		!strings.Contains(u.Path+u.RawQuery+u.Fragment, "@")
}

// isExemptFromProxies reports whether NO_PROXY, or being on this machine, keeps an address from
// being asked through a proxy.
func isExemptFromProxies(target *url.URL) bool {
	const anyProxy = "http://proxy.invalid"
	rules := httpproxy.FromEnvironment()
	rules.HTTPProxy, rules.HTTPSProxy = anyProxy, anyProxy
	proxy, err := rules.ProxyFunc()(target)
	return err == nil && proxy == nil
}
