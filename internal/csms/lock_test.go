package csms_test

import (
	"context"
	"errors"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

func lock(t *testing.T, c *csms.Client, secretName string) func() {
	t.Helper()
	unlock, err := c.LockSecret(t.Context(), secretName)
	if err != nil {
		t.Fatal(err)
	}
	return unlock
}

func TestWritersToOneSecretTakeTurns(t *testing.T) {
	t.Parallel()
	client := newClient(t, configFor("http://127.0.0.1:1"))
	writes := 0
	concurrently(50, func(int) {
		unlock, err := client.LockSecret(t.Context(), "db")
		if err != nil {
			t.Error(err)
			return
		}
		defer unlock()
		writes++
	})
	if writes != 50 {
		t.Errorf("%d of 50 writes are left", writes)
	}
}

func TestWriterWaitsForTheUnlock(t *testing.T) {
	t.Parallel()
	client := newClient(t, configFor("http://127.0.0.1:1"))
	unlock := lock(t, client, "db")
	entered := make(chan struct{})
	go func() {
		second, err := client.LockSecret(t.Context(), "db")
		if err != nil {
			t.Error(err)
			return
		}
		close(entered)
		second()
	}()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.LockSecret(ended, "db"); !errors.Is(err, context.Canceled) || errorOf(t, err).SecretName != "db" {
		t.Errorf("a third writer: %v", err)
	}
	select {
	case <-entered:
		t.Fatal("two writers are in")
	default:
	}
	unlock()
	unlock()
	<-entered
	lock(t, client, "db")()
}

func TestWritersToOtherSecretsAndRegionsDoNotWait(t *testing.T) {
	t.Parallel()
	cfg := configFor("http://127.0.0.1:1/{region}")
	client := newClient(t, cfg)
	defer lock(t, client, "db")()
	lock(t, client, "web")()
	other, err := client.InRegion("eu-west-101")
	if err != nil {
		t.Fatal(err)
	}
	lock(t, other, "db")()
}
