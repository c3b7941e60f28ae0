package csms_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// concurrently runs do n times at once and waits for all.
func concurrently(n int, do func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { do(i) })
	}
	wg.Wait()
}

// held is a fault that stops the next request of an operation within the service until it is released.
func held(s *service, operation string) (arrived <-chan struct{}, release func()) {
	in, out := make(chan struct{}), make(chan struct{})
	s.Fail(csmstest.Fault{Operation: operation, Do: func() {
		close(in)
		<-out
	}})
	return in, sync.OnceFunc(func() { close(out) })
}

func TestVersionListIsSharedByAllReads(t *testing.T) {
	t.Parallel()
	s := newService(t)
	client := s.client(t)
	concurrently(40, func(int) {
		if got, err := client.CachedVersions(t.Context(), "db"); err != nil || len(got) != 3 {
			t.Errorf("got %v, %v", got, err)
		}
	})
	if n := s.Count("ListVersions"); n != 1 {
		t.Errorf("%d list calls, want 1", n)
	}
	if _, err := client.ListVersions(t.Context(), "db"); err != nil || s.Count("ListVersions") != 2 {
		t.Errorf("ListVersions did not ask: %v", err)
	}
}

func TestVersionListsOfDifferentSecretsAreApart(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.PutSecret(csmstest.Secret{Name: "web"})
	client := s.client(t)
	for _, name := range []string{"db", "web", "db", "web"} {
		if got, err := client.CachedVersions(t.Context(), name); err != nil || got[0].SecretName != name {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
	if n := s.Count("ListVersions"); n != 2 {
		t.Errorf("%d list calls, want 2", n)
	}
}

func TestCallersMayChangeTheListTheyGet(t *testing.T) {
	t.Parallel()
	client := newService(t).client(t)
	for _, list := range []func(context.Context, string) ([]csms.Version, error){client.CachedVersions, client.PlannedVersions} {
		first, err := list(t.Context(), "db")
		if err != nil {
			t.Fatal(err)
		}
		first[0].ID, first[1].Stages[0] = "changed", "CHANGED"
		second, err := list(t.Context(), "db")
		if err != nil || second[0].ID != "v1" || second[1].Stages[0] != "GREEN" {
			t.Errorf("got %v, %v", second, err)
		}
	}
}

func TestNoReadUsesAListFromBeforeAWrite(t *testing.T) {
	t.Parallel()
	for _, op := range operations() {
		if !slices.Contains([]string{"PutStage", "DeleteStage", "UpdateVersion"}, op.mockName) {
			continue
		}
		for name, fault := range map[string]csmstest.Fault{
			"after a write":        {Delay: 1},
			"after a failed write": {Status: 403},
			"after a lost answer":  {Times: 4, Reset: true, AfterProcessing: true},
		} {
			t.Run(op.mockName+" "+name, func(t *testing.T) {
				t.Parallel()
				s := newService(t)
				client := s.client(t)
				if _, err := client.CachedVersions(t.Context(), "db"); err != nil {
					t.Fatal(err)
				}
				fault.Operation = op.mockName
				s.Fail(fault)
				_ = op.do(t.Context(), client)
				before := s.Count("ListVersions")
				if _, err := client.CachedVersions(t.Context(), "db"); err != nil || s.Count("ListVersions") != before+1 {
					t.Errorf("the write left a list (%v)", err)
				}
			})
		}
	}
}

func TestReadThatAWriteOvertakesReadsAgain(t *testing.T) {
	t.Parallel()
	s := newService(t)
	client := s.acquainted(t)
	arrived, release := held(s, "ListVersions")
	defer release()
	found := make(chan []csms.Version, 1)
	go func() {
		got, err := client.CachedVersions(t.Context(), "db")
		if err != nil {
			t.Error(err)
		}
		found <- got
	}()
	<-arrived
	if err := deleteStage(t.Context(), client, "db", "GREEN"); err != nil {
		t.Fatal(err)
	}
	release()
	if got := <-found; len(got) != 3 || len(got[1].Stages) != 0 {
		t.Errorf("the read shows what was before the write: %v", got)
	}
	if n := s.Count("ListVersions"); n != 2 {
		t.Errorf("%d list calls, want 2", n)
	}
}

func TestListFromTheMiddleOfAWriteIsNotUsedAfterIt(t *testing.T) {
	t.Parallel()
	s := newService(t)
	client := s.acquainted(t)
	arrived, release := held(s, "DeleteStage")
	defer release()
	deleted := make(chan error, 1)
	go func() { deleted <- deleteStage(t.Context(), client, "db", "GREEN") }()
	<-arrived
	if got, err := client.CachedVersions(t.Context(), "db"); err != nil || len(got[1].Stages) != 1 {
		t.Fatalf("before the deletion took effect: %v, %v", got, err)
	}
	release()
	if err := <-deleted; err != nil {
		t.Fatal(err)
	}
	if got, err := client.CachedVersions(t.Context(), "db"); err != nil || len(got[1].Stages) != 0 {
		t.Errorf("after the deletion: %v, %v", got, err)
	}
}

func TestReadDuringAWriteUsesNoListFromBeforeIt(t *testing.T) {
	t.Parallel()
	s := newService(t)
	client := s.acquainted(t)
	if _, err := client.CachedVersions(t.Context(), "db"); err != nil {
		t.Fatal(err)
	}
	arrived, release := held(s, "DeleteStage")
	defer release()
	deleted := make(chan error, 1)
	go func() { deleted <- deleteStage(t.Context(), client, "db", "GREEN") }()
	<-arrived
	if _, err := client.CachedVersions(t.Context(), "db"); err != nil || s.Count("ListVersions") != 2 {
		t.Errorf("%d list calls, want 2 (%v)", s.Count("ListVersions"), err)
	}
	release()
	if err := <-deleted; err != nil {
		t.Error(err)
	}
}

func TestWriteToOneSecretKeepsTheListsOfOthers(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.PutSecret(csmstest.Secret{Name: "web"})
	client := s.client(t)
	for range 2 {
		if _, err := client.CachedVersions(t.Context(), "web"); err != nil {
			t.Fatal(err)
		}
		if _, err := move(t.Context(), client, "db", "GREEN", "v1"); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.Count("ListVersions"); n != 1 {
		t.Errorf("%d list calls, want 1", n)
	}
}

func TestPlanMakesDoWithAListFromBeforeAWrite(t *testing.T) {
	t.Parallel()
	s := newService(t)
	client := s.client(t)
	for range 3 {
		if got, err := client.PlannedVersions(t.Context(), "db"); err != nil || len(got) != 3 {
			t.Fatalf("got %v, %v", got, err)
		}
		if _, err := move(t.Context(), client, "db", "GREEN", "v1"); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.Count("ListVersions"); n != 1 {
		t.Errorf("%d list calls, want 1", n)
	}
}

func TestPlanAndReadShareOneList(t *testing.T) {
	t.Parallel()
	s := newService(t)
	client := s.client(t)
	for _, list := range []func(context.Context, string) ([]csms.Version, error){
		client.PlannedVersions, client.CachedVersions, client.PlannedVersions,
	} {
		if _, err := list(t.Context(), "db"); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.Count("ListVersions"); n != 1 {
		t.Errorf("%d list calls, want 1", n)
	}
}

func TestFailedListIsNotRemembered(t *testing.T) {
	t.Parallel()
	for name, list := range map[string]func(*csms.Client, context.Context, string) ([]csms.Version, error){
		"read": (*csms.Client).CachedVersions, "plan": (*csms.Client).PlannedVersions,
	} {
		s := newService(t)
		client := s.client(t)
		s.Fail(csmstest.Fault{Operation: "ListVersions", Status: 403, Body: `{"error_code":"APIGW.0302","error_msg":"no"}`})
		_, err := list(client, t.Context(), "db")
		if e := errorOf(t, err); e.Code != "APIGW.0302" || e.Operation != csms.OperationListVersions {
			t.Errorf("%s: %v", name, err)
		}
		if got, err := list(client, t.Context(), "db"); err != nil || len(got) != 3 {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
}

func TestWaitersShareAFailure(t *testing.T) {
	t.Parallel()
	s := newService(t)
	client := s.client(t)
	arrived, release := held(s, "ListVersions")
	s.DeleteSecret("db")
	failures := make(chan error, 5)
	read := func() { _, err := client.CachedVersions(t.Context(), "db"); failures <- err }
	go read()
	<-arrived
	for range 4 {
		go read()
	}
	release()
	for range 5 {
		if err := <-failures; !csms.IsGone(err) {
			t.Errorf("got %v, want gone", err)
		}
	}
}

func TestWaiterOutlivesTheOneItWaitsFor(t *testing.T) {
	t.Parallel()
	s := newService(t)
	client := s.client(t)
	arrived, release := held(s, "ListVersions")
	defer release()
	leading, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() { _, err := client.CachedVersions(leading, "db"); failed <- err }()
	<-arrived
	found := make(chan []csms.Version, 1)
	go func() {
		got, err := client.CachedVersions(t.Context(), "db")
		if err != nil {
			t.Error(err)
		}
		found <- got
	}()
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("the leader got %v", err)
	}
	if got := <-found; len(got) != 3 {
		t.Errorf("the waiter got %v", got)
	}
}

func TestWaiterCanGiveUp(t *testing.T) {
	t.Parallel()
	s := newService(t)
	client := s.client(t)
	arrived, release := held(s, "ListVersions")
	led := make(chan error, 1)
	go func() { _, err := client.CachedVersions(t.Context(), "db"); led <- err }()
	<-arrived
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := client.CachedVersions(ctx, "db")
	if e := errorOf(t, err); !errors.Is(err, context.Canceled) || e.SecretName != "db" || e.Operation != csms.OperationListVersions {
		t.Errorf("the waiter got %v", err)
	}
	release()
	if err := <-led; err != nil {
		t.Errorf("the leader got %v", err)
	}
}

// acquainted is a client whose credentials the service has accepted before, so that calls need not wait for the first.
func (s *service) acquainted(t *testing.T) *csms.Client {
	t.Helper()
	client := s.client(t)
	if _, err := client.GetStage(t.Context(), "db", csms.StageCurrent); err != nil {
		t.Fatal(err)
	}
	return client
}
