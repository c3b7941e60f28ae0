package provider_test

import (
	"maps"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// identityOfStage names a label of "db" in the default region.
func identityOfStage(name string) map[string]any {
	return map[string]any{"region": csmstest.DefaultRegion, "secret_name": "db", "name": name}
}

// identified fails the test unless an instance has the identity of GREEN.
func (w *walk) identified(i instance, when string) {
	w.t.Helper()
	if got := w.identityOf(i); !maps.Equal(got, identityOfStage("GREEN")) {
		w.t.Errorf("the identity %s is %v", when, got)
	}
}

func TestStageKeepsOneIdentityThroughItsLife(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	w := newWalk(t, m)
	i, _ := m.rollOut(t, instance{typeName: stageType}, stage("GREEN", "v1")).mustApply()
	w.identified(i, "after create")
	i, _ = m.rollOut(t, i, stage("GREEN", "v2")).mustApply()
	w.identified(i, "after update")
	i, diagnostics := w.read(i)
	w.must(diagnostics)
	w.identified(i, "after refresh")
	m.MoveStage("db", "GREEN", "v3")
	i, diagnostics = newWalk(t, m).read(i)
	w.must(diagnostics)
	w.identified(i, "after drift")
	m.DeleteStage("db", "GREEN")
	i, diagnostics = newWalk(t, m).read(i)
	w.must(diagnostics)
	w.identified(i, "on removal")
}

func TestStageThatFailsToMoveKeepsItsIdentity(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	i, diagnostics := m.rollOut(t, m.created(t, "GREEN", "v1"), stage("GREEN", "v99")).apply()
	if errorsOf(diagnostics) == "" {
		t.Error("a move to a version that does not exist succeeds")
	}
	newWalk(t, m).identified(i, "after a failed update")
}

func TestStageFromAStateWithoutIdentityIsGivenOne(t *testing.T) {
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
			i := m.created(t, "GREEN", "v1")
			i.identity = nil // as a Terraform before 1.12 keeps it
			act(m)
			w := newWalk(t, m)
			i, diagnostics := w.read(i)
			w.must(diagnostics)
			w.identified(i, "after refresh")
		})
	}
}

func TestStageIsImportedByIDAndByIdentity(t *testing.T) {
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
			inEveryReading(t, func(t *testing.T, m *mock) {
				t.Helper()
				m.MoveStage("db", "GREEN", "v1")
				w := newWalk(t, m)
				i, diagnostics := w.importing(stageType, test.id, test.identity)
				w.must(diagnostics)
				w.identified(i, "after import")
				m.settled(t, i, stage("GREEN", "v1"))
				m.settled(t, i, with(stage("GREEN", "v1"), "region", csmstest.DefaultRegion))
				m.moved(t, 0)
			})
		})
	}
}

func TestImportOfAStageThatIsNotThereFindsNothing(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"db/GREEN", "nothing/GREEN", "cn-north-4/db/GREEN"} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			inEveryReading(t, func(t *testing.T, m *mock) {
				t.Helper()
				i, diagnostics := newWalk(t, m).importing(stageType, id, nil)
				if i.state != nil || len(diagnostics) > 0 {
					t.Errorf("the state is %v; %s%s", i.state, errorsOf(diagnostics), warningsOf(diagnostics))
				}
			})
		})
	}
}

func TestMalformedImportOfAStageListsTheForms(t *testing.T) {
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
			_, diagnostics := newWalk(t, m).importing(stageType, id, nil)
			tells(t, errorsOf(diagnostics), "Invalid import id", why, "db-password/SYSCURRENT, or cn-north-4/db-password/SYSCURRENT")
			m.counts(t, nil)
		})
	}
}

func TestMalformedIdentityOfAStageIsRefused(t *testing.T) {
	t.Parallel()
	for _, change := range []string{"region", "secret_name", "name"} {
		t.Run(change, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			_, diagnostics := newWalk(t, m).importing(stageType, "", with(identityOfStage("GREEN"), change, "a/b"))
			tells(t, errorsOf(diagnostics), "Invalid import id", `"a/b" is not a`)
			m.counts(t, nil)
		})
	}
}
