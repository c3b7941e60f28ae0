package csmstest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func TestRotationMakesTheNextVersionCurrent(t *testing.T) {
	t.Parallel()
	c := newRawClient(t)
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
	c := newRawClient(t)
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

func TestTasksTellOfRotations(t *testing.T) {
	t.Parallel()
	const tasks = project + "/csms/tasks"
	c := newRawClient(t)
	var ids []string
	for _, name := range []string{"s", "t", "s"} {
		if _, ok := c.mock.Secret(name); !ok {
			c.mock.PutSecret(csmstest.Secret{Name: name, Type: "RDS-FG", RotationFuncURN: "urn:" + name})
		}
		ids = append(ids, c.do(http.MethodPost, secrets+"/"+name+"/rotate", "").text("rotation_task_id"))
	}
	one := c.do(http.MethodGet, tasks+"?task_id="+ids[1], "")
	for path, want := range map[string]string{
		"total": "1", "tasks.0.task_id": ids[1], "tasks.0.secret_name": "t", "tasks.0.task_status": "SUCCESS",
		"tasks.0.task_time": fmt.Sprint(instantMilliseconds), "tasks.0.rotation_func_urn": "urn:t", "tasks.1": "",
	} {
		one.wantText(t, path, want)
	}
	c.do(http.MethodGet, tasks+"?secret_name=s&status=SUCCESS", "").wantText(t, "tasks.1.task_id", ids[2])
	c.do(http.MethodGet, tasks+"?status=FAILED", "").wantText(t, "total", "0")
	c.do(http.MethodGet, tasks+"?task_id=x", "").wantText(t, "total", "0")
	first := c.do(http.MethodGet, tasks+"?limit=2", "")
	first.wantText(t, "next_marker", ids[1])
	c.do(http.MethodGet, tasks+"?marker="+ids[1], "").wantText(t, "tasks.0.task_id", ids[2])
	for _, query := range []string{"?task_id=" + ids[0] + "&secret_name=s", "?status=DONE", "?limit=0"} {
		c.do(http.MethodGet, tasks+query, "").wantError(t, http.StatusBadRequest, "CSMS.0002")
	}
}
