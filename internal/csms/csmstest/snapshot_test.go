package csmstest_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func TestSnapshotRestoresAllThatAServerHolds(t *testing.T) {
	t.Parallel()
	var text []byte
	first := newRawClient(t, csmstest.WithSave(func(all csmstest.Snapshot) (err error) {
		text, err = json.Marshal(all)
		return err
	}))
	first.do(http.MethodPost, secrets, `{"name":"s","secret_string":"one","description":"d"}`).
		wantStatus(t, http.StatusOK)
	first.mock.AddVersion("s")
	first.do(http.MethodPost, versions, `{"secret_string":"three","version_stages":["NEW"]}`).
		wantStatus(t, http.StatusOK)
	first.do(http.MethodPut, versions+"/v1", expiry).wantStatus(t, http.StatusOK)
	first.do(http.MethodPut, stagePath("BLUE"), `{"version_id":"v1"}`).wantStatus(t, http.StatusOK)
	first.mock.DeleteVersion("s", "v3")
	first.mock.PutSecret(csmstest.Secret{Name: "leaving", Tags: map[string]string{"a": "b"}})
	first.do(http.MethodPost, secrets+"/leaving/scheduled-deleted-tasks/create", `{}`).wantStatus(t, http.StatusOK)
	first.mock.PutSecret(csmstest.Secret{Name: "empty"})
	first.mock.DeleteVersion("empty", "v1")

	var saved csmstest.Snapshot
	if err := json.Unmarshal(text, &saved); err != nil {
		t.Fatal(err)
	}
	second := newRawClient(t, csmstest.WithValuesAsStored())
	second.mock.PutSecret(csmstest.Secret{Name: "replaced"})
	if err := second.mock.Restore(saved); err != nil {
		t.Fatal(err)
	}
	if restored, err := json.Marshal(second.mock.Snapshot()); err != nil || string(restored) != string(text) {
		t.Errorf("saved was\n%s\nrestored is\n%s\n%v", text, restored, err)
	}
	if id := second.mock.AddVersion("s"); id != "v4" {
		t.Errorf("the number of the deleted version is used again: %s", id)
	}
	second.do(http.MethodGet, versions+"/v1", "").wantText(t, "version.secret_string", "one")
}

func TestSnapshotThatCannotBeRestoredChangesNothing(t *testing.T) {
	t.Parallel()
	mock := csmstest.New()
	mock.PutSecret(csmstest.Secret{Name: "s"})
	var missing *csmstest.NotFoundError
	if err := mock.Restore(csmstest.Snapshot{"x": {}}); !errors.As(err, &missing) {
		t.Errorf("got %v", err)
	}
	twice := csmstest.ProjectSnapshot{Secrets: []csmstest.Secret{{Name: "a"}, {Name: "a"}}}
	err := mock.Restore(csmstest.Snapshot{csmstest.DefaultProjectID: twice})
	if _, kept := mock.Secret("s"); err == nil || !kept {
		t.Errorf("got %v, and the secret is there: %v", err, kept)
	}
}

func TestChangeThatCannotBeSavedIsAnError(t *testing.T) {
	t.Parallel()
	var fails error
	c := seeded(t, csmstest.WithSave(func(csmstest.Snapshot) error { return fails }))
	fails = errors.New("the disk is full")
	c.do(http.MethodPut, blue, `{"version_id":"v1"}`).wantError(t, http.StatusInternalServerError, "KMS.0101")
	wantPanic(t, func() { c.mock.AddVersion("s") })
}
