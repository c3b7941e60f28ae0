package csmstest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

const (
	secrets = project + "/secrets"
	secretS = secrets + "/s"
)

func TestCreateSecretMakesTheFirstVersion(t *testing.T) {
	t.Parallel()
	c := newRawClient(t)
	got := c.do(http.MethodPost, secrets,
		`{"name":"s","secret_string":"x","description":"d","event_subscriptions":["e"]}`)
	got.wantStatus(t, http.StatusOK)
	for path, want := range map[string]string{
		"secret.name": "s", "secret.state": "ENABLED", "secret.description": "d", "secret.secret_type": "COMMON",
		"secret.create_time": fmt.Sprint(instantMilliseconds), "secret.update_time": fmt.Sprint(instantMilliseconds),
		"secret.event_subscriptions": "[e]", "secret.scheduled_delete_time": "",
	} {
		got.wantText(t, path, want)
	}
	if !got.has("scheduled_delete_time") || got.has("secret_string") {
		t.Errorf("got %v", got)
	}
	if stages := c.stages(); stages != "v1[SYSCURRENT]" {
		t.Errorf("got %s", stages)
	}
	c.do(http.MethodGet, secretS, "").wantText(t, "secret.id", got.text("secret.id"))
}

func TestSecretsAreInTheDefaultEnterpriseProjectUnlessTold(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	c.do(http.MethodPost, secrets, `{"name":"new","secret_string":"x"}`).
		wantText(t, "secret.enterprise_project_id", "0")
	c.do(http.MethodPost, secrets, `{"name":"other","secret_string":"x","enterprise_project_id":"e"}`).
		wantText(t, "secret.enterprise_project_id", "e")
	c.do(http.MethodGet, secretS, "").wantText(t, "secret.enterprise_project_id", "0")
}

// members completes the body of a request that creates a secret.
func members(more string) string { return `{"name":"new","secret_string":"x",` + more + `}` }

const validRotation = `"secret_type":"RDS-FG",` +
	`"rotation_config":"{\"InstanceId\":\"i\",\"SecretSubType\":\"SingleUser\"}"`

func TestSecretsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"no name":                 `{"secret_string":"x"}`,
		"name with a dot":         `{"name":"a.b","secret_string":"x"}`,
		"name too long":           `{"name":"` + strings.Repeat("a", 65) + `","secret_string":"x"}`,
		"name taken":              `{"name":"s","secret_string":"x"}`,
		"no value":                `{"name":"new"}`,
		"unknown type":            members(`"secret_type":"OTHER"`),
		"two subscriptions":       members(`"event_subscriptions":["a","b"]`),
		"long subscription":       members(`"event_subscriptions":["` + strings.Repeat("a", 33) + `"]`),
		"long description":        members(`"description":"` + strings.Repeat("a", 2049) + `"`),
		"no enterprise project":   members(`"enterprise_project_id":""`),
		"long enterprise project": members(`"enterprise_project_id":"` + strings.Repeat("a", 37) + `"`),
		"key not an id":           members(`"kms_key_id":"not-a-key"`),
		"key in capitals":         members(`"kms_key_id":"0D0466B0-E727-4D9C-B35D-F84BB474A37F"`),
		"type without its config": members(`"secret_type":"RDS-FG"`),
		"config without instance": strings.Replace(members(validRotation), "InstanceId", "Id", 1),
		"config of no known way":  strings.Replace(members(validRotation), "SingleUser", "NoUser", 1),
		"config too long":         members(`"rotation_config":"` + strings.Repeat("a", 1025) + `"`),
		"rotation without period": members(validRotation + `,"auto_rotation":true`),
		"period too short":        members(validRotation + `,"rotation_period":"359m"`),
		"period too long":         members(validRotation + `,"rotation_period":"366d"`),
		"period of no unit":       members(validRotation + `,"rotation_period":"7"`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := seeded(t)
			c.do(http.MethodPost, secrets, body).wantError(t, http.StatusBadRequest, "CSMS.0002")
		})
	}
}

func TestSecretsThatAreAccepted(t *testing.T) {
	t.Parallel()
	for name, more := range map[string]string{
		"key with hyphens":    `"kms_key_id":"0d0466b0-e727-4d9c-b35d-f84bb474a37f"`,
		"key without hyphens": `"kms_key_id":"b168fe00ff56492495a7d22974df2d0b"`,
		"longest event":       `"event_subscriptions":["` + strings.Repeat("ä", 32) + `"]`,
		"rotation":            validRotation,
		"shortest period":     validRotation + `,"auto_rotation":true,"rotation_period":"6h"`,
		"longest period":      validRotation + `,"auto_rotation":true,"rotation_period":"365d"`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := seeded(t)
			c.do(http.MethodPost, secrets, members(more)).wantStatus(t, http.StatusOK)
			c.do(http.MethodPut, secrets+"/new", `{`+more+`}`).wantStatus(t, http.StatusOK)
		})
	}
}

