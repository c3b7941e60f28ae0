package csmstest

import (
	"fmt"
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

// PutSecret creates a secret or replaces it with all its versions. It panics if the secret could not exist at the service: bad names,
// two versions of one id, one label on two versions.
func (p *Project) PutSecret(seed Secret) {
	if err := seed.validate(); err != nil {
		panic("csmstest: " + err.Error())
	}
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	now := p.server.now().UTC()
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

// DeleteSecret deletes a secret at once, whatever its state.
func (p *Project) DeleteSecret(name string) {
	p.change(name, func(*secret, time.Time) { delete(p.secrets, name) })
}

// SetState sets a secret's state: ENABLED, DISABLED, PENDING_DELETE or FROZEN. It panics for any other.
func (p *Project) SetState(secretName, state string) {
	if !validState(state) {
		panic("csmstest: no such state of a secret: " + state)
	}
	p.change(secretName, func(s *secret, _ time.Time) { s.State = state })
}

// AddVersion adds a version under the next number, which it returns, and moves the labels named onto it. Without any, SYSCURRENT goes
// to the new version and SYSPREVIOUS to the one that had it, as when a version is created through the API.
func (p *Project) AddVersion(secretName string, stages ...string) (id string) {
	p.change(secretName, func(s *secret, now time.Time) {
		id = s.create(Version{Stages: stages, Value: "value of a version added behind the client's back"}, now)
	})
	return id
}

// DeleteVersion deletes a version, labels and all, as the service may do with a version without labels.
func (p *Project) DeleteVersion(secretName, versionID string) {
	p.changeVersion(secretName, versionID, func(s *secret, _ time.Time) { s.deleteVersion(versionID) })
}

// MoveStage puts a label on a version, creating it if need be. No other label moves, whatever the options say.
func (p *Project) MoveStage(secretName, stage, versionID string) {
	p.changeVersion(secretName, versionID, func(s *secret, now time.Time) { s.place(stage, versionID, now) })
}

// DeleteStage deletes a label, if the secret has it. It deletes SYSCURRENT and SYSPREVIOUS too.
func (p *Project) DeleteStage(secretName, stage string) {
	p.change(secretName, func(s *secret, _ time.Time) { delete(s.labels, stage) })
}

// StageHolder tells which version a label is on; empty if the secret does not have the label.
func (p *Project) StageHolder(secretName, stage string) (versionID string) {
	p.change(secretName, func(s *secret, _ time.Time) { versionID = s.labels[stage].version })
	return versionID
}

// SetExpiry sets when a version expires, in whole seconds and also in the past. The zero time removes the expiry.
func (p *Project) SetExpiry(secretName, versionID string, t time.Time) {
	p.changeVersion(secretName, versionID, func(s *secret, _ time.Time) {
		s.version(versionID).ExpireTime = t.UTC().Truncate(time.Second)
	})
}

// Expiry tells when a version expires; the zero time if it does not.
func (p *Project) Expiry(secretName, versionID string) (t time.Time) {
	p.changeVersion(secretName, versionID, func(s *secret, _ time.Time) { t = s.version(versionID).ExpireTime })
	return t
}

// change runs do on a secret while nothing else happens.
func (p *Project) change(name string, do func(s *secret, now time.Time)) {
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	s, ok := p.secrets[name]
	if !ok {
		panic(fmt.Sprintf("csmstest: project %s has no secret %q", p.id, name))
	}
	do(s, p.server.now().UTC())
}

// changeVersion is change for what also needs a version to be there.
func (p *Project) changeVersion(name, versionID string, do func(s *secret, now time.Time)) {
	p.change(name, func(s *secret, now time.Time) {
		if s.version(versionID) == nil {
			panic(fmt.Sprintf("csmstest: secret %q has no version %q", name, versionID))
		}
		do(s, now)
	})
}
