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
	projectMembers access = iota // Callers with credentials for the project in the path.
	account                      // Callers with any credentials.
	anyone                       // Credentials are what the call is about.
)

// needs says what an operation needs before its handler runs, in the order in which it is checked.
type needs int

const (
	nothing         needs = 0
	body            needs = 1 << iota // One JSON object.
	anySecret                         // The secret in the path, whatever its state.
	enabledSecret                     // The secret in the path, ENABLED.
	readableSecret                    // The secret in the path, in a state in which metadata is read.
	stageableSecret                   // The secret in the path, in a state in which stages move.
	secretNeeded    = anySecret | enabledSecret | readableSecret | stageableSecret
)

type route struct {
	operation string
	method    string
	path      string
	access    access
	needs     needs
	handle    func(*call) (response, error)
}

// Routes maps each method and path that the server answers, such as
// "GET /v1/{project_id}/secrets", to the name of its operation.
func Routes() map[string]string {
	operations := map[string]string{}
	for _, r := range routes() {
		operations[r.method+" "+r.path] = r.operation
	}
	return operations
}

func routes() []route { return slices.Concat(secretRoutes(), tagRoutes(), iamRoutes()) }

func secretRoutes() []route {
	const (
		secrets  = "/v1/{project_id}/secrets"
		secret   = secrets + "/{secret_name}"
		versions = secret + "/versions"
		version  = versions + "/{version_id}"
		stages   = secret + "/stages"
		stage    = stages + "/{stage_name}"
		deletion = secret + "/scheduled-deleted-tasks"
	)
	return []route{
		{"CreateSecret", http.MethodPost, secrets, projectMembers, body, createSecret},
		{"ListSecrets", http.MethodGet, secrets, projectMembers, nothing, listSecrets},
		{"ShowSecret", http.MethodGet, secret, projectMembers, anySecret, showSecret},
		{"UpdateSecret", http.MethodPut, secret, projectMembers, body | anySecret, updateSecret},
		{"DeleteSecret", http.MethodDelete, secret, projectMembers, anySecret, deleteSecret},
		{"ScheduleDeletion", http.MethodPost, deletion + "/create", projectMembers, body | anySecret, scheduleDeletion},
		{"CancelDeletion", http.MethodPost, deletion + "/cancel", projectMembers, anySecret, cancelDeletion},
		{"ListTasks", http.MethodGet, "/v1/{project_id}/csms/tasks", projectMembers, nothing, listTasks},
		{"RotateSecret", http.MethodPost, secret + "/rotate", projectMembers, enabledSecret, rotateSecret},

		{"CreateVersion", http.MethodPost, versions, projectMembers, body | enabledSecret, createVersion},
		{"ListVersions", http.MethodGet, versions, projectMembers, readableSecret, listVersions},
		{"ShowVersion", http.MethodGet, version, projectMembers, enabledSecret, showVersion},
		{"UpdateVersion", http.MethodPut, version, projectMembers, body | enabledSecret, updateVersion},

		{"CreateStage", http.MethodPost, stages, projectMembers, body | stageableSecret, createStage},
		{"ShowStage", http.MethodGet, stage, projectMembers, readableSecret, showStage},
		{"PutStage", http.MethodPut, stage, projectMembers, body | stageableSecret, putStage},
		{"DeleteStage", http.MethodDelete, stage, projectMembers, stageableSecret, deleteStage},
	}
}

func tagRoutes() []route {
	const tags = "/v1/{project_id}/csms/{secret_id}/tags"
	return []route{
		{"ListProjectTags", http.MethodGet, "/v1/{project_id}/csms/tags", projectMembers, nothing, listProjectTags},
		{"ListTags", http.MethodGet, tags, projectMembers, nothing, listTags},
		{"CreateTag", http.MethodPost, tags, projectMembers, nothing, createTag},
		{"ChangeTags", http.MethodPost, tags + "/action", projectMembers, nothing, changeTagsAtOnce},
		{"DeleteTag", http.MethodDelete, tags + "/{key}", projectMembers, nothing, deleteTag},
	}
}

func iamRoutes() []route {
	return []route{
		{"ListProjects", http.MethodGet, "/v3/projects", account, nothing, listProjects},
		{"ShowCatalog", http.MethodGet, "/v3/auth/catalog", account, nothing, showCatalog},
		{"ListDomains", http.MethodGet, "/v3/auth/domains", account, nothing, listDomains},
		{"CreateToken", http.MethodPost, "/v3/auth/tokens", anyone, nothing, createToken},
		{
			"CreateTokenWithIdToken",
			http.MethodPost,
			"/v3.0/OS-AUTH/id-token/tokens",
			anyone,
			nothing,
			createTokenWithIDToken,
		},
		{
			"CreateTemporaryAccessKey",
			http.MethodPost,
			"/v3.0/OS-CREDENTIAL/securitytokens",
			anyone,
			nothing,
			createTemporaryKey,
		},
		{"AssumeAgency", http.MethodPost, "/v5/agencies/assume", account, nothing, assumeAgency},
		{"GetCallerIdentity", http.MethodGet, "/v5/caller-identity", account, nothing, getCallerIdentity},
		{"CreateMetadataToken", http.MethodPut, "/meta-data/latest/api/token", anyone, nothing, createMetadataToken},
		{"ShowInstanceKey", http.MethodGet, "/openstack/latest/securitykey", anyone, nothing, showInstanceKey},
	}
}

// match finds the operation for an escaped path and stores what the path names in params. Segments
// are split before they are unescaped: a slash in a name is not a separator.
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
	pattern := strings.Split(r.path, "/")
	if len(segments) != len(pattern) {
		return false
	}
	clear(params)
	for i, want := range pattern {
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

// prepare reads and finds what the operation needs.
func (c *call) prepare() (err error) {
	needs := c.route.needs
	if needs&body != 0 {
		if c.fields, err = c.readFields(); err != nil {
			return err
		}
	}
	if needs&secretNeeded == 0 {
		return nil
	}
	cfg := &c.server.cfg
	mustBeEnabled := needs&enabledSecret != 0 ||
		needs&readableSecret != 0 && cfg.inactiveReadsRefused ||
		needs&stageableSecret != 0 && !cfg.inactiveStageWrites
	c.secret, err = c.findSecret(mustBeEnabled)
	return err
}
