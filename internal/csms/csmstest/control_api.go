package csmstest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"time"
)

// maxControlBytes is the size from which a body of a control call is refused.
const maxControlBytes = 1 << 20

// controlCall acts on a project for somebody who needs no credentials. The answer is nil if there is nothing to say.
type controlCall func(p *Project, r *http.Request) (any, error)

// controlCalls lists the control calls by method and path.
func controlCalls() map[string]controlCall {
	const (
		secrets = "/_control/secrets"
		secret  = secrets + "/{secret_name}"
		version = secret + "/versions/{version_id}"
		stage   = secret + "/stages/{stage_name}"
	)
	return map[string]controlCall{
		"GET " + secrets:               controlListSecrets,
		"PUT " + secret:                controlPutSecret,
		"DELETE " + secret:             controlDeleteSecret,
		"PUT " + secret + "/state":     controlSetState,
		"POST " + secret + "/versions": controlAddVersion,
		"DELETE " + version:            controlDeleteVersion,
		"PUT " + version + "/expiry":   controlSetExpiry,
		"PUT " + stage:                 controlMoveStage,
		"DELETE " + stage:              controlDeleteStage,
		"GET /_control/requests":       controlListRequests,
		"DELETE /_control/requests":    controlForgetRequests,
		"GET /_control/faults":         controlShowFaults,
		"PUT /_control/faults":         controlReplaceFaults,
		"POST /_control/faults":        controlAddFault,
		"DELETE /_control/faults":      controlClearFaults,
	}
}

// handleControl serves the control calls.
func (s *Server) handleControl(desk *http.ServeMux) {
	for pattern, do := range controlCalls() {
		desk.HandleFunc(pattern, s.control(do))
	}
	desk.HandleFunc("/_control/", func(w http.ResponseWriter, r *http.Request) {
		writeControl(w, http.StatusNotFound, object{"error": "there is no such control call; /openapi.yaml describes them: " + r.Method + " " + r.URL.Path})
	})
}

func (s *Server) control(do controlCall) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxControlBytes)
		p, ok := s.projects[cmp.Or(r.URL.Query().Get("project_id"), DefaultProjectID)]
		if !ok {
			writeControl(w, http.StatusNotFound, object{"error": "there is no such project"})
			return
		}
		told, err := do(p, r)
		var unknown unknownError
		switch {
		case errors.As(err, &unknown):
			writeControl(w, http.StatusNotFound, object{"error": err.Error()})
		case err != nil:
			writeControl(w, http.StatusBadRequest, object{"error": err.Error()})
		case told == nil:
			w.WriteHeader(http.StatusNoContent)
		default:
			writeControl(w, http.StatusOK, told)
		}
	}
}

func writeControl(w http.ResponseWriter, status int, body any) {
	a := jsonAnswer(status, body)
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(status)
	_, _ = w.Write(append(a.body, '\n')) // It fails if the client is gone.
}

