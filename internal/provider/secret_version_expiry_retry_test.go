package provider_test

import (
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

const (
	expiryOfV1      = "csms_secret_version_expiry.v1"
	expiryBefore    = "2090-01-01T00:00:00Z"
	expiryPlanned   = "2091-01-01T00:00:00Z"
	expiryOfOthers  = "2092-01-01T00:00:00Z"
	updateOperation = "UpdateVersion"
)

// setExpiryOfOthers plays others who set an expiry of v1.
func setExpiryOfOthers(t *testing.T, m *mock) func() {
	t.Helper()
	instant, err := time.Parse(time.RFC3339, expiryOfOthers)
	if err != nil {
		t.Fatal(err)
	}
	return func() { m.SetExpiry("db", "v1", instant) }
}

// assertExpiry fails the test unless v1 of "db" expires at this time.
func (m *mock) assertExpiry(t *testing.T, want string) {
	t.Helper()
	if got := m.Expiry("db", "v1").Format(time.RFC3339); got != want {
		t.Errorf("v1 expires at %s, want %s", got, want)
	}
}

func TestSecretVersionExpiry_ApplyStopsWhenOthersSetAnotherExpiryWhileAPutWaitsForItsRetry(t *testing.T) {
	t.Parallel()
	for name, fault := range failedOnce() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, w := newWatchedSecret(t)
			c := newCLI(t, m, "")
			c.applied(m, expiryBlock(expiryBefore))
			c.write(expiryBlock(expiryPlanned))
			c.savePlan()
			failOnce(m, w, updateOperation, fault, setExpiryOfOthers(t, m))
			c.failSaved("v1", expiryBefore, expiryOfOthers)
			m.assertExpiry(t, expiryOfOthers)
			m.assertWrites(t, updateOperation)
			c.assertInState(expiryOfV1, "expire_time", expiryBefore)
		})
	}
}

// A creation may overwrite an expiry, as its documentation says, but not without a word.
func TestSecretVersionExpiry_CreateTellsOfAnExpiryThatOthersSetBeforeItsRetry(t *testing.T) {
	t.Parallel()
	m, w := newWatchedSecret(t)
	c := newCLI(t, m, expiryBlock(expiryPlanned))
	c.savePlan()
	failOnce(m, w, updateOperation, csmstest.Throttled("1"), setExpiryOfOthers(t, m))
	output, code := c.terraform("apply", planFile)
	if code != 0 {
		m.assertExpiry(t, expiryOfOthers)
	}
	assertNames(t, messages("Warning", output)+messages("Error", output), "v1", expiryOfOthers)
}

// Every write of an expiry arms a notification, also one that changes nothing.
func TestSecretVersionExpiry_PutWhoseAnswerWasLostIsNotRepeated(t *testing.T) {
	t.Parallel()
	for name, fault := range failedOnce() {
		if !fault.AfterProcessing {
			continue
		}
		for change, before := range map[string]string{"creation": "", "update": expiryBefore} {
			t.Run(change+" "+name, func(t *testing.T) {
				t.Parallel()
				m := newSecret(t)
				c := newCLI(t, m, "")
				if before != "" {
					c.applied(m, expiryBlock(before))
				}
				c.write(expiryBlock(expiryPlanned))
				c.savePlan()
				failOn(m, updateOperation, fault)
				c.applySaved()
				m.assertWrites(t, updateOperation)
				m.assertExpiry(t, expiryPlanned)
				c.assertEmptyPlan()
			})
		}
	}
}
