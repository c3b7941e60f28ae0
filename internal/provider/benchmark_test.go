package provider_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// benchTester lets a benchmark drive a walk.
type benchTester struct{ *testing.B }

// BenchmarkRefreshAndPlan refreshes and plans one stage of a secret whose versions are already
// known, as all stages but the first of a secret are.
func BenchmarkRefreshAndPlan(b *testing.B) {
	t := benchTester{b}
	m := newSecret(t)
	config := stage("GREEN", "v1")
	created := newTFServer(t, m).create(stageType, config)
	s := newTFServer(t, m)
	planned, _ := s.plan(created, config)
	created.private = planned.plannedPrivate // one instance, however often it is planned
	refresh, plan := s.readRequest(created), s.planRequest(created, config)
	b.ReportAllocs()
	for b.Loop() {
		s.refreshAndPlan(refresh, plan)
	}
}

// refreshAndPlan is for many goroutines and for clocks: it decodes nothing.
func (s *tfServer) refreshAndPlan(refresh *tfprotov6.ReadResourceRequest, plan *tfprotov6.PlanResourceChangeRequest) {
	read, err := s.ReadResource(s.t.Context(), refresh)
	if err != nil || len(read.Diagnostics) > 0 {
		s.t.Errorf("refresh: %v, %s", err, errorsOf(read.Diagnostics))
	}
	planned, err := s.PlanResourceChange(s.t.Context(), plan)
	if err != nil || len(planned.Diagnostics) > 0 {
		s.t.Errorf("plan: %v, %s", err, errorsOf(planned.Diagnostics))
	}
}

// BenchmarkFirstRefresh refreshes a stage of a secret that was not asked for before: one list call,
// signed, sent, verified by the mock, read and decoded.
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
	var s *tfServer
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%secrets == 0 {
			s = newTFServer(t, m)
		}
		if read, diagnostics := s.read(instances[i%secrets]); read.state == nil {
			b.Fatal(errorsOf(diagnostics))
		}
	}
}

// BenchmarkWalk refreshes and plans stages of very many secrets, four of each and ten at a time, as
// Terraform does, the list calls and the mock's answers included. What one of them takes shows
// whether anything grows faster than their number.
func BenchmarkWalk(b *testing.B) {
	for _, objects := range []int{300, 3000, 10000} {
		b.Run(strconv.Itoa(objects), func(b *testing.B) {
			t := benchTester{b}
			m := newMock(t, csmstest.WithRequestLimit(1))
			requests := newUnconfiguredTFServer(t)
			refreshes, plans := make([]*tfprotov6.ReadResourceRequest, objects), make([]*tfprotov6.PlanResourceChangeRequest, objects)
			names := []string{"A", "B", "C", "D"}
			for i := range objects {
				secret, name := fmt.Sprintf("db%d", i/len(names)), names[i%len(names)]
				if name == names[0] {
					m.PutSecret(csmstest.Secret{Name: secret, Versions: []csmstest.Version{{ID: "v1", Stages: names}}})
				}
				created := instance{typeName: stageType, state: map[string]any{
					"secret_name": secret, "name": name, "version_id": "v1", "id": secret + "/" + name, "region": "cn-north-4", "update_time": "2026-01-01T00:00:00Z",
				}}
				refreshes[i] = requests.readRequest(created)
				plans[i] = requests.planRequest(created, map[string]any{"secret_name": secret, "name": name, "version_id": "v1"})
			}
			b.ReportAllocs()
			for b.Loop() {
				s := newTFServer(t, m)
				var walkers sync.WaitGroup
				for first := range 10 {
					walkers.Go(func() {
						for i := first; i < objects; i += 10 {
							s.refreshAndPlan(refreshes[i], plans[i])
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
