package csms_test

import (
	"fmt"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// BenchmarkListVersions signs, sends, reads and decodes the list of a secret with as many
// versions as there can be. The mock endpoint's part is in the time.
func BenchmarkListVersions(b *testing.B) {
	benchmarkCall(b, func(client *csms.Client) error {
		_, err := client.ListVersions(b.Context(), "db")
		return err
	})
}

// BenchmarkGetStage is the same for the smallest answer.
func BenchmarkGetStage(b *testing.B) {
	benchmarkCall(b, func(client *csms.Client) error {
		_, err := client.GetStage(b.Context(), "db", csms.StageCurrent)
		return err
	})
}

func benchmarkCall(b *testing.B, call func(*csms.Client) error) {
	b.Helper()
	s := serve(b, csmstest.New(csmstest.WithRequestLimit(1)))
	secret := csmstest.Secret{Name: "db"}
	for i := range 20 {
		secret.Versions = append(secret.Versions, csmstest.Version{ID: fmt.Sprintf("v%d", i+1)})
	}
	secret.Versions[19].Stages = []string{csms.StageCurrent}
	s.PutSecret(secret)
	client, err := csms.New(s.config)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := call(client); err != nil {
			b.Fatal(err)
		}
	}
}
