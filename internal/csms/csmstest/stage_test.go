package csmstest_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func stagePath(name string) string { return project + "/secrets/s/stages/" + name }

func TestPutStageMovesAStageAndTakesItFromItsVersion(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	got := c.do(http.MethodPut, blue, `{"version_id":"v1"}`)
	got.wantStatus(t, http.StatusOK)
	got.wantText(t, "stage.name", "BLUE")
	got.wantText(t, "stage.version_id", "v1")
	got.wantText(t, "stage.secret_name", "s")
	got.wantText(t, "stage.update_time", fmt.Sprint(instantMilliseconds))

	s, _ := c.mock.Secret("s")
	if fmt.Sprint(s.Versions[0].Stages, s.Versions[1].Stages) != "[BLUE SYSPREVIOUS] [SYSCURRENT]" {
		t.Errorf("got versions %+v", s.Versions)
	}
}

func TestPutStageCreatesAStage(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	c.do(http.MethodPut, stagePath("GREEN"), `{"version_id":"v3"}`).wantStatus(t, http.StatusOK)
	if holder := c.mock.StageHolder("s", "GREEN"); holder != "v3" {
		t.Errorf("the new stage is on %q", holder)
	}
}

func TestCreationOfStagesCanBeLeftToPost(t *testing.T) {
	t.Parallel()
	c := seeded(t, csmstest.WithStageCreationByPostOnly())
	c.do(http.MethodPut, stagePath("GREEN"), `{"version_id":"v3"}`).wantError(t, http.StatusNotFound, "CSMS.0005")
	created := c.do(http.MethodPost, project+"/secrets/s/stages", `{"name":"GREEN","version_id":"v3"}`)
	created.wantStatus(t, http.StatusOK)
	created.wantText(t, "stage.version_id", "v3")
	c.do(http.MethodPut, stagePath("GREEN"), `{"version_id":"v1"}`).wantStatus(t, http.StatusOK)
	if seen := c.mock.Requests()[1]; seen.Operation != "CreateStage" || seen.Stage != "GREEN" || seen.Version != "v3" {
		t.Errorf("recorded as %+v", seen)
	}
}

func TestCreationOfAnExistingStage(t *testing.T) {
	t.Parallel()
	post := func(t *testing.T, c *rawClient, name string) reply {
		t.Helper()
		return c.do(http.MethodPost, project+"/secrets/s/stages", `{"name":"`+name+`","version_id":"v1"}`)
	}
	moving := seeded(t)
	post(t, moving, "BLUE").wantStatus(t, http.StatusOK)
	if holder := moving.mock.StageHolder("s", "BLUE"); holder != "v1" {
		t.Errorf("by default the stage stays on %s", holder)
	}
	refusing := seeded(t, csmstest.WithExistingStageRefused())
	post(t, refusing, "BLUE").wantError(t, http.StatusBadRequest, "CSMS.0002")
	if holder := refusing.mock.StageHolder("s", "BLUE"); holder != "v2" || refusing.mock.Requests()[0].Changed {
		t.Errorf("the refused request moved the stage to %s", holder)
	}
	post(t, refusing, "GREEN").wantStatus(t, http.StatusOK)
	post(t, refusing, "GREEN").wantError(t, http.StatusBadRequest, "CSMS.0002")
	refusing.do(http.MethodPut, blue, `{"version_id":"v1"}`).wantStatus(t, http.StatusOK)
}

