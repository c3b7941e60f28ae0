package csmstest

import (
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// What the services that give out temporary keys allow.
const (
	minKeyLifetime        = 15 * time.Minute
	maxKeyLifetime        = 24 * time.Hour
	maxAgencyKeyLifetime  = 12 * time.Hour
	maxChainedKeyLifetime = time.Hour
	instanceKeyLifetime   = 24 * time.Hour
	instanceKeyRotation   = 6 * time.Hour // How long before its end an instance's key is replaced.
	maxMetadataTokenTTL   = 21600         // Seconds.
)

const noInstanceAgency = "Please configure Cloud Service Agency first"

var agencyURNPattern = regexp.MustCompile(`^iam::([^:]+):agency:(.+)$`)

// Metadata says which protocol the metadata service of cloud servers speaks.
type Metadata int

// The protocols of the metadata service.
const (
	MetadataWithoutAgency Metadata = iota // The server has no agency and so gets no keys: 401.
	MetadataV1                            // Keys for the asking; the newer protocol's path does not exist.
	MetadataV1AndV2                       // Keys with or without a token of the newer protocol.
	MetadataV2                            // Keys only with a token of the newer protocol.
)

// temporaryKey is a key as it is handed out.
type temporaryKey struct {
	id, secretKey, securityToken string
	expires                      time.Time
}

// issueKey makes a temporary key of an account.
func (c *call) issueKey(domainID string, lifetime time.Duration) temporaryKey {
	k := temporaryKey{
		id:            "MOCKTEMPORARY" + c.record.RequestID[20:],
		secretKey:     "mock-temporary-secret-" + c.record.RequestID,
		securityToken: "mock-security-token-" + c.record.RequestID,
		expires:       c.now.Add(lifetime).Truncate(time.Second),
	}
	c.server.keys[k.id] = &accessKey{
		secretKey: k.secretKey, securityToken: k.securityToken, domainID: domainID, expires: k.expires, issued: true,
	}
	return k
}

func (k *temporaryKey) credential() object {
	return object{"credential": object{
		"access":        k.id,
		"secret":        k.secretKey,
		"securitytoken": k.securityToken,
		"expires_at":    k.expires.Format(iamTimeLayout),
	}}
}

// createTemporaryKey issues a temporary key for an agency, or to the holder of a token.
//
// POST /v3.0/OS-CREDENTIAL/securitytokens.
func createTemporaryKey(c *call) (response, error) {
	f, err := c.readIAMFields()
	if err != nil {
		return response{}, errIAMBody
	}
	identity := f.object("auth").object("identity")
	method, _ := identity.method()
	var domainID string
	switch method {
	case "assume_role":
		_, domainID, err = c.enterAgency(identity.object("assume_role"))
	case "token":
		domainID, err = c.presentToken(identity.object("token"))
	default:
		err = errIAMBody
	}
	if err != nil {
		return response{}, err
	}
	lifetime, ok := identity.object(method).lifetime(minKeyLifetime, maxKeyLifetime)
	if !ok {
		return response{}, errIAMBody
	}
	k := c.issueKey(domainID, lifetime)
	return jsonResponse(http.StatusCreated, k.credential()), nil
}

// presentToken finds the account of the token in a body, or of the caller if there is none.
func (c *call) presentToken(given fields) (domainID string, err error) {
	if token := given.text("id"); token != "" {
		g, err := c.server.tokenGrant(c, token)
		if err != nil {
			return "", err
		}
		c.record.SignedBy = "token"
		return g.domainID, nil
	}
	err = c.server.authenticate(c)
	return c.caller.domainID, err
}

// lifetime reads how long a key is wanted for: at least 15 minutes, at most what is allowed.
func (f fields) lifetime(unlessTold, longest time.Duration) (time.Duration, bool) {
	seconds := int64(unlessTold / time.Second)
	if err := f.read("duration_seconds", &seconds); err != nil {
		return 0, false
	}
	return time.Duration(seconds) * time.Second,
		seconds >= int64(minKeyLifetime/time.Second) && seconds <= int64(longest/time.Second)
}

// assumeAgency issues a temporary key for an agency.
//
// POST /v5/agencies/assume.
func assumeAgency(c *call) (response, error) {
	f, err := c.readIAMFields()
	if err != nil {
		return response{}, errSTSRequest
	}
	longest := maxAgencyKeyLifetime
	if c.caller.temporary {
		longest = maxChainedKeyLifetime
	}
	lifetime, ok := f.lifetime(time.Hour, longest)
	urn := agencyURNPattern.FindStringSubmatch(f.text("agency_urn"))
	if session := f.text("agency_session_name"); !ok || urn == nil || len(session) < 2 || len(session) > 128 {
		return response{}, errSTSRequest
	}
	a, ok := c.server.agency(urn[2], "", urn[1])
	if !ok {
		return response{}, errSTSForbidden
	}
	k := c.issueKey(a.DomainID, lifetime)
	return jsonResponse(http.StatusOK, object{
		"credentials": object{
			"access_key_id": k.id, "secret_access_key": k.secretKey, "security_token": k.securityToken,
			"expiration": k.expires.Format(iamTimeLayout),
		},
		"assumed_agency": object{"urn": urn[0] + "/" + f.text("agency_session_name"), "id": a.Name},
	}), nil
}

// createMetadataToken starts a session with the metadata service of a cloud server.
//
// PUT /meta-data/latest/api/token.
func createMetadataToken(c *call) (response, error) {
	if c.server.cfg.metadata < MetadataV1AndV2 {
		return textResponse(http.StatusNotFound, "Not Found"), nil
	}
	ttl, _ := strconv.Atoi(c.request.Header.Get("X-Metadata-Token-Ttl-Seconds"))
	if ttl < 1 || ttl > maxMetadataTokenTTL {
		return textResponse(http.StatusBadRequest, "Bad Request"), nil
	}
	token := "mock-metadata-token-" + c.record.RequestID
	c.server.metadataTokens[token] = c.now.Add(time.Duration(ttl) * time.Second)
	return textResponse(http.StatusOK, token), nil
}

// showInstanceKey responds with the temporary key of its agency: the same until six hours
// before its end, then a new one.
//
// GET /openstack/latest/securitykey.
func showInstanceKey(c *call) (response, error) {
	s := c.server
	token := c.request.Header.Get("X-Metadata-Token")
	switch {
	case s.cfg.metadata == MetadataWithoutAgency:
		return textResponse(http.StatusUnauthorized, noInstanceAgency), nil
	case s.needsMetadataToken(token) && !c.now.Before(s.metadataTokens[token]):
		return textResponse(http.StatusUnauthorized, "Unauthorized"), nil
	}
	if _, valid := s.keys[s.instanceKey.id]; !valid || s.instanceKey.expires.Sub(c.now) <= instanceKeyRotation {
		s.instanceKey = c.issueKey(DefaultDomainID, instanceKeyLifetime)
	}
	return jsonResponse(http.StatusOK, s.instanceKey.credential()), nil
}

// needsMetadataToken reports whether a token must be valid, which only the newer protocol knows.
func (s *Server) needsMetadataToken(token string) bool {
	return s.cfg.metadata == MetadataV2 || s.cfg.metadata == MetadataV1AndV2 && token != ""
}

// RevokeTemporaryKeys makes all keys invalid that were obtained from this server. Those of
// WithTemporaryCredentials stay.
func (s *Server) RevokeTemporaryKeys() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, k := range s.keys {
		if k.issued {
			delete(s.keys, id)
		}
	}
}
