package csms_test

import (
	"context"
	"errors"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

// atSecret runs do as the only writer of the secret.
func atSecret(t *testing.T, c *csms.Client, secretName string, do func()) {
	t.Helper()
	err := c.Write(t.Context(), secretName, func(*csms.Writer) error {
		do()
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestWritersToOneSecretTakeTurns(t *testing.T) {
	t.Parallel()
	client := newClient(t, configFor("http://127.0.0.1:1"))
	writes := 0
	concurrently(50, func(int) { atSecret(t, client, "db", func() { writes++ }) })
	if writes != 50 {
		t.Errorf("%d of 50 writes are left", writes)
	}
}

func TestWriterGivesUpWaitingWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	client := newClient(t, configFor("http://127.0.0.1:1"))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	atSecret(t, client, "db", func() {
		err := client.Write(ended, "db", func(*csms.Writer) error {
			t.Error("two writers are in")
			return nil
		})
		if !errors.Is(err, context.Canceled) || errorOf(t, err).SecretName != "db" {
			t.Errorf("got %v", err)
		}
	})
	atSecret(t, client, "db", func() {})
}

func TestWritersToOtherSecretsAndRegionsDoNotWait(t *testing.T) {
	t.Parallel()
	client := newClient(t, configFor("http://127.0.0.1:1/{region}"))
	other, err := client.InRegion("eu-west-101")
	if err != nil {
		t.Fatal(err)
	}
	atSecret(t, client, "db", func() {
		atSecret(t, client, "web", func() {})
		atSecret(t, other, "db", func() {})
	})
}