func TestStageRequestsThatAreRefused(t *testing.T) {
	t.Parallel()
	long := "a123456789012345678901234567890123456789012345678901234567890abcd"
	for name, try := range map[string]struct {
		method, path, body string
		status             int
		code               string
	}{
		"unknown version": {http.MethodPut, blue, `{"version_id":"v9"}`, 404, "CSMS.0005"},
		"unknown secret": {http.MethodPut, project + "/secrets/x/stages/BLUE", `{"version_id":"v1"}`, 404,
			"CSMS.0106"},
		"name too long":     {http.MethodPut, stagePath(long), `{"version_id":"v1"}`, 400, "CSMS.0002"},
		"name with a dot":   {http.MethodPut, stagePath("a.b"), `{"version_id":"v1"}`, 400, "CSMS.0002"},
		"slash in a name":   {http.MethodPut, stagePath("a%2Fb"), `{"version_id":"v1"}`, 400, "CSMS.0002"},
		"no version":        {http.MethodPut, blue, `{}`, 400, "CSMS.0002"},
		"version by alias":  {http.MethodPut, blue, `{"version_id":"latest"}`, 400, "CSMS.0002"},
		"version a number":  {http.MethodPut, blue, `{"version_id":1}`, 400, "CSMS.0002"},
		"misspelt by case":  {http.MethodPut, blue, `{"Version_ID":"v1"}`, 400, "CSMS.0002"},
		"no body":           {http.MethodPut, blue, ``, 400, "CSMS.0004"},
		"not an object":     {http.MethodPut, blue, `["v1"]`, 400, "CSMS.0004"},
		"null":              {http.MethodPut, blue, `null`, 400, "CSMS.0004"},
		"two objects":       {http.MethodPut, blue, `{"version_id":"v1"}{}`, 400, "CSMS.0004"},
		"not JSON":          {http.MethodPut, blue, `version_id=v1`, 400, "CSMS.0004"},
		"missing stage":     {http.MethodGet, stagePath("GREEN"), ``, 404, "CSMS.0005"},
		"stage of no one":   {http.MethodGet, project + "/secrets/x/stages/BLUE", ``, 404, "CSMS.0106"},
		"delete missing":    {http.MethodDelete, stagePath("GREEN"), ``, 404, "CSMS.0005"},
		"delete current":    {http.MethodDelete, stagePath("SYSCURRENT"), ``, 400, "CSMS.0105"},
		"delete previous":   {http.MethodDelete, stagePath("SYSPREVIOUS"), ``, 400, "CSMS.0105"},
		"list of stages":    {http.MethodGet, project + "/secrets/s/stages", ``, 404, "APIGW.0101"},
		"trailing slash":    {http.MethodGet, blue + "/", ``, 404, "APIGW.0101"},
		"method not served": {http.MethodPatch, blue, `{"version_id":"v1"}`, 404, "APIGW.0101"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := seeded(t)
			before, _ := c.mock.Secret("s")
			c.do(try.method, try.path, try.body).wantError(t, try.status, try.code)
			after, _ := c.mock.Secret("s")
			if fmt.Sprint(before) != fmt.Sprint(after) || c.mock.Requests()[0].Changed {
				t.Errorf("the refused request changed the secret to %+v", after)
			}
		})
	}
}

func TestABodyMustBeDeclaredAsJSON(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	r := c.request(http.MethodPut, blue, `{"version_id":"v1"}`)
	r.Header.Set("Content-Type", "text/plain")
	sign(r, `{"version_id":"v1"}`, csmstest.DefaultAccessKey, csmstest.DefaultSecretKey, time.Now(), "x-sdk-date")
	c.send(r).wantError(t, http.StatusBadRequest, "CSMS.0004")
}

func TestNotFoundCanBeABadRequest(t *testing.T) {
	t.Parallel()
	c := seeded(t, csmstest.WithNotFoundStatus(http.StatusBadRequest))
	c.do(http.MethodGet, stagePath("GREEN"), "").wantError(t, http.StatusBadRequest, "CSMS.0005")
	c.do(http.MethodGet, project+"/secrets/x/stages/BLUE", "").wantError(t, http.StatusBadRequest, "CSMS.0106")
	c.do(http.MethodGet, "/v2", "").wantError(t, http.StatusNotFound, "APIGW.0101")
}

func TestTheThirteenthStageIsRefused(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]struct {
		opts []csmstest.Option
		room int
	}{
		"counting built-ins":     {nil, 9},
		"not counting built-ins": {[]csmstest.Option{csmstest.WithBuiltInsOutsideStageLimit()}, 11},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := seeded(t, try.opts...)
			for i := range try.room {
				c.do(http.MethodPut, stagePath(fmt.Sprintf("L%d", i)), `{"version_id":"v1"}`).
					wantStatus(t, http.StatusOK)
			}
			c.do(http.MethodPut, stagePath("ONE-MORE"), `{"version_id":"v1"}`).
				wantError(t, http.StatusBadRequest, "CSMS.0203")
			c.do(http.MethodPut, blue, `{"version_id":"v1"}`).wantStatus(t, http.StatusOK)
		})
	}
}

