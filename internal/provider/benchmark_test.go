package provider_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// benchTester lets a benchmark drive a walk.
type benchTester struct{ *testing.B }

// BenchmarkRefreshAndPlan refreshes and plans one label of a secret whose versions are
// already known, as all labels but the first of a secret are.
func BenchmarkRefreshAndPlan(b *testing.B) {
	t := benchTester{b}
	m := newSecret(t)
	config := stage("GREEN", "v1")
	created := newWalk(t, m).create(stageType, config)
	w := newWalk(t, m)
	b.ReportAllocs()
	for b.Loop() {
		read, _ := w.read(created)
		_, _ = w.plan(read, config)
	}
}

// BenchmarkFirstRefresh refreshes a label of a secret that was not asked for before:
// one list call, signed, sent, verified by the mock, read and decoded.
func BenchmarkFirstRefresh(b *testing.B) {
	t := benchTester{b}
	m := newMock(t, csmstest.WithRequestLimit(1))
	const secrets = 1000
	var instances []instance
	for i := range secrets {
		secret := secretDB()
		secret.Name = fmt.Sprintf("db%d", i)
		m.PutSecret(secret)
		instances = append(instances, instance{typeName: stageType, state: map[string]any{
			"secret_name": secret.Name, "name": "SYSCURRENT", "version_id": "v2", "id": secret.Name + "/SYSCURRENT", "region": "cn-north-4", "update_time": "2026-01-01T00:00:00Z",
		}})
	}
	var w *walk
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%secrets == 0 {
			w = newWalk(t, m)
		}
		if read, diagnostics := w.read(instances[i%secrets]); read.state == nil {
			b.Fatal(errorsOf(diagnostics))
		}
	}
}

func (t benchTester) Context() context.Context { return t.B.Context() }
