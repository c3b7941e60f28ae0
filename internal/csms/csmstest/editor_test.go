package csmstest_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func wantPanic(t *testing.T, do func()) {
	t.Helper()
	defer func() {
		if message := fmt.Sprint(recover()); !strings.HasPrefix(message, "csmstest: ") {
			t.Errorf("got panic %q, want one that says where it comes from", message)
		}
	}()
	do()
}

func TestPutSecretKeepsWhatIsSeeded(t *testing.T) {
	t.Parallel()
	mock := csmstest.New(csmstest.WithClock(func() time.Time { return instant }))
	expires := time.Date(2025, 1, 1, 1, 0, 0, 5e8, time.FixedZone("", 3600))
	mock.PutSecret(csmstest.Secret{Name: "s", State: "DISABLED", KMSKeyID: "key", Versions: []csmstest.Version{
		{ID: "v12", Stages: []string{"B", "A"}, ExpireTime: expires, Value: "x"},
		{ID: "v2", CreateTime: instant.AddDate(-1, 0, 0), KMSKeyID: "old-key"},
	}})
	s, ok := mock.Secret("s")
	want := []csmstest.Version{
		{
			ID:         "v2",
			Stages:     []string{},
			CreateTime: instant.AddDate(-1, 0, 0).Truncate(time.Second),
			KMSKeyID:   "old-key",
		},
		{ID: "v12", Stages: []string{"A", "B"}, CreateTime: instant.Truncate(time.Second), KMSKeyID: "key",
			ExpireTime: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), Value: "x"},
	}
	if !ok || s.State != "DISABLED" || fmt.Sprint(s.Versions) != fmt.Sprint(want) {
		t.Errorf("got %+v, want versions %+v", s, want)
	}
	if id := mock.AddVersion("s"); id != "v13" {
		t.Errorf("the next version is %s", id)
	}
	mock.PutSecret(csmstest.Secret{Name: "s"})
	if s, _ := mock.Secret("s"); len(s.Versions) != 1 || s.Versions[0].ID != "v1" ||
		s.Versions[0].Stages[0] != "SYSCURRENT" {
		t.Errorf("got %+v after replacement", s)
	}
}

func TestSeededSecretsAreAsOldAsTheirVersions(t *testing.T) {
	t.Parallel()
	year := func(n int) time.Time { return time.Date(n, 1, 1, 0, 0, 0, 0, time.UTC) }
	mock := csmstest.New(csmstest.WithClock(func() time.Time { return instant }))
	updated := map[string]time.Time{"BLUE": year(2025)}
	mock.PutSecret(csmstest.Secret{Name: "s", StageUpdateTimes: updated, Versions: []csmstest.Version{
		{ID: "v1", CreateTime: year(2020)}, {ID: "v2", CreateTime: year(2022), Stages: []string{"SYSCURRENT", "BLUE"}},
	}})
	s, _ := mock.Secret("s")
	if !s.CreateTime.Equal(year(2020)) || !s.UpdateTime.Equal(year(2022)) {
		t.Errorf("the secret is dated %v and %v", s.CreateTime, s.UpdateTime)
	}
	if at := s.StageUpdateTimes; !at["SYSCURRENT"].Equal(year(2022)) || !at["BLUE"].Equal(year(2025)) {
		t.Errorf("the stages are dated %v", at)
	}
}

func TestSnapshotsAreCopies(t *testing.T) {
	t.Parallel()
	mock := csmstest.New()
	seed := csmstest.Secret{Name: "s", EventSubscriptions: []string{"e"}}
	mock.PutSecret(seed)
	seed.EventSubscriptions[0] = "changed"
	first, _ := mock.Secret("s")
	first.Versions[0].Stages[0] = "changed"
	first.Versions[0].ID = "changed"
	first.EventSubscriptions[0] = "changed"
	second, _ := mock.Secret("s")
	if second.Versions[0].ID != "v1" || second.Versions[0].Stages[0] != "SYSCURRENT" ||
		second.EventSubscriptions[0] != "e" {
		t.Errorf("got %+v", second)
	}
}

