package csmstest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// access says whom an operation answers.
type access int

const (
	projectMembers access = iota // Whoever has credentials for the project in the path.
	account                      // Whoever has credentials at all.
	anyone                       // Credentials are what the call is about.
)

type route struct {
	operation string
	method    string
	segments  []string // Of the path; those in braces match anything and name it.
	access    access
	handle    func(*call) (answer, error)
}

// routes lists every operation that the server knows.
func routes() []route { return slices.Concat(secretRoutes(), iamRoutes()) }

func secretRoutes() []route {
	const (
		secrets  = "/v1/{project_id}/secrets"
		secret   = secrets + "/{secret_name}"
		versions = secret + "/versions"
		version  = versions + "/{version_id}"
		stages   = secret + "/stages"
		stage    = stages + "/{stage_name}"
		deletion = secret + "/scheduled-deleted-tasks"
		tagged   = "/v1/{project_id}/csms/{secret_id}/tags"
	)
	return []route{
		on("CreateSecret", http.MethodPost, secrets, projectMembers, createSecret),
		on("ListSecrets", http.MethodGet, secrets, projectMembers, listSecrets),
		on("ShowSecret", http.MethodGet, secret, projectMembers, showSecret),
		on("UpdateSecret", http.MethodPut, secret, projectMembers, updateSecret),
		on("DeleteSecret", http.MethodDelete, secret, projectMembers, deleteSecret),
		on("ScheduleDeletion", http.MethodPost, deletion+"/create", projectMembers, scheduleDeletion),
		on("CancelDeletion", http.MethodPost, deletion+"/cancel", projectMembers, cancelDeletion),

		on("RotateSecret", http.MethodPost, secret+"/rotate", projectMembers, rotateSecret),

		on("CreateVersion", http.MethodPost, versions, projectMembers, createVersion),
		on("ListVersions", http.MethodGet, versions, projectMembers, listVersions),
		on("ShowVersion", http.MethodGet, version, projectMembers, showVersion),
		on("UpdateVersion", http.MethodPut, version, projectMembers, updateVersion),

		on("CreateStage", http.MethodPost, stages, projectMembers, createStage),
		on("ShowStage", http.MethodGet, stage, projectMembers, showStage),
		on("PutStage", http.MethodPut, stage, projectMembers, putStage),
		on("DeleteStage", http.MethodDelete, stage, projectMembers, deleteStage),

		on("ListProjectTags", http.MethodGet, "/v1/{project_id}/csms/tags", projectMembers, listProjectTags),
		on("ListTags", http.MethodGet, tagged, projectMembers, listTags),
		on("CreateTag", http.MethodPost, tagged, projectMembers, createTag),
		on("ChangeTags", http.MethodPost, tagged+"/action", projectMembers, changeTagsAtOnce),
		on("DeleteTag", http.MethodDelete, tagged+"/{key}", projectMembers, deleteTag),
	}
}

func iamRoutes() []route {
	return []route{
		on("ListProjects", http.MethodGet, "/v3/projects", account, listProjects),
		on("ShowCatalog", http.MethodGet, "/v3/auth/catalog", account, showCatalog),
		on("ListDomains", http.MethodGet, "/v3/auth/domains", account, listDomains),
		on("CreateToken", http.MethodPost, "/v3/auth/tokens", anyone, createToken),
		on("CreateTokenWithIdToken", http.MethodPost, "/v3.0/OS-AUTH/id-token/tokens", anyone, createTokenWithIDToken),
		on("CreateTemporaryAccessKey", http.MethodPost, "/v3.0/OS-CREDENTIAL/securitytokens", anyone, createTemporaryKey),
		on("AssumeAgency", http.MethodPost, "/v5/agencies/assume", account, assumeAgency),
		on("GetCallerIdentity", http.MethodGet, "/v5/caller-identity", account, getCallerIdentity),
		on("CreateMetadataToken", http.MethodPut, "/meta-data/latest/api/token", anyone, createMetadataToken),
		on("ShowInstanceKey", http.MethodGet, "/openstack/latest/securitykey", anyone, showInstanceKey),
	}
}

func on(operation, method, path string, access access, handle func(*call) (answer, error)) route {
	return route{operation: operation, method: method, segments: strings.Split(path, "/"), access: access, handle: handle}
}

// match finds the operation for an escaped path and stores what the path names in params. Segments are split before they are
// unescaped: a slash in a name is not a separator.
func (s *Server) match(method, escapedPath string, params map[string]string) *route {
	segments := strings.Split(escapedPath, "/")
	for i := range s.routes {
		r := &s.routes[i]
		if r.method == method && r.matches(segments, params) {
			return r
		}
	}
	return nil
}

func (r *route) matches(segments []string, params map[string]string) bool {
	if len(segments) != len(r.segments) {
		return false
	}
	clear(params)
	for i, want := range r.segments {
		got, err := url.PathUnescape(segments[i])
		name, named := strings.CutPrefix(want, "{")
		switch {
		case err != nil, got == "" && named, !named && got != want:
			return false
		case named:
			params[strings.TrimSuffix(name, "}")] = got
		}
	}
	return true
}
