package csmstest

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Secret is a secret as it is seeded and as it is looked at from outside. All but the name may be left out.
type Secret struct {
	Name                string            `json:"name"`
	ID                  string            `json:"id,omitempty"`
	State               string            `json:"state,omitempty"` // ENABLED (default), DISABLED, PENDING_DELETE or FROZEN.
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
	UpdateTime          time.Time         `json:"-"`
	ScheduledDeleteTime time.Time         `json:"-"`
	// Versions, in numeric order. A secret that is seeded with none gets v1 with the label SYSCURRENT, as a created one does.
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

// unknownError says what a change from outside does not find.
type unknownError string

func (e unknownError) Error() string { return string(e) }

// PutSecret creates a secret or replaces it with all its versions. It panics if the secret could not exist at the service: bad names,
// two versions of one id, one label on two versions.
func (p *Project) PutSecret(seed Secret) { must(p.putSecret(seed)) }

func (p *Project) putSecret(seed Secret) error {
	if err := seed.validate(); err != nil {
		return err
	}
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	p.plant(seed, p.server.now().UTC())
	return p.server.changed()
}

// plant stores a valid seed in place of the secret of its name, if there is one.
func (p *Project) plant(seed Secret, now time.Time) {
	s := p.add(seed, now)
	if len(seed.Versions) == 0 {
		s.create(Version{}, now)
	}
	for _, v := range seed.Versions {
		s.seed(v, now)
	}
	slices.SortFunc(s.Versions, byNumber)
}

// seed adds a version as it is given, with the numbers and times it names.
func (s *secret) seed(v Version, now time.Time) {
	for _, stage := range v.Stages {
		s.place(stage, v.ID, now)
	}
	if v.KMSKeyID == "" {
		v.KMSKeyID = s.KMSKeyID
	}
	if v.CreateTime.IsZero() {
		v.CreateTime = now
	}
	v.Stages = nil
	v.CreateTime = v.CreateTime.UTC().Truncate(time.Second)
	v.ExpireTime = v.ExpireTime.UTC().Truncate(time.Second)
	s.last = max(s.last, number(v.ID))
	s.Versions = append(s.Versions, v)
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
	all := []Secret{}
	for _, name := range slices.Sorted(maps.Keys(p.secrets)) {
		s := p.secrets[name].snapshot()
		for i := range s.Versions {
			s.Versions[i].Value, s.Versions[i].Binary = "", ""
		}
		all = append(all, s)
	}
	return all
}

// DeleteSecret deletes a secret at once, whatever its state.
func (p *Project) DeleteSecret(name string) { must(p.deleteSecret(name)) }

func (p *Project) deleteSecret(name string) error {
	return p.change(name, func(*secret, time.Time) error {
		delete(p.secrets, name)
		return nil
	})
}

// SetState sets a secret's state: ENABLED, DISABLED, PENDING_DELETE or FROZEN. It panics for any other.
func (p *Project) SetState(secretName, state string) { must(p.setState(secretName, state)) }

func (p *Project) setState(secretName, state string) error {
	if !validState(state) {
		return fmt.Errorf("no such state of a secret: %q", state)
	}
	return p.change(secretName, func(s *secret, _ time.Time) error {
		s.State = state
		return nil
	})
}

// AddVersion adds a version under the next number, which it returns, and moves the labels named onto it. Without any, SYSCURRENT goes
// to the new version and SYSPREVIOUS to the one that had it, as when a version is created through the API.
func (p *Project) AddVersion(secretName string, stages ...string) (id string) {
	id, err := p.addVersion(secretName, Version{Stages: stages, Value: "value of a version added behind the client's back"})
	must(err)
	return id
}

func (p *Project) addVersion(secretName string, v Version) (id string, err error) {
	err = p.change(secretName, func(s *secret, now time.Time) error {
		for _, stage := range v.Stages {
			if !stageNamePattern.MatchString(stage) {
				return fmt.Errorf("%q is no name for a label", stage)
			}
		}
		id = s.create(v, now)
		return nil
	})
	return id, err
}

// DeleteVersion deletes a version, labels and all, as the service may do with a version without labels.
func (p *Project) DeleteVersion(secretName, versionID string) {
	must(p.deleteVersion(secretName, versionID))
}

func (p *Project) deleteVersion(secretName, versionID string) error {
	return p.changeVersion(secretName, versionID, func(s *secret, _ time.Time) { s.deleteVersion(versionID) })
}

// MoveStage puts a label on a version, creating it if need be. No other label moves, whatever the options say.
func (p *Project) MoveStage(secretName, stage, versionID string) {
	must(p.moveStage(secretName, stage, versionID))
}

func (p *Project) moveStage(secretName, stage, versionID string) error {
	if !stageNamePattern.MatchString(stage) {
		return fmt.Errorf("%q is no name for a label", stage)
	}
	return p.changeVersion(secretName, versionID, func(s *secret, now time.Time) { s.place(stage, versionID, now) })
}

// DeleteStage deletes a label, if the secret has it. It deletes SYSCURRENT and SYSPREVIOUS too.
func (p *Project) DeleteStage(secretName, stage string) { must(p.deleteStage(secretName, stage)) }

func (p *Project) deleteStage(secretName, stage string) error {
	return p.change(secretName, func(s *secret, _ time.Time) error {
		delete(s.labels, stage)
		return nil
	})
}

// StageHolder tells which version a label is on; empty if the secret does not have the label.
func (p *Project) StageHolder(secretName, stage string) (versionID string) {
	must(p.look(secretName, func(s *secret) error {
		versionID = s.labels[stage].version
		return nil
	}))
	return versionID
}

// SetExpiry sets when a version expires, in whole seconds and also in the past. The zero time removes the expiry.
func (p *Project) SetExpiry(secretName, versionID string, t time.Time) {
	must(p.setExpiry(secretName, versionID, t))
}

func (p *Project) setExpiry(secretName, versionID string, t time.Time) error {
	return p.changeVersion(secretName, versionID, func(s *secret, _ time.Time) {
		s.version(versionID).ExpireTime = t.UTC().Truncate(time.Second)
	})
}

// Expiry tells when a version expires; the zero time if it does not.
func (p *Project) Expiry(secretName, versionID string) (t time.Time) {
	must(p.look(secretName, func(s *secret) error {
		v, err := s.knownVersion(versionID)
		if err == nil {
			t = v.ExpireTime
		}
		return err
	}))
	return t
}

// look runs do on a secret while nothing else happens.
func (p *Project) look(name string, do func(*secret) error) error {
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	s, err := p.knownSecret(name)
	if err != nil {
		return err
	}
	return do(s)
}

// change is look for what changes the secret.
func (p *Project) change(name string, do func(s *secret, now time.Time) error) error {
	return p.look(name, func(s *secret) error {
		if err := do(s, p.server.now().UTC()); err != nil {
			return err
		}
		return p.server.changed()
	})
}

// changeVersion is change for what also needs a version to be there.
func (p *Project) changeVersion(name, versionID string, do func(s *secret, now time.Time)) error {
	return p.change(name, func(s *secret, now time.Time) error {
		if _, err := s.knownVersion(versionID); err != nil {
			return err
		}
		do(s, now)
		return nil
	})
}

func (p *Project) knownSecret(name string) (*secret, error) {
	if s, ok := p.secrets[name]; ok {
		return s, nil
	}
	return nil, unknownError(fmt.Sprintf("project %s has no secret %q", p.id, name))
}

func (s *secret) knownVersion(id string) (*Version, error) {
	if v := s.version(id); v != nil {
		return v, nil
	}
	return nil, unknownError(fmt.Sprintf("secret %q has no version %q", s.Name, id))
}

// must panics for the mistakes of tests.
func must(err error) {
	if err != nil {
		panic("csmstest: " + err.Error())
	}
}
