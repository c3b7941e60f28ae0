package mockserver

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// seed is what a seed file holds.
type seed struct {
	Secrets  []csmstest.Secret `json:"secrets"`
	Projects []seedProject     `json:"projects"`
}

// seedProject is a project beside the default one.
type seedProject struct {
	Name    string            `json:"name"` // The region's, or that with a name of its own after an underscore.
	ID      string            `json:"project_id"`
	Secrets []csmstest.Secret `json:"secrets"`
}

var projectNamePattern = regexp.MustCompile(`^[a-z0-9-]+(_[a-zA-Z0-9_-]+)?$`)

// ProjectID returns the id of a project for which none is chosen: the default project's for the
// default region, and for others one that is made from the name.
func ProjectID(name string) string {
	if name == csmstest.DefaultRegion {
		return csmstest.DefaultProjectID
	}
	sum := sha256.Sum256([]byte("project " + name))
	return hex.EncodeToString(sum[:16])
}

// ParseProject reads a project from its name, or from name=id.
func ParseProject(text string) (name, id string, err error) {
	name, id, ok := strings.Cut(text, "=")
	if !ok {
		id = ProjectID(name)
	}
	if err := validateProjectName(name); err != nil {
		return "", "", err
	}
	if id == "" {
		return "", "", errors.New("the project's id is missing")
	}
	return name, id, nil
}

func validateProjectName(name string) error {
	if !projectNamePattern.MatchString(name) {
		return fmt.Errorf("%q is not a valid name for a project, such as cn-east-3 or cn-east-3_blue", name)
	}
	return nil
}

// ReadSeed reads secrets from JSON of this form, or from YAML of the same structure. All but names
// and version ids may be left out:
//
//	{"secrets": [
//	  {"name": "db-password", "state": "ENABLED", "versions": [
//	    {"id": "v1", "stages": ["SYSPREVIOUS"], "expire_time": "2030-01-01T00:00:00Z"},
//	    {"id": "v2", "stages": ["SYSCURRENT", "BLUE"], "create_time": "2026-01-01T00:00:00Z", "value": "s3cret"}]}],
//	 "projects": [
//	  {"name": "cn-east-3", "secrets": [{"name": "db-password"}]}]}
//
// The names are those of the fields of csmstest.Secret and csmstest.Version in JSON. The error says
// which secret is wrong, and never quotes a value.
func ReadSeed(r io.Reader) (csmstest.Snapshot, error) {
	content, err := readSeed(r)
	if err != nil {
		return nil, fmt.Errorf("read the seed: %w", err)
	}
	return content, nil
}

func readSeed(r io.Reader) (csmstest.Snapshot, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	// Some editors begin a file with a byte order mark.
	text = bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff")))
	if !bytes.HasPrefix(text, []byte("{")) {
		if text, err = yaml.YAMLToJSON(text); err != nil {
			return nil, fmt.Errorf("it is neither a JSON object nor YAML%s", position(err))
		}
	}
	var given seed
	if err := decodeStrictly(bytes.NewReader(text), &given); err != nil {
		return nil, err
	}
	if given.Secrets == nil && given.Projects == nil {
		return nil, errors.New("it has neither a list of secrets nor one of projects")
	}
	return given.snapshot()
}

func (s *seed) snapshot() (csmstest.Snapshot, error) {
	content := csmstest.Snapshot{}
	all := append([]seedProject{{Name: csmstest.DefaultRegion, Secrets: s.Secrets}}, s.Projects...)
	for _, p := range all {
		if err := validateProjectName(p.Name); err != nil {
			return nil, err
		}
		id := cmp.Or(p.ID, ProjectID(p.Name))
		if len(content[id].Secrets) > 0 {
			return nil, fmt.Errorf("the secrets of project %s are listed twice", p.Name)
		}
		filled := csmstest.ProjectSnapshot{Name: p.Name, Secrets: p.Secrets}
		if err := filled.Validate(); err != nil {
			return nil, err
		}
		content[id] = filled
	}
	return content, nil
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
func LoadSeed(path string, now time.Time) (csmstest.Snapshot, error) {
	if path == "" {
		demo := csmstest.ProjectSnapshot{Name: csmstest.DefaultRegion, Secrets: DemoSecrets(now)}
		return csmstest.Snapshot{csmstest.DefaultProjectID: demo}, nil
	}
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return nil, fmt.Errorf("read the seed: %w", err)
	}
	content, err := ReadSeed(file)
	return content, errors.Join(err, file.Close())
}

// DemoSecrets are the secrets that csms-mock starts with unless it is given others.
func DemoSecrets(now time.Time) []csmstest.Secret {
	now = now.UTC().Truncate(time.Second)
	in := func(days int) time.Time { return now.AddDate(0, 0, days) }
	return []csmstest.Secret{
		{Name: "db-password", Description: "Password of the orders database.", Versions: []csmstest.Version{
			{ID: "v1", Stages: []string{"SYSPREVIOUS"}, CreateTime: in(-30), Value: "first-password"},
			{ID: "v2", Stages: []string{"SYSCURRENT"}, CreateTime: in(-1), Value: "second-password"},
		}},
		{
			Name:        "api-key",
			Description: "Key of the payment API, one for each of two deployments.",
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
		{Name: "tls-certificate", Description: "Certificate of the web server.", Versions: []csmstest.Version{
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
			Description: "Signs releases.",
			State:       "DISABLED",
			Versions: []csmstest.Version{
				{ID: "v1", Stages: []string{"SYSCURRENT"}, CreateTime: in(-60), Value: "signing-key"},
			},
		},
	}
}
