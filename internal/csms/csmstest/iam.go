package csmstest

import (
	"net/http"
)

// iamTimeLayout is how IAM writes times.
const iamTimeLayout = "2006-01-02T15:04:05.000000Z"

// Agency is a delegation by which holders of credentials may act for an account, usually another
// than their own.
type Agency struct {
	Name string
	// DomainID and DomainName are the account's that delegates. The default account's are
	// DefaultDomainID and DefaultDomainName.
	DomainID   string
	DomainName string
	// Projects are the account's projects, ids by name. They are added to the server, which needs
	// no WithProject for them.
	Projects map[string]string
}

// user is an IAM user of the default account.
type user struct{ id, name, password string }

// identityProvider vouches for those who present its token.
type identityProvider struct{ id, token string }

// domain finds an account by its id; that of an agency goes by the agency's name for it.
func (s *Server) domain(id string) object {
	name := DefaultDomainName
	for _, a := range s.cfg.agencies {
		if a.DomainID == id {
			name = a.DomainName
		}
	}
	return object{"id": id, "name": name}
}

// projectsOf lists an account's projects by id.
func (s *Server) projectsOf(domainID string) []*Project {
	var projects []*Project
	for _, id := range sortedKeys(s.projects) {
		if p := s.projects[id]; p.domainID == domainID {
			projects = append(projects, p)
		}
	}
	return projects
}

// agency finds an agency by its name and its account's name or id.
func (s *Server) agency(name, domainName, domainID string) (Agency, bool) {
	for _, a := range s.cfg.agencies {
		if a.Name == name && (a.DomainName == domainName || a.DomainID == domainID) {
			return a, true
		}
	}
	return Agency{}, false
}

// listProjects lists the projects of the caller's account, or those of one name.
//
// GET /v3/projects.
func listProjects(c *call) (response, error) {
	query := c.request.URL.Query()
	projects := []object{}
	for _, p := range c.server.projectsOf(c.caller.domainID) {
		if !query.Has("name") || query.Get("name") == p.name {
			projects = append(projects, projectDescription(p))
		}
	}
	return jsonResponse(http.StatusOK, object{"projects": projects, "links": links(c)}), nil
}

func projectDescription(p *Project) object {
	return object{
		"id": p.id, "name": p.name, "domain_id": p.domainID, "parent_id": p.domainID,
		"is_domain": false, "enabled": true, "description": "",
	}
}

func links(c *call) object {
	return object{"self": c.request.URL.Path, "previous": null, "next": null}
}

// listDomains lists the caller's account.
//
// GET /v3/auth/domains.
func listDomains(c *call) (response, error) {
	domain := c.server.domain(c.caller.domainID)
	domain["enabled"], domain["description"] = true, ""
	return jsonResponse(http.StatusOK, object{"domains": []object{domain}, "links": links(c)}), nil
}

// showCatalog lists where the services are that this server serves: all at its own address.
//
// GET /v3/auth/catalog.
func showCatalog(c *call) (response, error) {
	base := "http://" + c.request.Host
	if c.request.TLS != nil {
		base = "https://" + c.request.Host
	}
	keys := []object{}
	for _, p := range c.server.projectsOf(c.caller.domainID) {
		keys = append(keys, endpoint("kms", p.name, base+"/v1/"+p.id))
	}
	return jsonResponse(http.StatusOK, object{"links": links(c), "catalog": []object{
		service("iam", []object{endpoint("iam", "*", base+"/v3")}),
		service("kms", keys),
	}}), nil
}

func service(name string, endpoints []object) object {
	return object{"id": resourceID("service", name, 0), "name": name, "type": name, "endpoints": endpoints}
}

func endpoint(serviceName, region, url string) object {
	return object{
		"id":        resourceID(serviceName, region, 0),
		"interface": "public",
		"region":    region,
		"region_id": region,
		"url":       url,
	}
}

// getCallerIdentity responds with the owner of the request's credentials.
//
// GET /v5/caller-identity.
func getCallerIdentity(c *call) (response, error) {
	return jsonResponse(http.StatusOK, object{
		"account_id":    c.caller.domainID,
		"principal_id":  DefaultUserID,
		"principal_urn": "iam::" + c.caller.domainID + ":user:" + DefaultUserName,
	}), nil
}
