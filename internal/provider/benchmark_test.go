package provider_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
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
	planned, _ := w.plan(created, config)
	created.private = planned.plannedPrivate // one instance, however often it is planned
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

// BenchmarkWalk refreshes and plans labels of very many secrets, four of each and ten at
// a time, as Terraform does. What one of them takes must not depend on how many there are.
func BenchmarkWalk(b *testing.B) {
	for _, objects := range []int{300, 3000, 10000} {
		b.Run(strconv.Itoa(objects), func(b *testing.B) {
			t := benchTester{b}
			m := newMock(t, csmstest.WithRequestLimit(1))
			instances := make(chan instance, objects)
			for i := range objects / 4 {
				name := fmt.Sprintf("db%d", i)
				labels := []string{"A", "B", "C", "D"}
				m.PutSecret(csmstest.Secret{Name: name, Versions: []csmstest.Version{{ID: "v1", Stages: labels}}})
				for _, label := range labels {
					instances <- instance{typeName: stageType, state: map[string]any{
						"secret_name": name, "name": label, "version_id": "v1", "id": name + "/" + label, "region": "cn-north-4", "update_time": "2026-01-01T00:00:00Z",
					}}
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				w := newWalk(t, m)
				var walkers sync.WaitGroup
				for range 10 {
					walkers.Go(func() {
						for range objects / 10 {
							i := <-instances
							read, _ := w.read(i)
							_, _ = w.plan(read, map[string]any{"secret_name": i.state["secret_name"], "name": i.state["name"], "version_id": "v1"})
							instances <- i
						}
					})
				}
				walkers.Wait()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*objects), "ns/object")
		})
	}
}

func (t benchTester) Context() context.Context { return t.B.Context() }
