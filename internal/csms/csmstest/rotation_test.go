package csmstest_test

import (
	"net/http"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func TestRotationMakesTheNextVersionCurrent(t *testing.T) {
	t.Parallel()
	c := converse(t)
	c.mock.PutSecret(csmstest.Secret{Name: "s", Type: "RDS-FG"})
	got := c.do(http.MethodPost, secretS+"/rotate", "")
	got.wantStatus(t, http.StatusOK)
	got.wantText(t, "version_id", "v2")
	got.wantText(t, "secret_name", "s")
	if stages := c.stages(); stages != "v1[SYSPREVIOUS] v2[SYSCURRENT]" || len(got.text("rotation_task_id")) != 36 {
		t.Errorf("got %s, %v", stages, got)
	}
}

func TestRotationsThatAreRefused(t *testing.T) {
	t.Parallel()
	c := converse(t)
	c.mock.PutSecret(csmstest.Secret{Name: "s"})
	c.do(http.MethodPost, secretS+"/rotate", "").wantNestedError(t, http.StatusBadRequest, "CSMS.0002")
	c.mock.PutSecret(csmstest.Secret{Name: "s", Type: "RDS-FG", State: "DISABLED"})
	c.do(http.MethodPost, secretS+"/rotate", "").wantError(t, http.StatusForbidden, "CSMS.0109")
	c.mock.PutSecret(csmstest.Secret{Name: "s", Type: "RDS-FG"})
	for range 19 {
		c.mock.AddVersion("s")
	}
	c.do(http.MethodPost, secretS+"/rotate", "").wantError(t, http.StatusBadRequest, "CSMS.0204")
}
