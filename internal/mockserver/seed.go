package mockserver

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// ReadSeed reads secrets from JSON of this form, or from YAML of the same structure. All but names
// and version ids may be left out:
//
//	{"secrets": [
//	  {"name": "db-password", "state": "ENABLED", "versions": [
//	    {"id": "v1", "stages": ["SYSPREVIOUS"], "expire_time": "2030-01-01T00:00:00Z"},
//	    {"id": "v2", "stages": ["SYSCURRENT", "BLUE"], "create_time": "2026-01-01T00:00:00Z", "value": "s3cret"}]}]}
//
// The names are those of the fields of csmstest.Secret and csmstest.Version in JSON. The error says
// which secret is wrong, and never quotes a value.
func ReadSeed(r io.Reader) ([]csmstest.Secret, error) {
	secrets, err := readSeed(r)
	if err != nil {
		return nil, fmt.Errorf("read the seed: %w", err)
	}
	return secrets, nil
}

func readSeed(r io.Reader) ([]csmstest.Secret, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		if text, err = yaml.YAMLToJSON(text); err != nil {
			return nil, fmt.Errorf("it is neither a JSON object nor YAML%s", position(err))
		}
	}
	var seed csmstest.ProjectSnapshot
	if err := decodeStrictly(bytes.NewReader(text), &seed); err != nil {
		return nil, err
	}
	if seed.Secrets == nil {
		return nil, errors.New("it has no list of secrets")
	}
	return seed.Secrets, seed.Validate()
}

// position says where YAML is wrong. The library's own message would quote the lines around, values
// and all.
func position(err error) string {
	var syntax yaml.Error
	if !errors.As(err, &syntax) || syntax.GetToken() == nil {
		return ""
	}
	return fmt.Sprintf(", see line %d", syntax.GetToken().Position.Line)
}

// LoadSeed reads the secrets of a file by ReadSeed, or returns DemoSecrets if there is no file.
func LoadSeed(path string, now time.Time) ([]csmstest.Secret, error) {
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
func DemoSecrets(now time.Time) []csmstest.Secret {
	now = now.UTC().Truncate(time.Second)
	in := func(days int) time.Time { return now.AddDate(0, 0, days) }
	return []csmstest.Secret{
		{Name: "db-password", Description: "Rotated once: v2 is in use.", Versions: []csmstest.Version{
			{ID: "v1", Stages: []string{"SYSPREVIOUS"}, CreateTime: in(-30), Value: "first-password"},
			{ID: "v2", Stages: []string{"SYSCURRENT"}, CreateTime: in(-1), Value: "second-password"},
		}},
		{
			Name:        "api-key",
			Description: "Blue and green side by side; the old version expires soon.",
			Versions: []csmstest.Version{
				{
					ID:         "v1",
					Stages:     []string{"BLUE", "SYSPREVIOUS"},
					CreateTime: in(-90),
					ExpireTime: in(7),
					Value:      "blue-key",
				},
				{ID: "v2", Stages: []string{"GREEN", "SYSCURRENT"}, CreateTime: in(-10), Value: "green-key"},
			},
		},
		{Name: "tls-certificate", Description: "v1 has lost its stages, v2 has expired.", Versions: []csmstest.Version{
			{ID: "v1", CreateTime: in(-400), Value: "first-certificate"},
			{
				ID:         "v2",
				Stages:     []string{"SYSPREVIOUS"},
				CreateTime: in(-200),
				ExpireTime: in(-20),
				Value:      "second-certificate",
			},
			{
				ID:         "v3",
				Stages:     []string{"SYSCURRENT"},
				CreateTime: in(-20),
				ExpireTime: in(160),
				Value:      "third-certificate",
			},
		}},
		{
			Name:        "signing-key",
			Description: "Disabled: it can be read about but not changed.",
			State:       "DISABLED",
			Versions: []csmstest.Version{
				{ID: "v1", Stages: []string{"SYSCURRENT"}, CreateTime: in(-60), Value: "signing-key"},
			},
		},
	}
}
