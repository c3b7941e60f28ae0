package mockserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// maxControlBytes is the size from which a body of a control call is refused.
const maxControlBytes = 1 << 20

// controlCall is a control call on its way.
type controlCall struct {
	mock    *csmstest.Server
	saved   *savedSnapshots
	project *csmstest.Project // The one that the query names; the default one if it names none.
	named   bool              // Whether the query names one.
	request *http.Request
}

func (c *controlCall) editor() csmstest.Editor { return c.project.Editor() }
func (c *controlCall) secret() string          { return c.request.PathValue("secret_name") }
func (c *controlCall) version() string         { return c.request.PathValue("version_id") }
func (c *controlCall) stage() string           { return c.request.PathValue("stage_name") }

// controlHandler carries out a control call. The response is nil if there is nothing to say.
type controlHandler func(*controlCall) (any, error)

// controlHandlers lists the control calls by method and path.
func controlHandlers() map[string]controlHandler {
	const (
		secret  = "/_control/secrets/{secret_name}"
		version = secret + "/versions/{version_id}"
		stage   = secret + "/stages/{stage_name}"
	)
	return map[string]controlHandler{
		"GET /_control/secrets":        listSecrets,
		"PUT " + secret:                putSecret,
		"DELETE " + secret:             done(deleteSecret),
		"PUT " + secret + "/state":     done(setState),
		"POST " + secret + "/versions": addVersion,
		"DELETE " + version:            done(deleteVersion),
		"PUT " + version + "/expiry":   done(setExpiry),
		"PUT " + stage:                 done(moveStage),
		"DELETE " + stage:              done(deleteStage),

		"GET /_control/requests":                  listRequests,
		"DELETE /_control/requests":               done(forgetRequests),
		"GET /_control/faults":                    showFaults,
		"PUT /_control/faults":                    done(replaceFaults),
		"POST /_control/faults":                   done(addFault),
		"DELETE /_control/faults":                 done(clearFaults),
		"GET /_control/snapshots":                 listSnapshots,
		"PUT /_control/snapshots/{snapshot_name}": done(saveSnapshot),
		"POST /_control/reset":                    done(reset),
	}
}

// done makes a handler of what has nothing to say.
func done(do func(*controlCall) error) controlHandler {
	return func(c *controlCall) (any, error) { return nil, do(c) }
}

// ControlPatterns lists the methods and paths of the control calls, such as "PUT /_control/faults".
func ControlPatterns() []string { return sortedKeys(controlHandlers()) }

// handleControl serves the control calls.
func handleControl(mux *http.ServeMux, mock *csmstest.Server) {
	saved := newSavedSnapshots(mock)
	for pattern, handle := range controlHandlers() {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			serveControl(w, &controlCall{mock: mock, saved: saved, request: r}, handle)
		})
	}
	mux.HandleFunc("/_control/", func(w http.ResponseWriter, r *http.Request) {
		writeError(w, http.StatusNotFound,
			"there is no such control call; /openapi.yaml describes them: "+r.Method+" "+r.URL.Path)
	})
}

func serveControl(w http.ResponseWriter, c *controlCall, handle controlHandler) {
	c.request.Body = http.MaxBytesReader(w, c.request.Body, maxControlBytes)
	var result any
	err := c.findProject()
	if err == nil {
		result, err = handle(c)
	}
	var missing *csmstest.NotFoundError
	switch {
	case errors.As(err, &missing):
		writeError(w, http.StatusNotFound, err.Error())
	case err != nil:
		writeError(w, http.StatusBadRequest, err.Error())
	case result == nil:
		w.WriteHeader(http.StatusNoContent)
	default:
		writeJSON(w, http.StatusOK, result)
	}
}

// findProject finds the project that the query names, by its id or by its name, which is the
// region's for a region's own project. Other parameters are mistakes.
func (c *controlCall) findProject() error {
	query := c.request.URL.Query()
	for name := range query {
		if !slices.Contains(c.parameters(), name) {
			return fmt.Errorf("this call has no parameter %q", name)
		}
	}
	id, region := query.Get("project_id"), query.Get("region")
	c.named = id != "" || region != ""
	for _, p := range c.mock.Projects() {
		if (id == "" || p.ID() == id) && (region == "" || p.Name() == region) {
			c.project = p
			return nil
		}
	}
	return csmstest.NotFound("there is no project with id %q and region %q", id, region)
}

