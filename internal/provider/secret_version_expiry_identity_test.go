package provider_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// identityOfV1 names v1 of "db" in the default region.
func identityOfV1() map[string]any {
	return map[string]any{"region": csmstest.DefaultRegion, "secret_name": "db", "version_id": "v1"}
}

func TestSecretVersionExpiry_IsIdentifiedByRegionSecretAndVersion(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	s := newTFServer(t, m)
	i := s.create(expiryType, expiry("v1", year2090))
	if got := s.identityOf(i); !maps.Equal(got, identityOfV1()) {
		t.Errorf("after create: %v", got)
	}
	i, diagnostics := newTFServer(t, m).change(i, expiry("v1", farther))
	s.must(diagnostics)
	if got := s.identityOf(i); !maps.Equal(got, identityOfV1()) {
		t.Errorf("after update: %v", got)
	}
	i, diagnostics = newTFServer(t, m).read(i)
	s.must(diagnostics)
	if got := s.identityOf(i); !maps.Equal(got, identityOfV1()) {
		t.Errorf("after refresh: %v", got)
	}
}

func TestSecretVersionExpiry_FromAStateWithoutIdentityIsGivenOne(t *testing.T) {
	t.Parallel()
	for name, expireTime := range map[string]string{"there": year2090, "gone": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			m.setExpiry(t, "v1", expireTime)
			if name == "gone" {
				m.DeleteVersion("db", "v1")
			}
			s := newTFServer(t, m)
			i, diagnostics := s.read(managedExpiry(year2090))
			s.must(diagnostics)
			if got := s.identityOf(i); !maps.Equal(got, identityOfV1()) || (i.state == nil) != (name == "gone") {
				t.Errorf("identity %v, state %v", got, i.state)
			}
		})
	}
}

func TestSecretVersionExpiry_IsImportedByIDAndByIdentity(t *testing.T) {
	t.Parallel()
	short := map[string]any{"secret_name": "db", "version_id": "v1"}
	for name, tt := range map[string]struct {
		id       string
		identity map[string]any
	}{
		"id":                      {id: "db/v1"},
		"id with region":          {id: "cn-north-4/db/v1"},
		"identity":                {identity: identityOfV1()},
		"identity without region": {identity: short},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			m.setExpiry(t, "v1", year2090)
			s := newTFServer(t, m)
			i, diagnostics := s.importing(expiryType, tt.id, tt.identity)
			s.must(diagnostics)
			if got := s.identityOf(i); !maps.Equal(got, identityOfV1()) {
				t.Errorf("identity %v", got)
			}
			for _, config := range []map[string]any{
				expiry("v1", year2090), with(expiry("v1", year2090), "region", "cn-north-4"), expiry("v1", "2090-01-01T08:00:00+08:00"),
			} {
				c, diagnostics := s.plan(i, config)
				s.must(diagnostics)
				if !s.empty(c) {
					t.Errorf("the plan after the import is not empty: %v, state %v", s.strings(c.planned, s.typeOf(expiryType)), i.state)
				}
			}
		})
	}
}

func TestSecretVersionExpiry_ImportOfAnExpiryThatIsNotThereFindsNothing(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"db/v1", "db/v9", "nothing/v1"} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			forEachExpiryVariant(t, func(t *testing.T, m *mock) {
				s := newTFServer(t, m)
				i, diagnostics := s.importing(expiryType, id, nil)
				if i.state != nil || len(diagnostics) > 0 {
					t.Errorf("state %v, %s", i.state, errorsOf(diagnostics)+warningsOf(diagnostics))
				}
			})
		})
	}
}

func TestSecretVersionExpiry_ImportFromASecretThatMayNotBeReadIsAnError(t *testing.T) {
	t.Parallel()
	for typeName, id := range map[string]string{expiryType: "db/v1", stageType: "db/SYSCURRENT"} {
		m := newSecret(t, csmstest.WithInactiveSecretReadsRefused())
		m.setExpiry(t, "v1", year2090)
		m.SetState("db", "DISABLED")
		_, diagnostics := newTFServer(t, m).importing(typeName, id, nil)
		assertContains(t, errorsOf(diagnostics), "CSMS.0109", "Make it ENABLED again")
	}
}

func TestSecretVersionExpiry_ImportIDOfAnotherFormListsTheFormsOfAnExpiry(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", "v1", "/v1", "db/", "a/b/c/d", "//", "/db/v1", "db/v1/", "db/latest", "db/v 1"} {
		_, diagnostics := newTFServer(t, newSecret(t)).importing(expiryType, id, nil)
		got := errorsOf(diagnostics)
		if !strings.Contains(got, "Invalid import id") || !strings.Contains(got, "db-password/v3, or cn-north-4/db-password/v3") {
			t.Errorf("%q: errors %q do not list the forms", id, got)
		}
	}
}

func TestSecretVersionExpiry_IdentityOfAnotherFormIsRefused(t *testing.T) {
	t.Parallel()
	for _, identity := range []map[string]any{
		{"secret_name": "db/x", "version_id": "v1"},
		{"secret_name": "db", "version_id": "v/1"},
	} {
		_, diagnostics := newTFServer(t, newSecret(t)).importing(expiryType, "", identity)
		assertContains(t, errorsOf(diagnostics), "Invalid import id")
	}
}
