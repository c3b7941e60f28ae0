package csmstest

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	algorithm       = "SDK-HMAC-SHA256"
	dateLayout      = "20060102T150405Z"
	unsignedPayload = "UNSIGNED-PAYLOAD"
	maxClockSkew    = 15 * time.Minute
	maxFailures     = 5
	lockDuration    = 5 * time.Minute
)

// accessKey is what the service knows of an access key. A temporary key is worth nothing without its security token.
type accessKey struct {
	secretKey     string
	securityToken string
	failures      int
	lockedUntil   time.Time
}

// grant is what a token entitles to.
type grant struct {
	projectID string    // Empty for a token of the account as a whole.
	expires   time.Time // Zero for never.
}

// caller is who sent an authenticated request.
type caller struct {
	token *grant // Nil if the request was signed with an access key, which opens all projects of the account.
}

// authenticate finds out who sent the request, or refuses it.
func (s *Server) authenticate(c *call) error {
	if value := c.request.Header.Get("Authorization"); strings.HasPrefix(value, algorithm) {
		return s.verifySignature(c, value)
	}
	token := c.request.Header.Get("X-Auth-Token")
	if token == "" {
		return unauthenticated("x-auth-token not found")
	}
	g, ok := s.tokens[token]
	switch {
	case !ok && s.cfg.tokenRefusedByService:
		return errTokenInvalid
	case !ok:
		return unauthenticated("decrypt token fail")
	case g.expires.IsZero() || c.now.Before(g.expires):
		c.caller = caller{token: g}
		c.record.SignedBy = "token"
		return nil
	case s.cfg.tokenRefusedByService:
		return errTokenExpired
	default:
		return unauthenticated("token expires, expires_at:" + g.expires.Format(tokenTimeLayout))
	}
}

// enterProject checks that the project in the path is one of the caller's, and the one that the request says it is about.
func (s *Server) enterProject(c *call) error {
	p, ok := s.projects[c.record.ProjectID]
	if !ok {
		return errWrongProject
	}
	if declared := c.request.Header.Get("X-Project-Id"); declared != "" && declared != p.id {
		return errWrongProject
	}
	if g := c.caller.token; g != nil && g.projectID == "" {
		return errTokenUnscoped
	} else if g != nil && g.projectID != p.id {
		return errWrongProject
	}
	c.project = p
	return nil
}

// verifySignature checks an Authorization header made with an access key.
func (s *Server) verifySignature(c *call, authorization string) error {
	sig, ok := parseAuthorization(authorization)
	if !ok {
		return unauthenticated("verify aksk signature fail, the Authorization header is malformed")
	}
	key, ok := s.keys[sig.accessKey]
	if !ok {
		return unauthenticated("Get secretKey failed,ak:" + sig.accessKey + ",err:ak not exist")
	}
	if c.now.Before(key.lockedUntil) {
		return unauthenticated("AK access failed to reach the limit,forbidden.")
	}
	if reason := s.mismatch(c, key, sig); reason != "" {
		key.fail(c.now)
		return unauthenticated("verify aksk signature fail, " + reason)
	}
	key.failures = 0
	c.record.SignedBy = sig.accessKey
	return nil
}

// fail counts a bad signature. One after the fifth in a row locks the key for a while, even for good signatures.
func (k *accessKey) fail(now time.Time) {
	k.failures++
	if k.failures > maxFailures {
		k.failures = 0
		k.lockedUntil = now.Add(lockDuration)
	}
}

// mismatch says what is wrong with a signature; empty if nothing is.
func (s *Server) mismatch(c *call, key *accessKey, sig signature) string {
	date := c.request.Header.Get("X-Sdk-Date")
	signed, err := time.Parse(dateLayout, date)
	if err != nil {
		return "the X-Sdk-Date header is malformed"
	}
	if s.cfg.signatureClock().Sub(signed).Abs() > maxClockSkew {
		return "the request has expired"
	}
	if !equal(c.request.Header.Get("X-Security-Token"), key.securityToken) {
		return "the security token does not belong to the access key"
	}
	bodyHash, ok := c.bodyHash()
	if !ok {
		return "the X-Sdk-Content-Sha256 header is not the hash of the body"
	}
	canonical, ok := canonicalRequest(c.request, sig.headers, bodyHash)
	if !ok {
		return "a signed header is missing"
	}
	if !equal(sign(key.secretKey, date, canonical), sig.value) {
		return "the signature does not match"
	}
	return ""
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

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
	sig := signature{accessKey: parts["Access"], headers: strings.Split(parts["SignedHeaders"], ";"), value: parts["Signature"]}
	return sig, sig.accessKey != "" && parts["SignedHeaders"] != "" && sig.value != ""
}

// bodyHash gives the hash of the body that goes into the signature. A client may declare it, or declare that there is none.
func (c *call) bodyHash() (hash string, ok bool) {
	sum := sha256.Sum256(c.body)
	actual := hex.EncodeToString(sum[:])
	declared := c.request.Header.Get("X-Sdk-Content-Sha256")
	if declared == "" {
		return actual, true
	}
	return declared, declared == unsignedPayload || declared == actual
}

func sign(secretKey, date, canonicalRequest string) string {
	sum := sha256.Sum256([]byte(canonicalRequest))
	mac := hmac.New(sha256.New, []byte(secretKey))
	mac.Write([]byte(algorithm + "\n" + date + "\n" + hex.EncodeToString(sum[:])))
	return hex.EncodeToString(mac.Sum(nil))
}

// canonicalRequest is the text that is signed. It tells whether all headers said to be signed are there.
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

// target gives path and query as they were sent, which is what was signed: a handler in front may have rewritten the URL.
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

// canonicalHeaders writes the headers in the order in which the client says it signed them, each line ended.
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
