package provider_test

import (
	"maps"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// identityOfStage names a stage of "db" in the default region.
func identityOfStage(name string) map[string]any {
	return map[string]any{"region": csmstest.DefaultRegion, "secret_name": "db", "name": name}
}

// assertGreenIdentity fails the test unless an instance has the identity of GREEN.
func (s *tfServer) assertGreenIdentity(i instance, when string) {
	s.t.Helper()
	if got := s.identityOf(i); !maps.Equal(got, identityOfStage("GREEN")) {
		s.t.Errorf("the identity %s is %v", when, got)
	}
}

func TestSecretStage_KeepsOneIdentityThroughItsLife(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	s := newTFServer(t, m)
	i, _ := m.plan(t, instance{typeName: stageType}, stage("GREEN", "v1")).mustApply()
	s.assertGreenIdentity(i, "after create")
	i, _ = m.plan(t, i, stage("GREEN", "v2")).mustApply()
	s.assertGreenIdentity(i, "after update")
	i, diagnostics := s.read(i)
	s.must(diagnostics)
	s.assertGreenIdentity(i, "after refresh")
	m.MoveStage("db", "GREEN", "v3")
	i, diagnostics = newTFServer(t, m).read(i)
	s.must(diagnostics)
	s.assertGreenIdentity(i, "after drift")
	m.DeleteStage("db", "GREEN")
	i, diagnostics = newTFServer(t, m).read(i)
	s.must(diagnostics)
	s.assertGreenIdentity(i, "on removal")
}

func TestSecretStage_ThatFailsToMoveKeepsItsIdentity(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	i, diagnostics := m.plan(t, m.createStage(t, "GREEN", "v1"), stage("GREEN", "v99")).apply()
	if errorsOf(diagnostics) == "" {
		t.Error("a move to a version that does not exist succeeds")
	}
	newTFServer(t, m).assertGreenIdentity(i, "after a failed update")
}

func TestSecretStage_FromAStateWithoutIdentityIsGivenOne(t *testing.T) {
	t.Parallel()
	for name, act := range map[string]func(*mock){
		"there":                        func(*mock) {},
		"gone":                         func(m *mock) { m.DeleteStage("db", "GREEN") },
		"in a secret that is gone":     func(m *mock) { m.DeleteSecret("db") },
		"in a secret that is disabled": func(m *mock) { m.SetState("db", "DISABLED") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t, csmstest.WithInactiveSecretReadsRefused())
			i := m.createStage(t, "GREEN", "v1")
			i.identity = nil // as a Terraform before 1.12 keeps it
			act(m)
			s := newTFServer(t, m)
			i, diagnostics := s.read(i)
			s.must(diagnostics)
			s.assertGreenIdentity(i, "after refresh")
		})
	}
}

func TestSecretStage_IsImportedByIDAndByIdentity(t *testing.T) {
	t.Parallel()
	short := map[string]any{"secret_name": "db", "name": "GREEN"}
	for name, test := range map[string]struct {
		id       string
		identity map[string]any
	}{
		"id":                      {id: "db/GREEN"},
		"id with region":          {id: "cn-north-4/db/GREEN"},
		"identity":                {identity: identityOfStage("GREEN")},
		"identity without region": {identity: short},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachAPIVariant(t, func(t *testing.T, m *mock) {
				t.Helper()
				m.MoveStage("db", "GREEN", "v1")
				s := newTFServer(t, m)
				i, diagnostics := s.importing(stageType, test.id, test.identity)
				s.must(diagnostics)
				s.assertGreenIdentity(i, "after import")
				m.assertEmptyPlan(t, i, stage("GREEN", "v1"))
				m.assertEmptyPlan(t, i, with(stage("GREEN", "v1"), "region", csmstest.DefaultRegion))
				m.assertChanges(t, 0)
			})
		})
	}
}

func TestSecretStage_ImportOfAStageThatIsNotThereFindsNothing(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"db/GREEN", "nothing/GREEN", "cn-north-4/db/GREEN"} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			forEachAPIVariant(t, func(t *testing.T, m *mock) {
				t.Helper()
				i, diagnostics := newTFServer(t, m).importing(stageType, id, nil)
				if i.state != nil || len(diagnostics) > 0 {
					t.Errorf("the state is %v; %s%s", i.state, errorsOf(diagnostics), warningsOf(diagnostics))
				}
			})
		})
	}
}

func TestSecretStage_MalformedImportOfAStageListsTheForms(t *testing.T) {
	t.Parallel()
	for id, why := range map[string]string{
		"":                     "two or three parts",
		"GREEN":                "two or three parts",
		"a/b/c/d":              "two or three parts",
		"/GREEN":               `"" is not a name of a secret`,
		"db/":                  `"" is not a valid name`,
		"/db/GREEN":            `"" is not a region`,
		"cn-north-4//GREEN":    `"" is not a name of a secret`,
		"cn north/db/GREEN":    `"cn north" is not a region`,
		"db/GRE EN":            `"GRE EN" is not a valid name`,
		"../GREEN":             `".." is not a name of a secret`,
		"cn-north-4/db/GREEN ": `"GREEN " is not a valid name`,
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			_, diagnostics := newTFServer(t, m).importing(stageType, id, nil)
			assertContains(t, errorsOf(diagnostics), "Invalid import id", why, "db-password/SYSCURRENT, or cn-north-4/db-password/SYSCURRENT")
			m.assertRequests(t, nil)
		})
	}
}

func TestSecretStage_MalformedIdentityOfAStageIsRefused(t *testing.T) {
	t.Parallel()
	for _, change := range []string{"region", "secret_name", "name"} {
		t.Run(change, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			_, diagnostics := newTFServer(t, m).importing(stageType, "", with(identityOfStage("GREEN"), change, "a/b"))
			assertContains(t, errorsOf(diagnostics), "Invalid import id", `"a/b" is not a`)
			m.assertRequests(t, nil)
		})
	}
}
