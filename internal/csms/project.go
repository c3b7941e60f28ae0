package csms

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/def"
)

// projectID returns the id of the project that all CSMS paths begin with. A token may tell it; else it is looked up, once
// at most.
func (c *Client) projectID(ctx context.Context, used authorization) (string, error) {
	switch {
	case c.config.ProjectID != "":
		return c.config.ProjectID, nil
	case used.projectID != "":
		return used.projectID, nil
	default:
		return c.project.get(ctx, always, c.lookUpProject)
	}
}

func (c *Client) projectName() string {
	if c.config.ProjectName != "" {
		return c.config.ProjectName
	}
	return c.config.Region
}

type listProjectsRequest struct {
	Name string `json:"name"`
}

type listProjectsResponse struct {
	outcome
	Projects *[]project `json:"projects"`
}

type project struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// lookUpProject asks IAM for the project.
//
// GET /v3/projects
func (c *Client) lookUpProject(ctx context.Context) (string, error) {
	k := c.newCall(OperationGetProject + " " + c.projectName())
	k.endpoint = c.iam
	reqDef := define(http.MethodGet, "/v3/projects", new(listProjectsResponse), at(def.Query, "Name", "name"))
	found, err := send[*listProjectsResponse](ctx, k, &listProjectsRequest{Name: c.projectName()}, reqDef)
	if err != nil {
		return "", err
	}
	if found.Projects == nil {
		return "", k.malformed("it has no list of projects")
	}
	return k.choose(*found.Projects)
}

// choose finds the one project that has the name. IAM is asked for that name only, but not every IAM heeds the filter.
func (k *call) choose(projects []project) (string, error) {
	var named []project
	var seen []string
	for _, p := range projects {
		seen = append(seen, p.Name+" ("+p.ID+")")
		if p.Name == k.client.projectName() {
			named = append(named, p)
		}
	}
	switch {
	case len(named) == 1 && ValidProjectID.MatchString(named[0].ID):
		return named[0].ID, nil
	case len(named) == 1:
		return "", k.malformed(fmt.Sprintf("%q is not a project id", named[0].ID))
	case len(named) == 0:
		return "", k.noProject("IAM knows no project of this name that the credentials may use; found: " +
			cmp.Or(strings.Join(seen, ", "), "none at all"))
	default:
		return "", k.noProject(fmt.Sprintf("IAM knows %d projects of this name, not one; found: %s",
			len(named), strings.Join(seen, ", ")))
	}
}

// noProject leaves out that IAM answered 200, which is not what is wrong.
func (k *call) noProject(what string) *Error {
	e := k.failed()
	e.StatusCode, e.Message = 0, plain(what)
	return e
}
