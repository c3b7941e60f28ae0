package csmstest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Editor changes the secrets of a project as Project's methods do, but returns what is wrong as an
// error: a *NotFoundError if the secret or version does not exist.
type Editor struct{ project *Project }

// Editor returns the project's editor.
func (p *Project) Editor() Editor { return Editor{p} }

// NotFoundError says that there is no such project, secret or version.
type NotFoundError struct{ message string }

func (e *NotFoundError) Error() string { return e.message }

// NotFound makes a NotFoundError.
func NotFound(format string, args ...any) error { return &NotFoundError{fmt.Sprintf(format, args...)} }

// PutSecret creates a secret or replaces it with all its versions.
func (e Editor) PutSecret(seed Secret) error {
	if err := seed.Validate(); err != nil {
		return err
	}
	s := e.project.server
	s.mu.Lock()
	defer s.mu.Unlock()
	e.project.putOrCreate(seed, s.now().UTC())
	return s.saveChange()
}

// putOrCreate stores a secret. One that never had a version gets its first.
func (p *Project) putOrCreate(seed Secret, now time.Time) {
	if s := p.put(seed, now); s.LastVersion == 0 {
		s.create(Version{}, now)
	}
}

// DeleteSecret deletes a secret at once, whatever its state.
func (e Editor) DeleteSecret(name string) error {
	return e.change(name, func(*secret, time.Time) error {
		delete(e.project.secrets, name)
		return nil
	})
}

// SetState sets a secret's state.
func (e Editor) SetState(secretName, state string) error {
	if err := validateState(state); err != nil {
		return err
	}
	return e.change(secretName, func(s *secret, _ time.Time) error {
		s.State = state
		return nil
	})
}

// AddVersion adds a version under the next number, which it returns, and moves its stages to it, or
// those that the service moves by itself if it names none.
func (e Editor) AddVersion(secretName string, v Version) (id string, err error) {
	v.ExpireTime = wholeSeconds(v.ExpireTime, time.Time{})
	err = e.change(secretName, func(s *secret, now time.Time) error {
		for _, name := range v.Stages {
			if err := validateStageName(name); err != nil {
				return err
			}
		}
		id = s.create(v, now)
		return nil
	})
	return id, err
}

// DeleteVersion deletes a version with its stages.
func (e Editor) DeleteVersion(secretName, versionID string) error {
	return e.changeVersion(secretName, versionID, func(s *secret, _ *Version, _ time.Time) {
		s.Versions = slices.DeleteFunc(s.Versions, func(v Version) bool { return v.ID == versionID })
		maps.DeleteFunc(s.stages, func(_ string, at stage) bool { return at.version == versionID })
	})
}

// MoveStage moves a stage to a version, creating it if need be.
func (e Editor) MoveStage(secretName, stageName, versionID string) error {
	if err := validateStageName(stageName); err != nil {
		return err
	}
	return e.changeVersion(secretName, versionID, func(s *secret, _ *Version, now time.Time) {
		s.setStage(stageName, versionID, now)
	})
}

// DeleteStage deletes a stage, if the secret has it.
func (e Editor) DeleteStage(secretName, stageName string) error {
	return e.change(secretName, func(s *secret, _ time.Time) error {
		delete(s.stages, stageName)
		return nil
	})
}

// SetExpiry sets when a version expires; the zero time removes the expiry.
func (e Editor) SetExpiry(secretName, versionID string, t time.Time) error {
	return e.changeVersion(secretName, versionID, func(_ *secret, v *Version, _ time.Time) {
		v.ExpireTime = wholeSeconds(t, time.Time{})
	})
}

// change calls do for a secret while nothing else happens, and keeps what it changes.
func (e Editor) change(name string, do func(s *secret, now time.Time) error) error {
	server := e.project.server
	return e.project.look(name, func(s *secret) error {
		if err := do(s, server.now().UTC()); err != nil {
			return err
		}
		return server.saveChange()
	})
}

// changeVersion is change for what also needs a version to be there.
func (e Editor) changeVersion(name, versionID string, do func(*secret, *Version, time.Time)) error {
	return e.change(name, func(s *secret, now time.Time) error {
		v := s.version(versionID)
		if v == nil {
			return NotFound("secret %q has no version %q", name, versionID)
		}
		do(s, v, now)
		return nil
	})
}

// Validate says why the service could not hold such a secret. It never quotes a value.
func (s *Secret) Validate() error {
	if !oldSecretNamePattern.MatchString(s.Name) {
		return fmt.Errorf("%q is not a valid name for a secret", s.Name)
	}
	if err := s.validateParts(); err != nil {
		return fmt.Errorf("secret %q: %w", s.Name, err)
	}
	return nil
}

func (s *Secret) validateParts() error {
	if s.State != "" {
		if err := validateState(s.State); err != nil {
			return err
		}
	}
	switch {
	case s.Type != "" && !validType(s.Type):
		return fmt.Errorf("there is no type %q", s.Type)
	case len(s.EventSubscriptions) > 1:
		return errors.New("more than one subscription")
	case len(s.Versions) > maxVersions:
		return fmt.Errorf("more than %d versions", maxVersions)
	case len(s.Tags) > maxTags:
		return fmt.Errorf("more than %d tags", maxTags)
	}
	for key, value := range s.Tags {
		if !validTag(key, value) {
			return fmt.Errorf("tag %q has a key or a value that the service does not take", key)
		}
	}
	return s.validateVersions()
}

func (s *Secret) validateVersions() error {
	ids := map[string]bool{}
	holders := map[string]string{}
	for _, v := range s.Versions {
		if !versionIDPattern.MatchString(v.ID) || ids[v.ID] {
			return fmt.Errorf("version ids are v1, v2 and so on, each once: %q", v.ID)
		}
		ids[v.ID] = true
		for _, name := range v.Stages {
			if err := validateStageName(name); err != nil {
				return err
			}
			if holder, taken := holders[name]; taken {
				return fmt.Errorf("stage %q is on %s and on %s", name, holder, v.ID)
			}
			holders[name] = v.ID
		}
	}
	for name := range s.StageUpdateTimes {
		if holders[name] == "" {
			return fmt.Errorf("stage %q has an update time but is on no version", name)
		}
	}
	return nil
}

func validateStageName(name string) error {
	if !stageNamePattern.MatchString(name) {
		return fmt.Errorf("%q is not a valid name for a stage", name)
	}
	return nil
}

func validateState(state string) error {
	if !slices.Contains([]string{stateEnabled, stateDisabled, statePendingDelete, stateFrozen}, state) {
		return fmt.Errorf("there is no state %q", state)
	}
	return nil
}

func validType(secretType string) bool {
	return slices.Contains([]string{typeCommon, "RDS-FG", "GaussDB-FG"}, secretType)
}
