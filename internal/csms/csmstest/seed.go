package csmstest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/goccy/go-yaml"
)

// ReadSeed reads secrets from JSON of this form, or from YAML of the same structure. All but names and version ids may be left out:
//
//	{"secrets": [
//	  {"name": "db-password", "state": "ENABLED", "versions": [
//	    {"id": "v1", "stages": ["SYSPREVIOUS"], "expire_time": "2030-01-01T00:00:00Z"},
//	    {"id": "v2", "stages": ["SYSCURRENT", "BLUE"], "create_time": "2026-01-01T00:00:00Z", "value": "s3cret"}]}]}
//
// The names are those of Secret's and Version's fields in JSON. The error says which secret is wrong, and never quotes a value.
func ReadSeed(r io.Reader) ([]Secret, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read the seed: %w", err)
	}
	if !bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		if text, err = yaml.YAMLToJSON(text); err != nil {
			return nil, fmt.Errorf("read the seed: it is neither a JSON object nor YAML%s", position(err))
		}
	}
	return parseSeed(text)
}

// position says where YAML is wrong. The library's own message would quote the lines around, values and all.
func position(err error) string {
	var syntax yaml.Error
	if !errors.As(err, &syntax) || syntax.GetToken() == nil {
		return ""
	}
	return fmt.Sprintf(", see line %d", syntax.GetToken().Position.Line)
}

func parseSeed(text []byte) ([]Secret, error) {
	var seed struct {
		Secrets []Secret `json:"secrets"`
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&seed); err != nil {
		return nil, fmt.Errorf("read the seed: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("read the seed: there is more than one JSON value")
	}
	if seed.Secrets == nil {
		return nil, errors.New("read the seed: it has no list of secrets")
	}
	names := make([]string, 0, len(seed.Secrets))
	for i := range seed.Secrets {
		if err := seed.Secrets[i].validate(); err != nil {
			return nil, fmt.Errorf("read the seed: %w", err)
		}
		names = append(names, seed.Secrets[i].Name)
	}
	if !distinct(names) {
		return nil, errors.New("read the seed: two secrets have the same name")
	}
	return seed.Secrets, nil
}

// LoadSeed reads the secrets of a file by ReadSeed, or gives DemoSecrets if there is no file.
func LoadSeed(path string, now time.Time) ([]Secret, error) {
	if path == "" {
		return DemoSecrets(now), nil
	}
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return nil, fmt.Errorf("read the seed: %w", err)
	}
	secrets, err := ReadSeed(file)
	return secrets, errors.Join(err, file.Close())
}

// DemoSecrets are the secrets that csms-mock starts with unless it is given others.
func DemoSecrets(now time.Time) []Secret {
	day := 24 * time.Hour
	now = now.UTC().Truncate(time.Second)
	return []Secret{
		{Name: "db-password", Description: "Rotated once: v2 is in use.", Versions: []Version{
			{ID: "v1", Stages: []string{stagePrevious}, CreateTime: now.Add(-30 * day), Value: "first-password"},
			{ID: "v2", Stages: []string{stageCurrent}, CreateTime: now.Add(-1 * day), Value: "second-password"},
		}},
		{Name: "api-key", Description: "Blue and green side by side; the old version expires soon.", Versions: []Version{
			{ID: "v1", Stages: []string{"BLUE", stagePrevious}, CreateTime: now.Add(-90 * day), ExpireTime: now.Add(7 * day), Value: "blue-key"},
			{ID: "v2", Stages: []string{"GREEN", stageCurrent}, CreateTime: now.Add(-10 * day), Value: "green-key"},
		}},
		{Name: "tls-certificate", Description: "v1 has lost its labels, v2 has expired.", Versions: []Version{
			{ID: "v1", CreateTime: now.Add(-400 * day), Value: "first-certificate"},
			{ID: "v2", Stages: []string{stagePrevious}, CreateTime: now.Add(-200 * day), ExpireTime: now.Add(-20 * day), Value: "second-certificate"},
			{ID: "v3", Stages: []string{stageCurrent}, CreateTime: now.Add(-20 * day), ExpireTime: now.Add(160 * day), Value: "third-certificate"},
		}},
		{Name: "signing-key", Description: "Disabled: it can be read about but not changed.", State: stateDisabled, Versions: []Version{
			{ID: "v1", Stages: []string{stageCurrent}, CreateTime: now.Add(-60 * day), Value: "signing-key"},
		}},
	}
}

// validate says why the service could not hold such a secret.
func (s *Secret) validate() error {
	if !oldSecretNamePattern.MatchString(s.Name) {
		return fmt.Errorf("%q is no name for a secret", s.Name)
	}
	if s.State != "" && !validState(s.State) {
		return fmt.Errorf("secret %q: no such state: %q", s.Name, s.State)
	}
	if s.Type != "" && !validType(s.Type) {
		return fmt.Errorf("secret %q: no such type: %q", s.Name, s.Type)
	}
	if len(s.EventSubscriptions) > 1 {
		return fmt.Errorf("secret %q: more than one subscription", s.Name)
	}
	return s.validateParts()
}

func (s *Secret) validateParts() error {
	if len(s.Versions) > maxVersions {
		return fmt.Errorf("secret %q: more than %d versions", s.Name, maxVersions)
	}
	for key, value := range s.Tags {
		if !validTag(key, value) {
			return fmt.Errorf("secret %q: the service takes no tag %q of this value", s.Name, key)
		}
	}
	if len(s.Tags) > maxTags {
		return fmt.Errorf("secret %q: more than %d tags", s.Name, maxTags)
	}
	return s.validateVersions()
}

func (s *Secret) validateVersions() error {
	ids := map[string]bool{}
	holders := map[string]string{}
	for _, v := range s.Versions {
		if !versionIDPattern.MatchString(v.ID) || ids[v.ID] {
			return fmt.Errorf("secret %q: version ids are v1, v2 and so on, each once: %q", s.Name, v.ID)
		}
		ids[v.ID] = true
		for _, stage := range v.Stages {
			if !stageNamePattern.MatchString(stage) {
				return fmt.Errorf("secret %q: %q is no name for a label", s.Name, stage)
			}
			if holder, taken := holders[stage]; taken {
				return fmt.Errorf("secret %q: label %q is on %s and on %s", s.Name, stage, holder, v.ID)
			}
			holders[stage] = v.ID
		}
	}
	return nil
}

func validState(state string) bool {
	return slices.Contains([]string{stateEnabled, stateDisabled, statePendingDelete, stateFrozen}, state)
}

func validType(secretType string) bool {
	return slices.Contains([]string{typeCommon, "RDS-FG", "GaussDB-FG"}, secretType)
}
