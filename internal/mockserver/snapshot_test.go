package mockserver_test

import (
	"fmt"
	"net/http"
	"testing"
)

const resetPath = "/_control/reset"

func TestResetGoesBackToTheStart(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	before := c.do(http.MethodGet, control, "").body
	c.do(http.MethodPost, versions, `{"secret_string":"x"}`).want(t, http.StatusOK)
	c.do(http.MethodPut, controlS+"/stages/NEW", `{"version_id":"v1"}`).want(t, http.StatusNoContent)
	c.do(http.MethodPut, control+"/another", `{}`).want(t, http.StatusNoContent)
	c.do(http.MethodPost, faults, `{"status":503,"times":-1}`).want(t, http.StatusNoContent)
	c.do(http.MethodPost, resetPath, "").want(t, http.StatusNoContent)
	if after := c.do(http.MethodGet, control, "").body; after != before {
		t.Errorf("before there was\n%s\nafter it is\n%s", before, after)
	}
	c.do(http.MethodGet, "/_control/requests", "").want(t, http.StatusOK, `{"requests":[]}`)
	c.do(http.MethodGet, blue, "").want(t, http.StatusOK, `"version_id":"v2"`)
}

func TestResetGoesBackToASnapshot(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.mock.MoveStage("s", "BLUE", "v1")
	c.do(http.MethodPut, "/_control/snapshots/moved", "").want(t, http.StatusNoContent)
	c.do(http.MethodGet, "/_control/snapshots", "").want(t, http.StatusOK, `["moved","start"]`)
	c.mock.DeleteSecret("s")
	c.do(http.MethodPost, resetPath+"?snapshot=moved", "").want(t, http.StatusNoContent)
	c.do(http.MethodGet, blue, "").want(t, http.StatusOK, `"version_id":"v1"`)
	c.do(http.MethodPost, resetPath, "").want(t, http.StatusNoContent)
	c.do(http.MethodGet, blue, "").want(t, http.StatusOK, `"version_id":"v2"`)
}

func TestSnapshotsThatAreRefused(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	c.do(http.MethodPut, "/_control/snapshots/start", "").want(t, http.StatusBadRequest)
	c.do(http.MethodPut, "/_control/snapshots/a%20b", "").want(t, http.StatusBadRequest)
	c.do(http.MethodPost, resetPath+"?snapshot=none", "").want(t, http.StatusNotFound)
	for i := range 19 {
		c.do(http.MethodPut, fmt.Sprint("/_control/snapshots/", i), "").want(t, http.StatusNoContent)
	}
	c.do(http.MethodPut, "/_control/snapshots/one-more", "").want(t, http.StatusBadRequest, "20 snapshots")
	c.do(http.MethodPut, "/_control/snapshots/7", "").want(t, http.StatusNoContent)
}
