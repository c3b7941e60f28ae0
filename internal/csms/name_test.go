package csms_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

func TestNamesThatCanStandInAPath(t *testing.T) {
	t.Parallel()
	longest := strings.Repeat("x", 64)
	for _, tt := range []struct {
		form    string
		pattern *regexp.Regexp
		valid   []string
		invalid []string
	}{
		{
			"secret", csms.ValidSecretName,
			[]string{"a", "db", "a.", ".a", "a.b", "...", "db-password_1.old", longest},
			[]string{"", ".", "..", "a/b", "a b", "a%2Fb", "ä", "{stage_name}", "a\n", longest + "x"},
		},
		{
			"stage", csms.ValidStageName,
			[]string{"A", "SYSCURRENT", "blue-green_1", longest},
			[]string{"", ".", "a.b", "a/b", "a\n", longest + "x"},
		},
		{
			"version", csms.ValidVersionID,
			[]string{"v1", "v12", "bb6a3d22-dc93-47ac-b5bd-88df7ad35f1e", "latest"},
			[]string{"", ".", "..", "-v1", "v1/stages", "v1 ", longest + "x"},
		},
		{
			"region", huaweicloud.ValidRegion,
			[]string{"cn-north-4", "eu-west-101", "my-kualalumpur-1"},
			[]string{"", "cn north", "cn-north-4/", "-cn", "evil.example"},
		},
	} {
		t.Run(tt.form, func(t *testing.T) {
			t.Parallel()
			for _, name := range tt.valid {
				if !tt.pattern.MatchString(name) {
					t.Errorf("%q is refused", name)
				}
			}
			for _, name := range tt.invalid {
				if tt.pattern.MatchString(name) {
					t.Errorf("%q is accepted", name)
				}
			}
		})
	}
}

func TestNamesThatCannotBeAreRefusedWithoutARequest(t *testing.T) {
	t.Parallel()
	s := newService(t)
	client := s.client(t)
	for name, call := range map[string]func() error{
		"secret with a slash": func() error { _, err := client.ListVersions(t.Context(), "db/versions"); return err },
		"no secret":           func() error { _, err := client.GetSecret(t.Context(), ""); return err },
		"parent directory":    func() error { _, err := client.CachedVersions(t.Context(), ".."); return err },
		"stage with a slash":  func() error { return deleteStage(t.Context(), client, "db", "GREEN/../SYSCURRENT") },
		"no version":          func() error { _, err := move(t.Context(), client, "db", "GREEN", ""); return err },
		"latest":              func() error { _, err := move(t.Context(), client, "db", "GREEN", "latest"); return err },
		"no time":             func() error { return setExpiry(t.Context(), client, "v1", csms.FromMilliseconds(0)) },
		"part of a second":    func() error { return setExpiry(t.Context(), client, "v1", csms.FromMilliseconds(1893456000001)) },
		"beyond 2286":         func() error { return setExpiry(t.Context(), client, "v1", csms.MaxTime.Add(1e9)) },
	} {
		err := errorOf(t, call())
		if err.StatusCode != 0 || err.Attempts != 0 || err.Err == nil {
			t.Errorf("%s: got %+v, want a refusal without an attempt", name, err)
		}
	}
	if sent := s.Requests(); len(sent) != 0 {
		t.Errorf("%d requests were sent, the first of them %s", len(sent), sent[0])
	}
}

func TestBuiltInStages(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"SYSCURRENT": true, "SYSPREVIOUS": true, "SYSPENDING": false, "syscurrent": false, "GREEN": false,
	} {
		if got := csms.IsBuiltInStage(name); got != want {
			t.Errorf("IsBuiltInStage(%q) = %v, want %v", name, got, want)
		}
	}
}