// readControl decodes a body of JSON that has no other members than the target. Its errors quote no value.
func readControl(r *http.Request, target any) error {
	if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "application/json" {
		return errors.New("the Content-Type must be application/json")
	}
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(target); err != nil {
		return fmt.Errorf("read the body: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("read the body: there is more than one JSON value")
	}
	return nil
}

// controlListSecrets gives the project's secrets in the form of a seed, without their values.
func controlListSecrets(p *Project, _ *http.Request) (any, error) {
	return object{"secrets": p.Secrets()}, nil
}

// controlPutSecret creates or replaces a secret as a seed does.
func controlPutSecret(p *Project, r *http.Request) (any, error) {
	seed := Secret{Name: r.PathValue("secret_name")}
	if err := readControl(r, &seed); err != nil {
		return nil, err
	}
	if seed.Name != r.PathValue("secret_name") {
		return nil, errors.New("the body names another secret than the path")
	}
	return nil, p.putSecret(seed)
}

func controlDeleteSecret(p *Project, r *http.Request) (any, error) {
	return nil, p.deleteSecret(r.PathValue("secret_name"))
}

func controlSetState(p *Project, r *http.Request) (any, error) {
	var body struct {
		State string `json:"state"`
	}
	if err := readControl(r, &body); err != nil {
		return nil, err
	}
	return nil, p.setState(r.PathValue("secret_name"), body.State)
}

// controlAddVersion adds a version under the next number, which it tells.
func controlAddVersion(p *Project, r *http.Request) (any, error) {
	var body struct {
		Stages     []string  `json:"stages"`
		ExpireTime time.Time `json:"expire_time"`
		Value      string    `json:"value"`
		Binary     string    `json:"binary"`
	}
	if err := readControl(r, &body); err != nil {
		return nil, err
	}
	id, err := p.addVersion(r.PathValue("secret_name"), Version{
		Stages: body.Stages, ExpireTime: body.ExpireTime.UTC().Truncate(time.Second), Value: body.Value, Binary: body.Binary,
	})
	return object{"version_id": id}, err
}

func controlDeleteVersion(p *Project, r *http.Request) (any, error) {
	return nil, p.deleteVersion(r.PathValue("secret_name"), r.PathValue("version_id"))
}

func controlSetExpiry(p *Project, r *http.Request) (any, error) {
	var body struct {
		ExpireTime *time.Time `json:"expire_time"` // Null for none.
	}
	if err := readControl(r, &body); err != nil {
		return nil, err
	}
	var at time.Time
	if body.ExpireTime != nil {
		at = *body.ExpireTime
	}
	return nil, p.setExpiry(r.PathValue("secret_name"), r.PathValue("version_id"), at)
}

func controlMoveStage(p *Project, r *http.Request) (any, error) {
	var body struct {
		VersionID string `json:"version_id"`
	}
	if err := readControl(r, &body); err != nil {
		return nil, err
	}
	return nil, p.moveStage(r.PathValue("secret_name"), r.PathValue("stage_name"), body.VersionID)
}

func controlDeleteStage(p *Project, r *http.Request) (any, error) {
	return nil, p.deleteStage(r.PathValue("secret_name"), r.PathValue("stage_name"))
}

// controlListRequests tells which requests the API has answered, whatever the project.
func controlListRequests(p *Project, _ *http.Request) (any, error) {
	return object{"requests": p.server.Requests()}, nil
}

func controlForgetRequests(p *Project, _ *http.Request) (any, error) {
	p.server.ResetRequests()
	return nil, nil
}

// badDay is what keeps requests from being answered at once and well.
type badDay struct {
	Latency   string             `json:"latency"`
	RateLimit int                `json:"rate_limit"`
	Faults    []faultDescription `json:"faults"`
}

func controlShowFaults(p *Project, _ *http.Request) (any, error) {
	s := p.server
	s.mu.Lock()
	defer s.mu.Unlock()
	day := badDay{Latency: s.latency.String(), Faults: []faultDescription{}}
	if s.limiter != nil {
		day.RateLimit = s.limiter.Burst()
	}
	for _, f := range s.faults {
		day.Faults = append(day.Faults, f.describe())
	}
	return day, nil
}

// controlReplaceFaults sets latency, limit and faults together; what the body leaves out is none.
func controlReplaceFaults(p *Project, r *http.Request) (any, error) {
	var day badDay
	if err := readControl(r, &day); err != nil {
		return nil, err
	}
	latency, err := time.ParseDuration(cmp.Or(day.Latency, "0s"))
	if err != nil || latency < 0 || day.RateLimit < 0 {
		return nil, errors.New("latency is a duration such as 200ms, and rate_limit a number of requests per second")
	}
	faults := make([]Fault, 0, len(day.Faults))
	for _, described := range day.Faults {
		f, err := described.fault()
		if err != nil {
			return nil, err
		}
		faults = append(faults, f)
	}
	p.server.setBadDay(latency, day.RateLimit, faults)
	return nil, nil
}

func (s *Server) setBadDay(latency time.Duration, rateLimit int, faults []Fault) {
	s.SetLatency(latency)
	s.SetRateLimit(rateLimit)
	s.ClearFaults()
	for i := range faults {
		s.Fail(faults[i])
	}
}

func controlAddFault(p *Project, r *http.Request) (any, error) {
	var described faultDescription
	if err := readControl(r, &described); err != nil {
		return nil, err
	}
	f, err := described.fault()
	if err != nil {
		return nil, err
	}
	p.server.Fail(f)
	return nil, nil
}

func controlClearFaults(p *Project, _ *http.Request) (any, error) {
	p.server.setBadDay(0, 0, nil)
	return nil, nil
}

// knownOperation tells whether the API has an operation of this name.
func knownOperation(name string) bool {
	return slices.ContainsFunc(routes(), func(r route) bool { return r.operation == name })
}
