package provider_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// identityOfV1 names v1 of "db" in the default region.
func identityOfV1() map[string]any {
	return map[string]any{"region": csmstest.DefaultRegion, "secret_name": "db", "version_id": "v1"}
}

func TestExpiryIsIdentifiedByRegionSecretAndVersion(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	w := newWalk(t, m)
	i := w.create(expiryType, expiry("v1", farAway))
	if got := w.identityOf(i); !maps.Equal(got, identityOfV1()) {
		t.Errorf("after create: %v", got)
	}
	i, diagnostics := newWalk(t, m).change(i, expiry("v1", farther))
	w.must(diagnostics)
	if got := w.identityOf(i); !maps.Equal(got, identityOfV1()) {
		t.Errorf("after update: %v", got)
	}
	i, diagnostics = newWalk(t, m).read(i)
	w.must(diagnostics)
	if got := w.identityOf(i); !maps.Equal(got, identityOfV1()) {
		t.Errorf("after refresh: %v", got)
	}
}

func TestExpiryFromAStateWithoutIdentityIsGivenOne(t *testing.T) {
	t.Parallel()
	for name, expireTime := range map[string]string{"there": farAway, "gone": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			m.setExpiry(t, "v1", expireTime)
			if name == "gone" {
				m.DeleteVersion("db", "v1")
			}
			w := newWalk(t, m)
			i, diagnostics := w.read(managedExpiry(farAway))
			w.must(diagnostics)
			if got := w.identityOf(i); !maps.Equal(got, identityOfV1()) || (i.state == nil) != (name == "gone") {
				t.Errorf("identity %v, state %v", got, i.state)
			}
		})
	}
}

func TestExpiryIsImportedByIDAndByIdentity(t *testing.T) {
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
			m.setExpiry(t, "v1", farAway)
			w := newWalk(t, m)
			i, diagnostics := w.importing(expiryType, tt.id, tt.identity)
			w.must(diagnostics)
			if got := w.identityOf(i); !maps.Equal(got, identityOfV1()) {
				t.Errorf("identity %v", got)
			}
			for _, config := range []map[string]any{
				expiry("v1", farAway), with(expiry("v1", farAway), "region", "cn-north-4"), expiry("v1", "2090-01-01T08:00:00+08:00"),
			} {
				c, diagnostics := w.plan(i, config)
				w.must(diagnostics)
				if !w.empty(c) {
					t.Errorf("the plan after the import is not empty: %v, state %v", w.strings(c.planned, w.typeOf(expiryType)), i.state)
				}
			}
		})
	}
}

func TestImportOfAnExpiryThatIsNotThereFindsNothing(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"db/v1", "db/v9", "nothing/v1"} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			eachReading(t, func(t *testing.T, m *mock) {
				w := newWalk(t, m)
				i, diagnostics := w.importing(expiryType, id, nil)
				if i.state != nil || len(diagnostics) > 0 {
					t.Errorf("state %v, %s", i.state, errorsOf(diagnostics)+warningsOf(diagnostics))
				}
			})
		})
	}
}

func TestImportFromASecretThatMayNotBeReadIsAnError(t *testing.T) {
	t.Parallel()
	for typeName, id := range map[string]string{expiryType: "db/v1", stageType: "db/SYSCURRENT"} {
		m := newSecret(t, csmstest.WithInactiveSecretReadsRefused())
		m.setExpiry(t, "v1", farAway)
		m.SetState("db", "DISABLED")
		_, diagnostics := newWalk(t, m).importing(typeName, id, nil)
		tells(t, errorsOf(diagnostics), "CSMS.0109", "Make it ENABLED again")
	}
}

func TestImportIDOfAnotherFormListsTheFormsOfAnExpiry(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", "v1", "/v1", "db/", "a/b/c/d", "//", "/db/v1", "db/v1/", "db/latest", "db/v 1"} {
		_, diagnostics := newWalk(t, newSecret(t)).importing(expiryType, id, nil)
		got := errorsOf(diagnostics)
		if !strings.Contains(got, "Invalid import id") || !strings.Contains(got, "db-password/v3, or cn-north-4/db-password/v3") {
			t.Errorf("%q: errors %q do not list the forms", id, got)
		}
	}
}

func TestIdentityOfAnotherFormIsRefused(t *testing.T) {
	t.Parallel()
	for _, identity := range []map[string]any{
		{"secret_name": "db/x", "version_id": "v1"},
		{"secret_name": "db", "version_id": "v/1"},
	} {
		_, diagnostics := newWalk(t, newSecret(t)).importing(expiryType, "", identity)
		tells(t, errorsOf(diagnostics), "Invalid import id")
	}
}

// importing imports by id or by identity and reads what was imported, as Terraform does.
func (w *walk) importing(typeName, id string, identity map[string]any) (instance, []*tfprotov6.Diagnostic) {
	w.t.Helper()
	req := &tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: id}
	if identity != nil {
		typ := w.identities.IdentitySchemas[typeName].ValueType()
		req.Identity = &tfprotov6.ResourceIdentityData{IdentityData: w.dynamic(typ, identity)}
	}
	resp, err := w.ImportResourceState(w.t.Context(), req)
	if err != nil {
		w.t.Fatal(err)
	}
	if len(resp.ImportedResources) != 1 {
		return instance{typeName: typeName}, resp.Diagnostics
	}
	found := resp.ImportedResources[0]
	i, diagnostics := w.read(instance{typeName: typeName, state: w.strings(found.State, w.typeOf(typeName)), private: found.Private, identity: found.Identity})
	return i, append(resp.Diagnostics, diagnostics...)
}

// identityOf unpacks the identity of an instance.
func (w *walk) identityOf(i instance) map[string]any {
	w.t.Helper()
	if i.identity == nil {
		return nil
	}
	return w.strings(i.identity.IdentityData, w.identities.IdentitySchemas[i.typeName].ValueType())
}
