package csms_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// inParallel makes many calls at once and returns their errors.
func inParallel(t *testing.T, client *csms.Client, calls int) []error {
	t.Helper()
	errs := make([]error, calls)
	var done sync.WaitGroup
	for i := range calls {
		done.Go(func() { _, errs[i] = client.ListVersions(t.Context(), "db") })
	}
	done.Wait()
	return errs
}

func TestAWrongKeyIsTriedOnceHoweverManyCallsThereAre(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.config.SecretKey = "wrong"
	s.config.RetryWaitMin, s.config.RetryWaitMax = time.Hour, time.Hour // nobody waits to be refused again
	client := s.client(t)
	for _, err := range append(inParallel(t, client, 20), inParallel(t, client, 1)...) {
		if csms.ReasonOf(err) != csms.ReasonCredentials || !strings.Contains(err.Error(), "APIGW.0301") {
			t.Errorf("the error is %v", err)
		}
	}
	if n := len(s.Requests()); n != 1 {
		t.Errorf("%d requests were sent with a wrong key, want 1", n)
	}
}

func TestARightKeyIsUsedByManyCallsAtOnceAfterTheFirst(t *testing.T) {
	t.Parallel()
	s := newService(t)
	client := s.client(t)
	if err := inParallel(t, client, 1)[0]; err != nil {
		t.Fatal(err)
	}
	var waiting sync.WaitGroup
	const calls = 8
	waiting.Add(calls)
	s.Fail(csmstest.Fault{Operation: "ListVersions", Times: calls, Do: func() { waiting.Done(); waiting.Wait() }})
	for _, err := range inParallel(t, client, calls) {
		if err != nil {
			t.Error(err)
		}
	}
}

func TestALostFirstAnswerLetsTheNextCallFindOut(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.config.MaxRetries = 0
	s.Fail(csmstest.Fault{Reset: true})
	client := s.client(t)
	if err := inParallel(t, client, 1)[0]; err == nil {
		t.Fatal("the lost answer is no error")
	}
	if err := inParallel(t, client, 1)[0]; err != nil {
		t.Error(err)
	}
}
