package csmstest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Secret is a secret as it is seeded and as it is looked at from outside. All but the name may be
// left out.
type Secret struct {
	Name                string            `json:"name"`
	ID                  string            `json:"id,omitempty"`
	State               string            `json:"state,omitempty"` // ENABLED if left out.
	Type                string            `json:"secret_type,omitempty"`
	KMSKeyID            string            `json:"kms_key_id,omitempty"`
	Description         string            `json:"description,omitempty"`
	EnterpriseProjectID string            `json:"enterprise_project_id,omitempty"`
	AutoRotation        bool              `json:"auto_rotation,omitempty"`
	RotationPeriod      string            `json:"rotation_period,omitempty"`
	RotationConfig      string            `json:"rotation_config,omitempty"`
	RotationFuncURN     string            `json:"rotation_func_urn,omitempty"`
	EventSubscriptions  []string          `json:"event_subscriptions,omitempty"`
	Tags                map[string]string `json:"tags,omitempty"`
	CreateTime          time.Time         `json:"create_time,omitzero"`
	UpdateTime          time.Time         `json:"update_time,omitzero"`
	ScheduledDeleteTime time.Time         `json:"scheduled_delete_time,omitzero"`
	// StageUpdateTimes says when stages were moved last; when their version was made for those that
	// it leaves out.
	StageUpdateTimes map[string]time.Time `json:"stage_update_times,omitempty"`
	// LastVersion is the highest version number ever given out: numbers are not used again.
	LastVersion int64 `json:"last_version,omitempty"`
	// Versions, in numeric order. A secret that is seeded with none gets v1 with the stage
	// SYSCURRENT, as a created one does.
	Versions []Version `json:"versions,omitempty"`
}

// Version is a version as it is seeded and as it is looked at from outside.
type Version struct {
	ID         string    `json:"id"`               // v1, v2 and so on.
	Stages     []string  `json:"stages,omitempty"` // Sorted by name when looked at.
	KMSKeyID   string    `json:"kms_key_id,omitempty"`
	CreateTime time.Time `json:"create_time,omitzero"` // The present if not seeded.
	ExpireTime time.Time `json:"expire_time,omitzero"` // Zero for none.
	Value      string    `json:"value,omitempty"`      // Of secret_string.
	Binary     string    `json:"binary,omitempty"`     // Of secret_binary, in base64.
}

func (s *Secret) clone() Secret {
	copied := *s
	copied.EventSubscriptions = slices.Clone(s.EventSubscriptions)
	copied.Tags = maps.Clone(s.Tags)
	copied.Versions = slices.Clone(s.Versions)
	return copied
}

// Project holds the secrets of one project. Its methods change them as an operator would behind the
// client's back: at once, without a request, bound by no state or limit of the service. They panic
// if the secret or version they name does not exist, for that is a mistake of the test; Editor has
// the same methods with errors.
type Project struct {
	server   *Server
	id       string
	name     string
	domainID string
	created  uint64 // How many secrets were ever made.
	secrets  map[string]*secret
	tasks    []rotationTask
}

// ID returns the project's id.
func (p *Project) ID() string { return p.id }

// Name returns the project's name, which is the region's for a region's own project.
func (p *Project) Name() string { return p.name }

// Region returns the region that the project is in, which its name begins with.
func (p *Project) Region() string {
	region, _, _ := strings.Cut(p.name, "_")
	return region
}

// Secret copies a secret with its versions as they are now.
func (p *Project) Secret(name string) (Secret, bool) {
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	s, ok := p.secrets[name]
	if !ok {
		return Secret{}, false
	}
	return s.snapshot(), true
}

// Secrets copies all secrets by name, without their values.
func (p *Project) Secrets() []Secret {
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	all := p.snapshot().Secrets
	for _, s := range all {
		for i := range s.Versions {
			s.Versions[i].Value, s.Versions[i].Binary = "", ""
		}
	}
	return all
}

// PutSecret creates a secret or replaces it with all its versions. It panics if the secret could
// not exist at the service: bad names, two versions of one id, one stage on two versions.
func (p *Project) PutSecret(seed Secret) { must(p.Editor().PutSecret(seed)) }

// DeleteSecret deletes a secret at once, whatever its state.
func (p *Project) DeleteSecret(name string) { must(p.Editor().DeleteSecret(name)) }

// SetState sets a secret's state: ENABLED, DISABLED, PENDING_DELETE or FROZEN. It panics for any
// other.
func (p *Project) SetState(secretName, state string) { must(p.Editor().SetState(secretName, state)) }

