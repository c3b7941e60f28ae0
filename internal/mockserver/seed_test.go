package mockserver_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/mockserver"
)

func TestReadSeedReadsSecrets(t *testing.T) {
	t.Parallel()
	content, err := mockserver.ReadSeed(strings.NewReader(`{"secrets": [
		{"name": "db-password", "state": "DISABLED", "kms_key_id": "k", "description": "d", "versions": [
			{"id": "v1", "stages": ["SYSPREVIOUS"], "expire_time": "2030-01-01T00:00:00Z"},
			{"id": "v2", "stages": ["SYSCURRENT", "BLUE"], "create_time": "2026-01-01T00:00:00Z", "value": "x"}]},
		{"name": "bare"}]}`))
	secrets := content[csmstest.DefaultProjectID].Secrets
	if err != nil || len(secrets) != 2 || secrets[0].State != "DISABLED" ||
		secrets[0].Versions[1].Stages[1] != "BLUE" ||
		!secrets[0].Versions[0].ExpireTime.Equal(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)) ||
		secrets[1].Name != "bare" {
		t.Errorf("got %+v, %v", secrets, err)
	}
}

func TestReadSeedReadsYAML(t *testing.T) {
	t.Parallel()
	content, err := mockserver.ReadSeed(strings.NewReader("\ufeff" + `
# The same structure, easier to write by hand.
secrets:
  - name: db-password
    versions:
      - id: v1
        stages: [SYSCURRENT, BLUE]
        expire_time: 2030-01-01T00:00:00Z
        value: "0123"
`))
	secrets := content[csmstest.DefaultProjectID].Secrets
	if err != nil || len(secrets) != 1 || len(secrets[0].Versions) != 1 {
		t.Fatalf("got %+v, %v", secrets, err)
	}
	v := secrets[0].Versions[0]
	if v.ID != "v1" || v.Stages[1] != "BLUE" || v.Value != "0123" ||
		!v.ExpireTime.Equal(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("got %+v", v)
	}
}

func TestErrorsOfSeedsDoNotQuoteValues(t *testing.T) {
	t.Parallel()
	for name, seed := range map[string]string{
		"JSON of the wrong type": `{"secrets":[{"name":"s","versions":[{"id":"v1","value":["the-value"]}]}]}`,
		"JSON cut short":         `{"secrets":[{"name":"s","versions":[{"id":"v1","value":"the-value"}]}`,
		"YAML of odd indent":     "secrets:\n  - name: s\n    versions: [{id: v1, value: the-value}]\n   - x",
		"YAML of the wrong type": "secrets:\n  - name: s\n    versions:\n      - id: v1\n        value: [the-value]",
		"YAML with a tab":        "secrets:\n  - name: s\n\tvalue: the-value",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := mockserver.ReadSeed(strings.NewReader(seed)); err == nil ||
				strings.Contains(err.Error(), "the-value") {
				t.Errorf("got %v, want an error without the value", err)
			}
		})
	}
}

func TestSeedsThatAreRefused(t *testing.T) {
	t.Parallel()
	versions := func(list string) string { return `{"secrets":[{"name":"s","versions":[` + list + `]}]}` }
	for name, try := range map[string]struct{ seed, says string }{
		"nothing":          {``, "neither a list of secrets"},
		"no secrets":       {`secrets:`, "neither a list of secrets"},
		"no YAML either":   {"secrets:\n- [", "line 2"},
		"misspelt":         {`{"secrets":[{"name":"s","version":[]}]}`, "version"},
		"two values":       {`{"secrets":[]} {}`, "more than one"},
		"not a valid name": {`{"secrets":[{}]}`, "not a valid name"},
		"path as a name":   {`{"secrets":[{"name":"app/db"}]}`, "app/db"},
		"name twice":       {`{"secrets":[{"name":"s"},{"name":"s"}]}`, "same name"},
		"unknown state":    {`{"secrets":[{"name":"s","state":"on"}]}`, `"on"`},
		"odd version":      {`{"secrets":[{"name":"s","versions":[{"id":"1"}]}]}`, `"1"`},
		"version twice":    {`{"secrets":[{"name":"s","versions":[{"id":"v1"},{"id":"v1"}]}]}`, `"v1"`},
		"bad stage":        {`{"secrets":[{"name":"s","versions":[{"id":"v1","stages":["a b"]}]}]}`, `"a b"`},
		"stage twice":      {versions(`{"id":"v1","stages":["A"]},{"id":"v2","stages":["A"]}`), "v1 and on v2"},
		"time without zone": {`{"secrets":[{"name":"s","versions":[{"id":"v1","expire_time":"2030-01-01"}]}]}`,
			"2030-01-01"},
		"too many versions": {`{"secrets":[{"name":"s","versions":[` + strings.Repeat(`{"id":"v1"},`,
			20) + `{"id":"v2"}]}]}`, "20"},
		"second project only": {`{"secrets":[],"projects":[{"name":"a","secrets":[{"name":"/"}]}]}`, `"/"`},
		"a project twice":     {`{"secrets":[{"name":"s"}],"projects":[{"name":"cn-north-4"}]}`, "listed twice"},
		"second secret only":  {`{"secrets":[{"name":"s"},{"name":"t","state":"x"}]}`, `secret "t"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := mockserver.ReadSeed(strings.NewReader(try.seed)); err == nil ||
				!strings.Contains(err.Error(), try.says) {
				t.Errorf("got %v, want an error that says %q", err, try.says)
			}
		})
	}
}

func TestReadSeedReadsOtherProjects(t *testing.T) {
	t.Parallel()
	content, err := mockserver.ReadSeed(strings.NewReader(`
secrets: [{name: here}]
projects:
  - {name: cn-east-3, secrets: [{name: eastern}]}
  - {name: cn-north-4_blue, project_id: eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee}
`))
	if err != nil || len(content) != 3 {
		t.Fatalf("got %+v, %v", content, err)
	}
	east, blue := content[mockserver.ProjectID("cn-east-3")], content["eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"]
	if east.Name != "cn-east-3" || east.Secrets[0].Name != "eastern" || blue.Name != "cn-north-4_blue" {
		t.Errorf("got %+v", content)
	}
}

func TestLoadSeedReadsFiles(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "seed.json")
	if err := os.WriteFile(path, []byte(`{"secrets":[{"name":"from-file"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	content, err := mockserver.LoadSeed(path, instant)
	secrets := content[csmstest.DefaultProjectID].Secrets
	if err != nil || len(secrets) != 1 || secrets[0].Name != "from-file" {
		t.Errorf("got %+v, %v", content, err)
	}
	_, err = mockserver.LoadSeed(path+".missing", instant)
	if err == nil || !strings.Contains(err.Error(), "seed.json.missing") {
		t.Errorf("got %v, want an error that names the file", err)
	}
}

func TestDemoSecretsCanBeSeeded(t *testing.T) {
	t.Parallel()
	mock := csmstest.New()
	content, err := mockserver.LoadSeed("", instant)
	if err != nil || mock.Restore(content) != nil {
		t.Fatal(err)
	}
	current, previous := mock.StageHolder("db-password", "SYSCURRENT"), mock.StageHolder("db-password", "SYSPREVIOUS")
	if current != "v2" || previous != "v1" {
		t.Errorf("db-password has SYSCURRENT on %s, SYSPREVIOUS on %s", current, previous)
	}
}
