package csmstest

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Console serves the API, and beside it what is for people and scripts on the same machine: the board at /, the description at
// /openapi.yaml and, under /_control, calls that play somebody else or a bad day. These are answered only to clients on the same
// machine that ask for it by a loopback name, so that no page of the web can get at them by way of a browser.
func (s *Server) Console() http.Handler {
	desk := http.NewServeMux()
	desk.HandleFunc("GET /openapi.yaml", serveOpenAPI)
	s.handleBoard(desk)
	s.handleControl(desk)
	guarded := loopbackOnly(http.NewCrossOriginProtection().Handler(desk))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isConsolePath(r.URL.Path) {
			guarded.ServeHTTP(w, r)
		} else {
			s.ServeHTTP(w, r)
		}
	})
}

// isConsolePath tells the console's paths from the API's, none of which begins with an underscore. The API's must not pass the mux,
// which redirects paths that it would write otherwise.
func isConsolePath(path string) bool {
	return path == "/" || path == "/openapi.yaml" || strings.HasPrefix(path, "/_")
}

// loopbackOnly refuses clients on other machines, and names that only a rebinding DNS server gives to this one.
func loopbackOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("Content-Security-Policy", "default-src 'none'; connect-src 'self'; img-src 'self'; script-src 'self'; "+
			"style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("X-Content-Type-Options", "nosniff")
		if !isLoopbackAddress(r.RemoteAddr) || !isLoopbackHost(r.Host) {
			writeControl(w, http.StatusForbidden, object{"error": "only this machine may ask for this, by the name localhost or a loopback address"})
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
