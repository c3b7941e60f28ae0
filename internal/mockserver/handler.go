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

// largeBody is the size from which the bodies of requests are taken one at a time, so that many of
// them cannot fill the memory. All that the service accepts are smaller.
const largeBody = 256 << 10

//go:embed openapi.yaml
var openAPI string

// OpenAPI describes what a Handler serves, as an OpenAPI 3 document in YAML.
func OpenAPI() string { return openAPI }

// Access says whom a Handler serves beside clients on the same machine.
type Access struct {
	API   bool // Whether other machines may call the API.
	Admin bool // Whether they may also use everything else.
}

// Handler serves a mock's API, also below the name of each region, where it is that region's own
// address. Beside it, it serves what is for people and scripts: the dashboard at /, the description
// at /openapi.yaml and, under /_control, calls that change secrets from outside or make requests
// fail.
//
// Unless access says otherwise, all of it is served only to clients on the same machine that ask by
// a loopback name, so that no page of the web can get at it by way of a browser and a DNS server of
// its own. No page of another origin may write, or show anything in a frame.
func Handler(mock *csmstest.Server, access Access) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /openapi.yaml", serveOpenAPI)
	handleDashboard(mux, mock)
	handleControl(mux, mock)
	admin := guard(mux, access.Admin)
	api := guard(limitLargeBodies(regional(mock)), access.API || access.Admin)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isAdminPath(r.URL.Path) {
			w.Header().Set("Cache-Control", "no-store")
			admin.ServeHTTP(w, r)
		} else {
			api.ServeHTTP(w, r)
		}
	})
}

// isAdminPath distinguishes the mock's own paths from the API's, none of which begins with an
// underscore. The API's must not pass the mux, which redirects paths that it would write otherwise.
func isAdminPath(path string) bool {
	return path == "/" || path == "/openapi.yaml" || strings.HasPrefix(path, "/_")
}

// regional serves the API, and below the name of each region that region's part of it.
func regional(mock *csmstest.Server) http.Handler {
	regions := map[string]http.Handler{}
	for _, p := range mock.Projects() {
		regions[p.Region()] = http.StripPrefix("/"+p.Region(), mock.Region(p.Region()))
	}
	for route := range csmstest.Routes() {
		delete(regions, strings.Split(route, "/")[1]) // A region of such a name has no address of its own.
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		if region, ok := regions[first]; ok {
			region.ServeHTTP(w, r)
		} else {
			mock.ServeHTTP(w, r)
		}
	})
}

// limitLargeBodies lets one request with a large body, or one of unknown length, through at a time.
func limitLargeBodies(next http.Handler) http.Handler {
	slot := make(chan struct{}, 1)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength < 0 || r.ContentLength >= largeBody {
			select {
			case slot <- struct{}{}:
				defer func() { <-slot }()
			case <-r.Context().Done():
				panic(http.ErrAbortHandler)
			}
		}
		next.ServeHTTP(w, r)
	})
}

func serveOpenAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write([]byte(openAPI)) // It fails if the client is gone.
}

// guard refuses pages of other origins and, unless others are welcome, clients on other machines
// and names that only a rebinding DNS server gives to this one.
func guard(next http.Handler, remote bool) http.Handler {
	next = http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", contentSecurityPolicy)
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-Frame-Options", "DENY")
		if !remote && (!isLoopbackAddress(r.RemoteAddr) || !isLoopbackHost(r.Host)) {
			writeError(w, http.StatusForbidden, "only this machine is served, by a loopback address or as localhost")
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
