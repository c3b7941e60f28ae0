package huaweicloud

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/csms/terraform-provider-csms/internal/cached"
)

// projectLookup finds the id of the project that the paths of services begin with.
type projectLookup struct {
	config Config
	iam    *caller
	found  cached.Value[string]
}

// id returns the project's id. A token may tell it; else it is looked up, once at most.
func (p *projectLookup) id(ctx context.Context, used authorization) (string, error) {
	switch {
	case p.config.ProjectID != "":
		return p.config.ProjectID, nil
	case used.projectID != "":
		return used.projectID, nil
	default:
		return p.found.Get(ctx, cached.Always, p.lookUp)
	}
}

func (p *projectLookup) awaited() string { return "the project's id from " + p.iam.endpoint.origin }

type project struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// lookUp asks IAM for the project.
//
// https://support.huaweicloud.com/intl/en-us/api-iam/iam_06_0001.html
//
// GET /v3/projects
func (p *projectLookup) lookUp(ctx context.Context) (string, error) {
	resp, err := p.iam.do(ctx, Request{
		Operation: OperationGetProject + " " + p.config.projectName(),
		Method:    http.MethodGet, Path: "/v3/projects", Query: map[string]string{"name": p.config.projectName()},
	})
	if err != nil {
		return "", err
	}
	var found struct {
		Projects *[]project `json:"projects"`
	}
	if err := resp.Decode(&found); err != nil {
		return "", err
	}
	if found.Projects == nil {
		return "", resp.Invalid("it has no list of projects")
	}
	return choose(*found.Projects, p.config.projectName(), resp)
}

// choose finds the one project that has the name. IAM is asked for that name only, but not every
// IAM heeds the filter.
func choose(projects []project, name string, resp *Response) (string, error) {
	var named []project
	var seen []string
	for _, p := range projects {
		seen = append(seen, p.Name+" ("+p.ID+")")
		if p.Name == name {
			named = append(named, p)
		}
	}
	switch {
	case len(named) == 1 && ValidProjectID.MatchString(named[0].ID):
		return named[0].ID, nil
	case len(named) == 1:
		return "", resp.Invalid(fmt.Sprintf("%q is not a project id", named[0].ID))
	case len(named) == 0:
		return "", resp.noProject("IAM knows no project of this name that the credentials may use; found: " +
			cmp.Or(strings.Join(seen, ", "), "none at all"))
	default:
		return "", resp.noProject(fmt.Sprintf("IAM knows %d projects of this name, not one; found: %s",
			len(named), strings.Join(seen, ", ")))
	}
}

// noProject leaves out that IAM answered 200, which is not what is wrong.
func (r *Response) noProject(what string) *Error {
	e := r.call.responseError()
	e.StatusCode, e.Message = 0, sanitize(what)
	return e
}