func TestEditsRotateAsTheServiceDoes(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	if id := c.mock.AddVersion("s"); id != "v4" {
		t.Errorf("got %s", id)
	}
	if id := c.mock.AddVersion("s", "BLUE"); id != "v5" {
		t.Errorf("got %s", id)
	}
	if stages := c.stages(); stages != "v1[] v2[SYSPREVIOUS] v3[] v4[SYSCURRENT] v5[BLUE]" {
		t.Errorf("got %s", stages)
	}
	c.mock.DeleteVersion("s", "v5")
	if holder := c.mock.StageHolder("s", "BLUE"); holder != "" {
		t.Errorf("the stage of the deleted version is on %s", holder)
	}
	if id := c.mock.AddVersion("s"); id != "v6" {
		t.Errorf("the number of a deleted version is used again: %s", id)
	}
}

func TestEditsMoveStagesAndExpiries(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	c.mock.MoveStage("s", "SYSCURRENT", "v1")
	c.mock.MoveStage("s", "NEW", "v3")
	c.mock.DeleteStage("s", "SYSPREVIOUS")
	c.mock.DeleteStage("s", "NOT-THERE")
	c.mock.SetExpiry("s", "v1", instant)
	if stages := c.stages(); stages != "v1[SYSCURRENT] v2[BLUE] v3[NEW]" ||
		!c.mock.Expiry("s", "v1").Equal(instant.Truncate(time.Second)) {
		t.Errorf("got %s, expiry %v", stages, c.mock.Expiry("s", "v1"))
	}
	c.mock.SetExpiry("s", "v1", time.Time{})
	if got := c.do(http.MethodGet, versions, ""); got.has("expire_time") {
		t.Errorf("got %v", got)
	}
	c.mock.DeleteSecret("s")
	if _, ok := c.mock.Secret("s"); ok {
		t.Error("the deleted secret is still there")
	}
}

func TestMistakesOfTestsPanic(t *testing.T) {
	t.Parallel()
	mock := csmstest.New()
	mock.PutSecret(csmstest.Secret{Name: "s"})
	for name, do := range map[string]func(){
		"unknown secret":            func() { mock.AddVersion("x") },
		"unknown secret's state":    func() { mock.SetState("x", "ENABLED") },
		"unknown state":             func() { mock.SetState("s", "GONE") },
		"unknown secret's stage":    func() { mock.StageHolder("x", "A") },
		"stage on unknown version":  func() { mock.MoveStage("s", "A", "v9") },
		"expiry of unknown version": func() { mock.Expiry("s", "v9") },
		"unknown project":           func() { mock.Project("x") },
		"secret without a name":     func() { mock.PutSecret(csmstest.Secret{}) },
		"status of no meaning":      func() { csmstest.New(csmstest.WithNotFoundStatus(500)) },
		"agency of no account":      func() { csmstest.New(csmstest.WithAgency(csmstest.Agency{Name: "x"})) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantPanic(t, do)
		})
	}
}

func TestServersCanBeUsedFromManySides(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	var everybody sync.WaitGroup
	for i := range 8 {
		everybody.Go(func() {
			for range 20 {
				c.mock.MoveStage("s", "BLUE", fmt.Sprintf("v%d", i%3+1))
				if got, err := c.try(c.signed(http.MethodPut, blue, `{"version_id":"v1"}`)); err != nil ||
					got.status != http.StatusOK {
					t.Errorf("got %v, %v", got, err)
				}
				c.mock.Fail(csmstest.Fault{Operation: "ShowStage", Do: func() { c.mock.SetExpiry("s", "v1", instant) }})
				c.mock.Requests()
				c.mock.SetClock(func() time.Time { return instant })
			}
		})
	}
	everybody.Wait()
	if n := c.mock.Count("PutStage"); n != 160 {
		t.Errorf("counted %d", n)
	}
}
