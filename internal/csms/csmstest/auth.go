package csmstest

import (
	"crypto/subtle"
	"strings"
	"time"
)

// How the gateway treats signatures.
const (
	maxClockSkew = 15 * time.Minute
	maxFailures  = 5
	lockDuration = 5 * time.Minute
)

// accessKey is what the service knows of an access key, which opens all projects of its account.
type accessKey struct {
	secretKey     string
	securityToken string // A temporary key is worth nothing without it; a permanent one has none.
	domainID      string
	expires       time.Time // Zero for never.
	issued        bool      // Whether it was obtained from this server and can be revoked.
	failures      int
	lockedUntil   time.Time
}

// grant is what a token entitles to.
type grant struct {
	domainID  string
	projectID string    // Empty for a token of the account as a whole.
	expires   time.Time // Zero for never.
	issued    bool      // Whether it was obtained from this server and can be revoked.
}

// caller is who sent an authenticated request.
type caller struct {
	domainID  string
	projectID string // The only project that is open, if the request came with a token.
	byToken   bool
	temporary bool // Whether the request was signed with a temporary key.
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
	g, err := s.tokenGrant(c, token)
	if err != nil {
		return err
	}
	c.caller = caller{domainID: g.domainID, projectID: g.projectID, byToken: true}
	c.record.SignedBy = "token"
	return nil
}

// tokenGrant finds what a token entitles to, if it is valid.
func (s *Server) tokenGrant(c *call, token string) (*grant, error) {
	g, ok := s.tokens[token]
	switch {
	case !ok && s.cfg.tokenRefusedByService:
		return nil, errTokenInvalid
	case !ok:
		return nil, unauthenticated("decrypt token fail")
	case g.expires.IsZero() || c.now.Before(g.expires):
		return g, nil
	case s.cfg.tokenRefusedByService:
		return nil, errTokenExpired
	default:
		return nil, unauthenticated("token expires, expires_at:" + g.expires.Format(iamTimeLayout))
	}
}

// enterProject checks that the project in the path is one of the caller's, and the one that the
// request says it is about.
func (s *Server) enterProject(c *call) error {
	p, ok := s.projects[c.record.ProjectID]
	if !ok || p.domainID != c.caller.domainID {
		return errWrongProject
	}
	if region, ok := c.request.Context().Value(regionKey{}).(string); ok && region != p.Region() {
		return errWrongProject
	}
	if declared := c.request.Header.Get("X-Project-Id"); declared != "" && declared != p.id {
		return errWrongProject
	}
	if c.caller.byToken && c.caller.projectID == "" {
		return errTokenUnscoped
	}
	if c.caller.byToken && c.caller.projectID != p.id {
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
	if !key.expires.IsZero() && !c.now.Before(key.expires) {
		return unauthenticated("the security token has expired")
	}
	c.caller = caller{domainID: key.domainID, temporary: key.securityToken != ""}
	c.record.SignedBy = sig.accessKey
	return nil
}

// fail counts a bad signature. One after the fifth in a row locks the key for a while, even for
// good signatures.
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