// AddVersion adds a version under the next number, which it returns, and moves the stages named to
// it. Without any, SYSCURRENT moves to the new version and SYSPREVIOUS to the one that had it, as
// when a version is created through the API.
func (p *Project) AddVersion(secretName string, stages ...string) (id string) {
	id, err := p.Editor().AddVersion(secretName, Version{Stages: stages, Value: "value added outside the API"})
	must(err)
	return id
}

// DeleteVersion deletes a version with its stages, as the service may do with a version that has
// none.
func (p *Project) DeleteVersion(secretName, versionID string) {
	must(p.Editor().DeleteVersion(secretName, versionID))
}

// MoveStage moves a stage to a version, creating it if need be. No other stage moves, whatever the
// options say.
func (p *Project) MoveStage(secretName, stageName, versionID string) {
	must(p.Editor().MoveStage(secretName, stageName, versionID))
}

// DeleteStage deletes a stage, if the secret has it. It deletes SYSCURRENT and SYSPREVIOUS too.
func (p *Project) DeleteStage(secretName, stageName string) {
	must(p.Editor().DeleteStage(secretName, stageName))
}

// SetExpiry sets when a version expires, in whole seconds and also in the past. The zero time
// removes the expiry.
func (p *Project) SetExpiry(secretName, versionID string, t time.Time) {
	must(p.Editor().SetExpiry(secretName, versionID, t))
}

// StageHolder returns the version that a stage is on; empty if the secret does not have the stage.
func (p *Project) StageHolder(secretName, stageName string) (versionID string) {
	must(p.look(secretName, func(s *secret) error {
		versionID = s.stages[stageName].version
		return nil
	}))
	return versionID
}

// Expiry returns when a version expires; the zero time if it does not.
func (p *Project) Expiry(secretName, versionID string) (t time.Time) {
	must(p.look(secretName, func(s *secret) error {
		v := s.version(versionID)
		if v == nil {
			return NotFound("secret %q has no version %q", secretName, versionID)
		}
		t = v.ExpireTime
		return nil
	}))
	return t
}

// look calls do for a secret while nothing else happens.
func (p *Project) look(name string, do func(*secret) error) error {
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	s, ok := p.secrets[name]
	if !ok {
		return NotFound("project %s has no secret %q", p.id, name)
	}
	return do(s)
}

// must panics for the mistakes of tests.
func must(err error) {
	if err != nil {
		panic("csmstest: " + err.Error())
	}
}

// ProjectSnapshot is all that a project holds.
type ProjectSnapshot struct {
	Name    string   `json:"name,omitempty"`
	Created uint64   `json:"created,omitempty"` // How many secrets were ever made, which new ids are made from.
	Secrets []Secret `json:"secrets"`
}

// Snapshot is all that a server holds, values included, by the ids of its projects: the secrets,
// but neither faults nor requests nor credentials that were given out.
type Snapshot map[string]ProjectSnapshot

// Snapshot copies all that the server holds.
func (s *Server) Snapshot() Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.snapshot()
}

func (s *Server) snapshot() Snapshot {
	all := Snapshot{}
	for id, p := range s.projects {
		all[id] = p.snapshot()
	}
	return all
}

func (p *Project) snapshot() ProjectSnapshot {
	copied := ProjectSnapshot{Name: p.name, Created: p.created, Secrets: []Secret{}}
	for _, name := range sortedKeys(p.secrets) {
		copied.Secrets = append(copied.Secrets, p.secrets[name].snapshot())
	}
	return copied
}

// Validate says why the service could not hold such a project. It never quotes a value.
func (kept *ProjectSnapshot) Validate() error {
	names := map[string]bool{}
	for i := range kept.Secrets {
		if err := kept.Secrets[i].Validate(); err != nil {
			return err
		}
		if names[kept.Secrets[i].Name] {
			return fmt.Errorf("two secrets have the same name %q", kept.Secrets[i].Name)
		}
		names[kept.Secrets[i].Name] = true
	}
	return nil
}

// Restore replaces all that the server holds. If the service could not hold it, nothing changes and
// the error says why.
func (s *Server) Restore(snapshot Snapshot) error {
	for id, kept := range snapshot {
		if s.projects[id] == nil {
			return NotFound("there is no project %s", id)
		}
		if err := kept.Validate(); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now().UTC()
	for id, p := range s.projects {
		p.created, p.secrets, p.tasks = 0, map[string]*secret{}, nil
		for _, seed := range snapshot[id].Secrets {
			p.putOrCreate(seed, now)
		}
		p.created = max(p.created, snapshot[id].Created)
	}
	return s.saveChange()
}