func TestMovingSYSCURRENT(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]struct {
		opts     []csmstest.Option
		previous string
	}{
		"leaves SYSPREVIOUS alone":   {nil, "v1"},
		"takes SYSPREVIOUS after it": {[]csmstest.Option{csmstest.WithPreviousFollowingCurrent()}, "v2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := seeded(t, try.opts...)
			for range 2 { // The second move changes nothing, and so takes nothing with it.
				c.do(http.MethodPut, stagePath("SYSCURRENT"), `{"version_id":"v3"}`).wantStatus(t, http.StatusOK)
			}
			current, previous := c.mock.StageHolder("s", "SYSCURRENT"), c.mock.StageHolder("s", "SYSPREVIOUS")
			if current != "v3" || previous != try.previous {
				t.Errorf("SYSCURRENT is on %s, SYSPREVIOUS on %s, want v3 and %s", current, previous, try.previous)
			}
		})
	}
}

func TestPuttingAStageWhereItIs(t *testing.T) {
	t.Parallel()
	later := instant.Add(time.Hour)
	for name, try := range map[string]struct {
		opts    []csmstest.Option
		updated int64
	}{
		"bumps its update time": {nil, later.Unix() * 1000},
		"keeps its update time": {[]csmstest.Option{csmstest.WithUpdateTimeKeptOnSameVersion()}, instantMilliseconds},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := seeded(t, try.opts...)
			c.mock.SetClock(func() time.Time { return later })
			c.do(http.MethodPut, blue, `{"version_id":"v2"}`).wantText(t, "stage.update_time", fmt.Sprint(try.updated))
			if c.mock.Requests()[0].Changed {
				t.Error("the redundant write is recorded as a change")
			}
		})
	}
}

func TestDeleteStageAnswersWithoutABody(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	got := c.do(http.MethodDelete, blue, "")
	if got.status != http.StatusNoContent || len(got.body) != 0 || got.header.Get("Content-Type") != "" {
		t.Errorf("got %v with %v", got, got.header)
	}
	if holder := c.mock.StageHolder("s", "BLUE"); holder != "" {
		t.Errorf("the stage is still on %s", holder)
	}
}

func TestDeletingAMissingStageCanSucceed(t *testing.T) {
	t.Parallel()
	c := seeded(t, csmstest.WithMissingStageDeleteOK())
	c.do(http.MethodDelete, stagePath("GREEN"), "").wantStatus(t, http.StatusNoContent)
	if c.mock.Requests()[0].Changed {
		t.Error("deleting nothing is recorded as a change")
	}
}

func TestStatesAndStages(t *testing.T) {
	t.Parallel()
	refused := map[string]struct {
		status int
		code   string
	}{
		"DISABLED":       {http.StatusForbidden, "CSMS.0109"},
		"FROZEN":         {http.StatusForbidden, "CSMS.0109"},
		"PENDING_DELETE": {http.StatusBadRequest, "CSMS.0103"},
	}
	for state, want := range refused {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			c := seeded(t)
			c.mock.SetState("s", state)
			c.do(http.MethodGet, blue, "").wantStatus(t, http.StatusOK)
			c.do(http.MethodPut, blue, `{"version_id":"v1"}`).wantError(t, want.status, want.code)
			c.do(http.MethodDelete, blue, "").wantError(t, want.status, want.code)

			strict := seeded(t, csmstest.WithInactiveSecretReadsRefused())
			strict.mock.SetState("s", state)
			strict.do(http.MethodGet, blue, "").wantError(t, want.status, want.code)

			lenient := seeded(t, csmstest.WithInactiveSecretStageWrites())
			lenient.mock.SetState("s", state)
			lenient.do(http.MethodPut, blue, `{"version_id":"v1"}`).wantStatus(t, http.StatusOK)
			lenient.do(http.MethodDelete, blue, "").wantStatus(t, http.StatusNoContent)
		})
	}
}
