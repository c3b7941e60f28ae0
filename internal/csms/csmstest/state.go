package csmstest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// stateFormat numbers the form of state files, so that one of another form is refused rather than misread.
const stateFormat = 1

// state is all that outlives a server: the secrets, but neither faults nor requests nor credentials that were given out.
type state struct {
	Format   int                      `json:"format"`
	Projects map[string]storedSecrets `json:"projects"` // By id.
}

type storedSecrets struct {
	Created uint64         `json:"created"` // How many secrets were ever made, which new ids are made from.
	Secrets []storedSecret `json:"secrets"`
}

type storedSecret struct {
	Secret

	UpdateTime          time.Time              `json:"update_time"`
	ScheduledDeleteTime time.Time              `json:"scheduled_delete_time,omitzero"`
	Labels              map[string]storedLabel `json:"labels"`
	LastVersion         int64                  `json:"last_version"`
}

type storedLabel struct {
	VersionID  string    `json:"version_id"`
	UpdateTime time.Time `json:"update_time"`
}

// KeepState takes the secrets from a file, if it exists, and from then on writes every change to it before the change is answered.
// The file holds values in plaintext: it is made for its owner alone, and replaced as a whole, so that it is never seen half written.
// It tells whether there was a file; the error is that it cannot be read, or not be written.
func (s *Server) KeepState(path string) (found bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text, err := os.ReadFile(filepath.Clean(path))
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return false, fmt.Errorf("read the state: %w", err)
	default:
		if err := s.restore(text); err != nil {
			return true, fmt.Errorf("read the state from %s: %w", path, err)
		}
		found = true
	}
	s.statePath = path
	return found, s.changed()
}

// restore puts the secrets of a state in place of those that are there.
func (s *Server) restore(text []byte) error {
	var kept state
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&kept); err != nil {
		return err
	}
	if kept.Format != stateFormat {
		return fmt.Errorf("its format is %d, not %d", kept.Format, stateFormat)
	}
	for id, stored := range kept.Projects {
		if s.projects[id] == nil {
			return fmt.Errorf("it has secrets of the project %s, which this server does not have", id)
		}
		for i := range stored.Secrets {
			if err := stored.Secrets[i].validate(); err != nil {
				return err
			}
		}
	}
	for id, p := range s.projects {
		p.restore(kept.Projects[id])
	}
	return nil
}

// validate says why the service could not hold such a secret.
func (stored *storedSecret) validate() error {
	s := stored.secret(false)
	for _, name := range slices.Sorted(maps.Keys(s.labels)) {
		if s.version(s.labels[name].version) == nil {
			return fmt.Errorf("secret %q: label %q is on a version that is not there", s.Name, name)
		}
	}
	copied := s.snapshot()
	return copied.validate()
}

func (p *Project) restore(stored storedSecrets) {
	p.created = stored.Created
	p.secrets = map[string]*secret{}
	for i := range stored.Secrets {
		p.secrets[stored.Secrets[i].Name] = stored.Secrets[i].secret(p.server.cfg.versionsApart)
	}
}

func (stored *storedSecret) secret(apart bool) *secret {
	s := &secret{Secret: stored.Secret, labels: map[string]label{}, last: stored.LastVersion, apart: apart}
	s.UpdateTime = stored.UpdateTime
	s.ScheduledDeleteTime = stored.ScheduledDeleteTime
	for name, l := range stored.Labels {
		s.labels[name] = label{version: l.VersionID, updated: l.UpdateTime}
	}
	return s
}

// save writes the secrets to the state's file, if there is one.
func (s *Server) save() error {
	if s.statePath == "" {
		return nil
	}
	kept := state{Format: stateFormat, Projects: map[string]storedSecrets{}}
	for id, p := range s.projects {
		kept.Projects[id] = p.stored()
	}
	text, err := json.MarshalIndent(kept, "", "  ")
	if err != nil {
		return fmt.Errorf("write the state: %w", err)
	}
	if err := replaceFile(s.statePath, append(text, '\n')); err != nil {
		return fmt.Errorf("write the state: %w", err)
	}
	return nil
}

func (p *Project) stored() storedSecrets {
	all := storedSecrets{Created: p.created, Secrets: []storedSecret{}}
	for _, name := range slices.Sorted(maps.Keys(p.secrets)) {
		s := p.secrets[name]
		stored := storedSecret{
			Secret: s.Secret, UpdateTime: s.UpdateTime, ScheduledDeleteTime: s.ScheduledDeleteTime,
			Labels: map[string]storedLabel{}, LastVersion: s.last,
		}
		for name, l := range s.labels {
			stored.Labels[name] = storedLabel{VersionID: l.version, UpdateTime: l.updated}
		}
		all.Secrets = append(all.Secrets, stored)
	}
	return all
}

// replaceFile writes a file that only its owner may read, in one step: readers see the old content or the new.
func replaceFile(path string, content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}
