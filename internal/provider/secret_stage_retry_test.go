package provider_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

const current = "csms_secret_stage.current"

// failedOnce are the ways in which a write fails once so that it may be tried again. Those in which
// it took effect hide its answer.
func failedOnce() map[string]csmstest.Fault {
	return map[string]csmstest.Fault{
		"throttled with Retry-After":        csmstest.Throttled("1"),
		"unavailable without Retry-After":   {Status: http.StatusServiceUnavailable},
		"reset before it took effect":       {Reset: true},
		"answered 504 after it took effect": {Status: http.StatusGatewayTimeout, AfterProcessing: true},
		"reset after it took effect":        {Reset: true, AfterProcessing: true},
	}
}

// failOn makes the next call of an operation fail.
func failOn(m *mock, operation string, fault csmstest.Fault) {
	fault.Operation = operation
	m.Fail(fault)
}

// failOnce makes the next call of an operation fail. Others act after it took effect, or failed to,
// and before anybody knows.
func failOnce(m *mock, w *watcher, operation string, fault csmstest.Fault, others func()) {
	failOn(m, operation, fault)
	w.afterFirst(operation, others)
}

func TestSecretStage_ApplyStopsWhenTheStageMovesWhileAPutWaitsForItsRetry(t *testing.T) {
	t.Parallel()
	for name, fault := range failedOnce() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, w := newWatchedSecret(t)
			m.MoveStage("db", "SYSCURRENT", "v1")
			c := newCLI(t, m, "")
			c.applied(m, stageBlock("current", "SYSCURRENT", "v1", ""))
			c.write(stageBlock("current", "SYSCURRENT", "v2", ""))
			c.savePlan()
			failOnce(m, w, "PutStage", fault, func() { m.MoveStage("db", "SYSCURRENT", "v3") })
			c.failSaved("SYSCURRENT", "v1", "v2", "v3")
			m.assertHolder(t, "SYSCURRENT", "v3")
			m.assertWrites(t, "PutStage SYSCURRENT")
			c.assertInState(current, "version_id", "v1")
		})
	}
}

func TestSecretStage_PutWhoseAnswerWasLostIsAdoptedAndNotRepeated(t *testing.T) {
	t.Parallel()
	for name, fault := range failedOnce() {
		if !fault.AfterProcessing {
			continue
		}
		for change, before := range map[string]string{"creation": "", "update": "v1"} {
			t.Run(change+" "+name, func(t *testing.T) {
				t.Parallel()
				m := newSecret(t)
				c := newCLI(t, m, "")
				if before != "" {
					c.applied(m, stageBlock("green", "GREEN", before, ""))
				}
				c.write(stageBlock("green", "GREEN", "v2", ""))
				c.savePlan()
				failOn(m, "PutStage", fault)
				c.applySaved()
				m.assertWrites(t, "PutStage GREEN")
				m.assertHolder(t, "GREEN", "v2")
				c.assertInState(green, "version_id", "v2")
				c.assertEmptyPlan()
			})
		}
	}
}

func TestSecretStage_MoveByOthersToThePlannedVersionWhileAPutWaitsForItsRetryIsAdopted(t *testing.T) {
	t.Parallel()
	m, w := newWatchedSecret(t)
	c := newCLI(t, m, "")
	c.applied(m, stageBlock("green", "GREEN", "v1", ""))
	c.write(stageBlock("green", "GREEN", "v2", ""))
	c.savePlan()
	failOnce(m, w, "PutStage", csmstest.Throttled("1"), func() { m.MoveStage("db", "GREEN", "v2") })
	c.applySaved()
	m.assertWrites(t, "PutStage GREEN")
	c.assertInState(green, "previous_version_id", "v1")
}

// A creation without expected_version_id takes the stage from wherever it is, but says from where
// it really was.
func TestSecretStage_CreateStopsWhenOthersMakeTheStageBeforeItsRetry(t *testing.T) {
	t.Parallel()
	m, w := newWatchedSecret(t)
	c := newCLI(t, m, stageBlock("green", "GREEN", "v1", ""))
	c.savePlan()
	failOnce(m, w, "PutStage", csmstest.Throttled("1"), func() { m.MoveStage("db", "GREEN", "v3") })
	c.failSaved("GREEN", "v1", "v3")
	m.assertHolder(t, "GREEN", "v3")
	m.assertWrites(t, "PutStage GREEN")
}

func TestSecretStage_DestroyLeavesAStageThatOthersMoveWhileItsDeletionWaitsForItsRetry(t *testing.T) {
	t.Parallel()
	for name, fault := range failedOnce() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, w := newWatchedSecret(t)
			c := newCLI(t, m, "")
			c.applied(m, stageBlock("green", "GREEN", "v1", ""))
			c.savePlan("-destroy")
			failOnce(m, w, "DeleteStage", fault, func() { m.MoveStage("db", "GREEN", "v3") })
			assertNames(t, messages("Warning", c.applySaved()), "GREEN", "v1", "v3")
			m.assertHolder(t, "GREEN", "v3")
			m.assertWrites(t, "DeleteStage GREEN")
			if left := c.inState(green); left != nil {
				t.Errorf("the state still has %v", left)
			}
		})
	}
}

// A write that waits for its turn behind the requests of other secrets would be made from a look
// that is seconds old.
func TestSecretStage_NoOtherRequestComesBetweenLookAndWriteAtASlowPace(t *testing.T) {
	t.Parallel()
	m := newMock(t)
	secrets := []string{"one", "two", "three"}
	for _, name := range secrets {
		secret := secretDB()
		secret.Name = name
		m.PutSecret(secret)
	}
	green := func(version string) string {
		return `
resource "csms_secret_stage" "green" {
  for_each    = toset(["one", "two", "three"])
  secret_name = each.key
  name        = "GREEN"
  version_id  = "` + version + `"
}
`
	}
	c := newCLI(t, m, "")
	c.applied(m, green("v1"))
	c.write(green("v2"))
	c.savePlan()
	m.ResetRequests()
	c.env = append(c.env, "CSMS_MAX_REQUESTS_PER_SECOND=1")
	c.applySaved()
	requests := m.Requests()
	for _, name := range secrets {
		put := slices.IndexFunc(requests, func(r csmstest.Request) bool {
			return r.Operation == "PutStage" && r.Secret == name
		})
		if put < 1 {
			t.Fatalf("GREEN of %s was not put after a look: %v", name, requests)
		}
		if last := requests[put-1]; last.Operation != "ShowStage" || last.Secret != name {
			t.Errorf("the last request before GREEN of %s was put is %s, want the look at it", name, last)
		}
	}
}
