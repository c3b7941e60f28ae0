package csmstest

import (
	"net/http"
	"slices"
	"strings"
)

// createToken issues a token for a user's name or id and password, or for an agency to whoever has
// credentials already.
//
// POST /v3/auth/tokens.
func createToken(c *call) (response, error) {
	f, err := c.readIAMFields()
	if err != nil {
		return response{}, errIAMBody
	}
	identity := f.object("auth").object("identity")
	method, ok := identity.method()
	if !ok {
		return response{}, errIAMBody
	}
	var u object
	var domainID string
	switch method {
	case "password":
		u, domainID, err = c.login(identity.object("password").object("user"))
	case "assume_role":
		u, domainID, err = c.enterAgency(identity.object("assume_role"))
	default:
		err = errIAMBody
	}
	if err != nil {
		return response{}, err
	}
	return c.scopedToken(u, domainID, method, f.object("auth").object("scope"))
}

// createTokenWithIDToken issues a token to those an identity provider vouches for.
//
// POST /v3.0/OS-AUTH/id-token/tokens.
func createTokenWithIDToken(c *call) (response, error) {
	f, err := c.readIAMFields()
	if err != nil {
		return response{}, errIAMBody
	}
	presented := identityProvider{
		id:    c.request.Header.Get("X-Idp-Id"),
		token: f.object("auth").object("id_token").text("id"),
	}
	if presented.id == "" || presented.token == "" {
		return response{}, errIAMBody
	}
	if !slices.ContainsFunc(c.server.cfg.identityProviders, presented.matches) {
		return response{}, iamError(http.StatusUnauthorized,
			"The ID token is invalid or the identity provider is unknown.")
	}
	u := object{"id": DefaultUserID, "name": "FederationUser", "OS-FEDERATION": object{
		"identity_provider": object{"id": presented.id}, "protocol": object{"id": "oidc"}, "groups": []object{},
	}}
	return c.scopedToken(u, DefaultDomainID, "mapped", f.object("auth").object("scope"))
}

func (p identityProvider) matches(known identityProvider) bool {
	return p.id == known.id && equal(p.token, known.token)
}

// method returns the one method of identification that a body names.
func (f fields) method() (string, bool) {
	var methods []string
	if err := f.read("methods", &methods); err != nil || len(methods) != 1 {
		return "", false
	}
	return methods[0], true
}

// login finds the user that the credentials in a body belong to.
func (c *call) login(given fields) (u object, domainID string, err error) {
	domain := given.object("domain")
	domainMatches := domain.text("name") == DefaultDomainName || domain.text("id") == DefaultDomainID
	for _, known := range c.server.cfg.users {
		byID := given.text("id") == known.id
		byName := given.text("name") == known.name && domainMatches
		if (byID || byName) && equal(given.text("password"), known.password) {
			return object{"id": known.id, "name": known.name, "password_expires_at": ""}, DefaultDomainID, nil
		}
	}
	return nil, "", iamError(http.StatusUnauthorized, "The username or password is wrong.")
}

// enterAgency finds the agency in whose name the caller, who must have credentials, wants to act.
func (c *call) enterAgency(described fields) (u object, domainID string, err error) {
	if err := c.server.authenticate(c); err != nil {
		return nil, "", err
	}
	a, ok := c.server.agency(described.text("agency_name"), described.text("domain_name"), described.text("domain_id"))
	if !ok {
		return nil, "", iamError(http.StatusNotFound, "The agency does not exist.")
	}
	return object{"id": DefaultUserID, "name": a.DomainName + "/" + a.Name}, a.DomainID, nil
}

// scopedToken responds with a token for an account or for the one of its projects that is wanted.
func (c *call) scopedToken(u object, domainID, method string, wanted fields) (response, error) {
	g := &grant{domainID: domainID, expires: c.now.Add(c.server.cfg.tokenLifetime), issued: true}
	description := c.tokenDescription(u, g, method)
	if wanted.has("project") {
		p, ok := c.server.findProject(domainID, wanted.object("project"))
		if !ok {
			return response{}, iamError(http.StatusBadRequest, "The project does not exist.")
		}
		g.projectID = p.id
		description["project"] = object{"id": p.id, "name": p.name, "domain": c.server.domain(domainID)}
	} else {
		description["domain"] = c.server.domain(domainID)
	}
	token := strings.Repeat("mocktoken", 4) + "-" + c.record.RequestID
	c.server.tokens[token] = g
	a := jsonResponse(http.StatusCreated, object{"token": description})
	a.header.Set("X-Subject-Token", token) // It is only here, not in the body.
	return a, nil
}

// findProject finds an account's project by the name or id in a body.
func (s *Server) findProject(domainID string, wanted fields) (*Project, bool) {
	for _, p := range s.projectsOf(domainID) {
		if wanted.text("id") == p.id || wanted.text("name") == p.name {
			return p, true
		}
	}
	return nil, false
}

func (c *call) tokenDescription(u object, g *grant, method string) object {
	u["domain"] = c.server.domain(g.domainID)
	return object{
		"issued_at":  c.now.Format(iamTimeLayout),
		"expires_at": g.expires.Format(iamTimeLayout),
		"methods":    []string{method},
		"catalog":    []object{},
		"roles":      []object{},
		"user":       u,
	}
}

// RevokeTokens makes all tokens invalid that were obtained from this server, as a changed password
// does. Those of WithToken stay.
func (s *Server) RevokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for token, g := range s.tokens {
		if g.issued {
			delete(s.tokens, token)
		}
	}
}