// parameters are those that the call may have: none where there is no telling projects apart.
func (c *controlCall) parameters() []string {
	path := c.request.URL.Path
	if path == "/_control/reset" {
		return []string{"snapshot"}
	}
	if strings.HasPrefix(path, "/_control/secrets") || c.request.Method+path == "GET/_control/requests" {
		return []string{"project_id", "region"}
	}
	return nil
}

// read decodes a body of JSON that has no other members than the target. Its errors quote no value.
func (c *controlCall) read(target any) error {
	mediaType, _, err := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	if err != nil || mediaType != "application/json" {
		return errors.New("the Content-Type must be application/json")
	}
	if err := decodeStrictly(c.request.Body, target); err != nil {
		return fmt.Errorf("read the body: %w", err)
	}
	return nil
}

// decodeStrictly decodes the one JSON value of a text, which has no other members than the target.
func decodeStrictly(text io.Reader, target any) error {
	decoder := json.NewDecoder(text)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(target); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more than one JSON value")
	}
	return nil
}

func writeError(w http.ResponseWriter, status int, message string) {
	writeJSON(w, status, map[string]string{"error": message})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(body) // It fails if the client is gone.
}

// listSecrets returns the project's secrets in the form of a seed, without their values.
func listSecrets(c *controlCall) (any, error) {
	return map[string]any{"secrets": c.project.Secrets()}, nil
}

// putSecret creates or replaces a secret as a seed does.
func putSecret(c *controlCall) (any, error) {
	seed := csmstest.Secret{Name: c.secret()}
	if err := c.read(&seed); err != nil {
		return nil, err
	}
	if seed.Name != c.secret() {
		return nil, errors.New("the body names another secret than the path")
	}
	return nil, c.editor().PutSecret(seed)
}

func deleteSecret(c *controlCall) error { return c.editor().DeleteSecret(c.secret()) }

func setState(c *controlCall) error {
	var body struct {
		State string `json:"state"`
	}
	if err := c.read(&body); err != nil {
		return err
	}
	return c.editor().SetState(c.secret(), body.State)
}

// addVersion adds a version under the next number, which it returns.
func addVersion(c *controlCall) (any, error) {
	var body struct {
		Stages     []string  `json:"stages"`
		ExpireTime time.Time `json:"expire_time"`
		Value      string    `json:"value"`
		Binary     string    `json:"binary"`
	}
	if err := c.read(&body); err != nil {
		return nil, err
	}
	id, err := c.editor().AddVersion(c.secret(), csmstest.Version{
		Stages: body.Stages, ExpireTime: body.ExpireTime, Value: body.Value, Binary: body.Binary,
	})
	return map[string]string{"version_id": id}, err
}

func deleteVersion(c *controlCall) error { return c.editor().DeleteVersion(c.secret(), c.version()) }

func setExpiry(c *controlCall) error {
	var body struct {
		ExpireTime *time.Time `json:"expire_time"` // Null for none.
	}
	if err := c.read(&body); err != nil {
		return err
	}
	if body.ExpireTime == nil {
		body.ExpireTime = &time.Time{}
	}
	return c.editor().SetExpiry(c.secret(), c.version(), *body.ExpireTime)
}

func moveStage(c *controlCall) error {
	var body struct {
		VersionID string `json:"version_id"`
	}
	if err := c.read(&body); err != nil {
		return err
	}
	return c.editor().MoveStage(c.secret(), c.stage(), body.VersionID)
}

func deleteStage(c *controlCall) error { return c.editor().DeleteStage(c.secret(), c.stage()) }

// listRequests returns the requests that the API has answered: all, or those to one project.
func listRequests(c *controlCall) (any, error) {
	requests := c.mock.Requests()
	if c.named {
		requests = slices.DeleteFunc(requests, func(r csmstest.Request) bool { return r.ProjectID != c.project.ID() })
	}
	return map[string]any{"requests": requests}, nil
}

func forgetRequests(c *controlCall) error {
	c.mock.ResetRequests()
	return nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
