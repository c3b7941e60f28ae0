package csmstest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const (
	algorithm       = "SDK-HMAC-SHA256"
	dateLayout      = "20060102T150405Z"
	unsignedPayload = "UNSIGNED-PAYLOAD"
)

// signature is what an Authorization header says.
type signature struct {
	accessKey string
	headers   []string
	value     string
}

// parseAuthorization reads "SDK-HMAC-SHA256 Access=…, SignedHeaders=…, Signature=…".
func parseAuthorization(value string) (signature, bool) {
	rest, ok := strings.CutPrefix(value, algorithm+" ")
	if !ok {
		return signature{}, false
	}
	parts := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, text, _ := strings.Cut(strings.TrimSpace(part), "=")
		parts[name] = text
	}
	sig := signature{
		accessKey: parts["Access"],
		headers:   strings.Split(parts["SignedHeaders"], ";"),
		value:     parts["Signature"],
	}
	return sig, sig.accessKey != "" && parts["SignedHeaders"] != "" && sig.value != ""
}

// bodyHash returns the hash of the body that goes into the signature. A client may declare it, or
// declare that there is none.
func (c *call) bodyHash() (hash string, ok bool) {
	declared := c.request.Header.Get("X-Sdk-Content-Sha256")
	if declared == "" {
		return c.hash, true
	}
	return declared, declared == unsignedPayload || declared == c.hash
}

func sign(secretKey, date, canonicalRequest string) string {
	sum := sha256.Sum256([]byte(canonicalRequest))
	mac := hmac.New(sha256.New, []byte(secretKey))
	mac.Write([]byte(algorithm + "\n" + date + "\n" + hex.EncodeToString(sum[:])))
	return hex.EncodeToString(mac.Sum(nil))
}

// canonicalRequest is the text that is signed. It reports whether all headers said to be signed are
// there.
func canonicalRequest(r *http.Request, signedHeaders []string, bodyHash string) (text string, ok bool) {
	path, query := target(r)
	headers, ok := canonicalHeaders(r, signedHeaders)
	if !ok {
		return "", false
	}
	return strings.Join([]string{
		r.Method, canonicalPath(path), canonicalQuery(query), headers, strings.Join(signedHeaders, ";"), bodyHash,
	}, "\n"), true
}

// target returns path and query as they were sent, which is what was signed: a handler in front may
// have rewritten the URL.
func target(r *http.Request) (path, query string) {
	sent, err := url.ParseRequestURI(r.RequestURI)
	if err != nil {
		sent = r.URL
	}
	return sent.EscapedPath(), sent.RawQuery
}

// canonicalPath escapes each segment and ends in a slash, whether or not the path does.
func canonicalPath(escaped string) string {
	segments := strings.Split(escaped, "/")
	for i, segment := range segments {
		if plain, err := url.PathUnescape(segment); err == nil {
			segments[i] = escape(plain)
		}
	}
	path := strings.Join(segments, "/")
	if !strings.HasSuffix(path, "/") {
		path += "/"
	}
	return path
}

// canonicalQuery sorts by name, then by value, and writes names without a value as "name=".
func canonicalQuery(raw string) string {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return raw
	}
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range slices.Sorted(slices.Values(values[name])) {
			pairs = append(pairs, escape(name)+"="+escape(value))
		}
	}
	return strings.Join(pairs, "&")
}

// canonicalHeaders writes the headers in the order in which the client says it signed them, each
// line ended.
func canonicalHeaders(r *http.Request, names []string) (text string, ok bool) {
	var b strings.Builder
	for _, name := range names {
		values := r.Header.Values(name)
		if strings.EqualFold(name, "host") {
			values = []string{r.Host}
		}
		if len(values) == 0 {
			return "", false
		}
		for _, value := range slices.Sorted(slices.Values(values)) {
			b.WriteString(strings.ToLower(name) + ":" + strings.TrimSpace(value) + "\n")
		}
	}
	return b.String(), true
}

// escape writes every byte but RFC 3986's unreserved characters as %XX.
func escape(s string) string {
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(s) {
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-_.~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteString("%" + string(hexDigits[c>>4]) + string(hexDigits[c&15]))
	}
	return b.String()
}
