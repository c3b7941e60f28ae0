package mockserver

import (
	_ "embed"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// contentSecurityPolicy lets the dashboard load nothing from elsewhere, and nobody frame it.
const contentSecurityPolicy = "default-src 'none'; connect-src 'self'; img-src 'self'; script-src 'self'; " +
	"style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

//go:embed openapi.yaml
var openAPI string

// OpenAPI describes what a Handler serves, as an OpenAPI 3 document in YAML.
func OpenAPI() string { return openAPI }

// Handler serves a mock's API, also below the name of each region, where it is that region's own
// address. Beside it, it serves what is for people and scripts on the same machine: the
// dashboard at /, the description at /openapi.yaml and, under /_control, calls that change secrets
// from outside or make requests fail. These are served only to clients on the same machine that ask
// by a loopback name, so that no page of the web can get at them by way of a browser.
func Handler(mock *csmstest.Server) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /openapi.yaml", serveOpenAPI)
	handleDashboard(mux, mock)
	handleControl(mux, mock)
	admin := loopbackOnly(http.NewCrossOriginProtection().Handler(mux))
	regions := map[string]http.Handler{}
	for _, p := range mock.Projects() {
		regions[p.Region()] = http.StripPrefix("/"+p.Region(), mock.Region(p.Region()))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		regional, isRegion := regions[first]
		switch {
		case isAdminPath(r.URL.Path):
			admin.ServeHTTP(w, r)
		case isRegion:
			regional.ServeHTTP(w, r)
		default:
			mock.ServeHTTP(w, r)
		}
	})
}

func serveOpenAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write([]byte(openAPI)) // It fails if the client is gone.
}

// isAdminPath tells the mock's own paths from the API's, none of which begins with an underscore.
// The API's must not pass the mux, which redirects paths that it would write otherwise.
func isAdminPath(path string) bool {
	return path == "/" || path == "/openapi.yaml" || strings.HasPrefix(path, "/_")
}

// loopbackOnly refuses clients on other machines, and names that only a rebinding DNS server gives
// to this one.
func loopbackOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("Content-Security-Policy", contentSecurityPolicy)
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("X-Content-Type-Options", "nosniff")
		if !isLoopbackAddress(r.RemoteAddr) || !isLoopbackHost(r.Host) {
			writeError(w, http.StatusForbidden,
				"only this machine may ask for this, by the name localhost or a loopback address")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func isLoopbackAddress(address string) bool {
	at, err := netip.ParseAddrPort(address)
	return err == nil && at.Addr().Unmap().IsLoopback()
}

func isLoopbackHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
