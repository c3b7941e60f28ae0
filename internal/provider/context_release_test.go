package provider_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

type ballastKey struct{}

func TestProvider_ACallHoldsNothingOnceItIsOver(t *testing.T) {
	t.Parallel()
	s := newTFServer(t, newSecret(t))
	created := s.create(stageType, stage("GREEN", "v1"))
	released := make(chan struct{})
	func() {
		ballast := new([1 << 10]byte)
		runtime.AddCleanup(ballast, func(done chan struct{}) { close(done) }, released)
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), ballastKey{}, ballast))
		defer cancel() // as the transport does at the end of a call
		resp, err := s.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: stageType, CurrentState: s.dynamic(s.typeOf(stageType), created.state)})
		if err != nil {
			t.Fatal(err)
		}
		s.must(resp.Diagnostics)
	}()
	defer runtime.KeepAlive(s)              // the server is what might hold it
	deadline := time.After(5 * time.Minute) // only a leak takes it
	for {
		runtime.GC()
		select {
		case <-released:
			return
		case <-deadline:
			t.Fatal("the context of a call that is over is still held")
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func TestProvider_StoppingTheProviderEndsACallUnderWay(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	s := newTFServer(t, m)
	m.Fail(csmstest.Fault{Operation: "ListVersions", Hang: true, Do: func() {
		_, _ = s.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}) // what it ends is what counts
	}})
	_, diagnostics := s.read(instance{typeName: stageType, state: map[string]any{
		"id": "db/GREEN", "region": "cn-north-4", "secret_name": "db", "name": "GREEN", "version_id": "v1", "update_time": "2026-01-01T00:00:00Z",
	}})
	assertContains(t, errorsOf(diagnostics), "interrupted")
}