func TestTheTwoHundredAndFirstSecretIsRefused(t *testing.T) {
	t.Parallel()
	c := newRawClient(t)
	for i := range 200 {
		c.mock.PutSecret(csmstest.Secret{Name: fmt.Sprint("s", i)})
	}
	c.do(http.MethodPost, secrets, `{"name":"new","secret_string":"x"}`).
		wantError(t, http.StatusBadRequest, "CSMS.0202")
}

func TestUpdateSecretChangesMetadataAlone(t *testing.T) {
	t.Parallel()
	const otherKey = "0d0466b0-e727-4d9c-b35d-f84bb474a37f"
	c := seeded(t)
	c.mock.SetClock(func() time.Time { return instant.Add(time.Hour) })
	got := c.do(http.MethodPut, secretS, `{"description":"new","kms_key_id":"`+otherKey+`"}`)
	got.wantText(t, "secret.description", "new")
	got.wantText(t, "secret.update_time", fmt.Sprint(instantMilliseconds+3600_000))
	c.do(http.MethodPost, versions, `{"secret_string":"x"}`).wantText(t, "version_metadata.kms_key_id", otherKey)
	if old := c.do(http.MethodGet, versions, "").text("version_metadatas.0.kms_key_id"); old == otherKey {
		t.Error("the key of an old version changed")
	}
	c.do(http.MethodPut, secretS, `{"description":"new"}`).wantStatus(t, http.StatusOK)
	if seen := c.mock.Requests(); !seen[0].Changed || seen[len(seen)-1].Changed {
		t.Error("the update is not recorded as a change, or the redundant one is")
	}
}

func TestDeletionCanBeScheduledAndCancelled(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	const deletion = secretS + "/scheduled-deleted-tasks"
	c.do(http.MethodPost, deletion+"/cancel", "").wantError(t, http.StatusBadRequest, "CSMS.0108")
	for _, days := range []string{"6", "31", `"7"`} {
		c.do(http.MethodPost, deletion+"/create", `{"recovery_window_in_days":`+days+`}`).
			wantError(t, http.StatusBadRequest, "CSMS.0002")
	}
	scheduled := c.do(http.MethodPost, deletion+"/create", `{"recovery_window_in_days":7}`)
	scheduled.wantText(t, "secret.state", "PENDING_DELETE")
	scheduled.wantText(t, "secret.scheduled_delete_time", fmt.Sprint(instantMilliseconds+7*24*3600_000))
	c.do(http.MethodPost, deletion+"/create", `{}`).wantError(t, http.StatusBadRequest, "CSMS.0103")
	c.do(http.MethodPut, secretS, `{"description":"new"}`).wantError(t, http.StatusBadRequest, "CSMS.0103")
	c.do(http.MethodPost, deletion+"/cancel", "").wantText(t, "secret.state", "ENABLED")
	c.do(http.MethodGet, secretS, "").wantText(t, "secret.scheduled_delete_time", "")
}

func TestDeleteSecretDeletesAtOnce(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	c.do(http.MethodDelete, secretS, "").wantStatus(t, http.StatusOK)
	c.do(http.MethodGet, secretS, "").wantError(t, http.StatusNotFound, "CSMS.0106")
	c.do(http.MethodDelete, secretS, "").wantError(t, http.StatusNotFound, "CSMS.0106")
}

func TestSecretsWithDotsOfOldAreServed(t *testing.T) {
	t.Parallel()
	c := newRawClient(t)
	c.mock.PutSecret(csmstest.Secret{Name: "db.password"})
	c.do(http.MethodGet, secrets+"/db.password/stages/SYSCURRENT", "").wantText(t, "stage.version_id", "v1")
	c.do(http.MethodGet, secrets+"/db%20password", "").wantError(t, http.StatusBadRequest, "CSMS.0002")
}

func TestProjectsHaveSecretsOfTheirOwn(t *testing.T) {
	t.Parallel()
	const east = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
	c := seeded(t, csmstest.WithProject("cn-east-3", east))
	c.do(http.MethodGet, "/v1/"+east+"/secrets/s", "").wantError(t, http.StatusNotFound, "CSMS.0106")
	c.mock.Project(east).PutSecret(csmstest.Secret{Name: "s", Description: "eastern"})
	c.do(http.MethodGet, "/v1/"+east+"/secrets/s", "").wantText(t, "secret.description", "eastern")
	c.do(http.MethodGet, secretS, "").wantText(t, "secret.description", "")
	if seen := c.mock.Requests()[1]; seen.Region != "cn-east-3" || seen.ProjectID != east || seen.Secret != "s" {
		t.Errorf("recorded as %+v", seen)
	}
}
