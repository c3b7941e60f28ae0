package csmstest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// tokenTimeLayout is how IAM writes times.
const tokenTimeLayout = "2006-01-02T15:04:05.000000Z"

// user is an IAM user of the account.
type user struct{ id, name, password string }

// listProjects lists the account's projects, or those of one name.
//
// GET /v3/projects.
func listProjects(c *call) (answer, error) {
	query := c.request.URL.Query()
	projects := []object{}
	for _, id := range slices.Sorted(maps.Keys(c.server.projects)) {
		if p := c.server.projects[id]; !query.Has("name") || query.Get("name") == p.name {
			projects = append(projects, projectDescription(p))
		}
	}
	return jsonAnswer(http.StatusOK, object{"projects": projects, "links": links(c)}), nil
}

func projectDescription(p *Project) object {
	return object{
		"id": p.id, "name": p.name, "domain_id": DefaultDomainID, "parent_id": DefaultDomainID,
		"is_domain": false, "enabled": true, "description": "",
	}
}

func links(c *call) object {
	return object{"self": c.request.URL.Path, "previous": null, "next": null}
}

// listDomains lists the one account there is.
//
// GET /v3/auth/domains.
func listDomains(c *call) (answer, error) {
	domain := object{"id": DefaultDomainID, "name": DefaultDomainName, "enabled": true, "description": ""}
	return jsonAnswer(http.StatusOK, object{"domains": []object{domain}, "links": links(c)}), nil
}

// createToken gives a token for a user's name or id and password.
//
// POST /v3/auth/tokens.
func createToken(c *call) (answer, error) {
	f, err := c.fields()
	if err != nil {
		return answer{}, errIAMBody
	}
	identity := f.object("auth").object("identity")
	var methods []string
	if err := identity.read("methods", &methods); err != nil || !slices.Equal(methods, []string{"password"}) {
		return answer{}, errIAMBody
	}
	u, ok := c.server.login(identity.object("password").object("user"))
	if !ok {
		return answer{}, iamError(http.StatusUnauthorized, "The username or password is wrong.")
	}
	g, err := c.server.scope(f.object("auth").object("scope"))
	if err != nil {
		return answer{}, err
	}
	return c.issueToken(u, g, methods), nil
}

// login finds the user that the credentials in a body belong to.
func (s *Server) login(given fields) (user, bool) {
	domain := given.object("domain")
	domainMatches := domain.text("name") == DefaultDomainName || domain.text("id") == DefaultDomainID
	for _, u := range s.cfg.users {
		byID := given.text("id") == u.id
		byName := given.text("name") == u.name && domainMatches
		if (byID || byName) && equal(given.text("password"), u.password) {
			return u, true
		}
	}
	return user{}, false
}

// scope reads which project a token is asked for; none means the whole account.
func (s *Server) scope(wanted fields) (*grant, error) {
	if !wanted.has("project") {
		return &grant{}, nil
	}
	project := wanted.object("project")
	for _, p := range s.projects {
		if project.text("id") == p.id || project.text("name") == p.name {
			return &grant{projectID: p.id}, nil
		}
	}
	return nil, iamError(http.StatusBadRequest, "The project does not exist.")
}

// issueToken remembers a new token and answers with it. The token itself travels in a header.
func (c *call) issueToken(u user, g *grant, methods []string) answer {
	s := c.server
	g.expires = c.now.Add(s.cfg.tokenLifetime)
	token := fmt.Sprintf("%s-%s", strings.Repeat("mocktoken", 4), c.record.RequestID)
	s.tokens[token] = g
	a := jsonAnswer(http.StatusCreated, object{"token": c.tokenDescription(u, g, methods)})
	a.header.Set("X-Subject-Token", token)
	return a
}

func (c *call) tokenDescription(u user, g *grant, methods []string) object {
	domain := object{"id": DefaultDomainID, "name": DefaultDomainName}
	o := object{
		"issued_at":  c.now.Format(tokenTimeLayout),
		"expires_at": g.expires.Format(tokenTimeLayout),
		"methods":    methods,
		"catalog":    []object{},
		"roles":      []object{},
		"user":       object{"id": u.id, "name": u.name, "domain": domain, "password_expires_at": ""},
	}
	if p, ok := c.server.projects[g.projectID]; ok {
		o["project"] = object{"id": p.id, "name": p.name, "domain": domain}
	} else {
		o["domain"] = domain
	}
	return o
}
