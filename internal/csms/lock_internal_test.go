package csms

import (
	"context"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

func TestReleasedLocksTakeNoMemory(t *testing.T) {
	t.Parallel()
	client, err := New(huaweicloud.Config{Region: "cn-north-4"})
	if err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, name := range []string{"a", "b", "c"} {
		unlock, err := client.lockSecret(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.lockSecret(ended, name); err == nil {
			t.Error("two writers are in")
		}
		if n := len(client.writers.locks); n != 1 {
			t.Errorf("%d locks while one is held", n)
		}
		unlock()
	}
	if n := len(client.writers.locks); n != 0 {
		t.Errorf("%d locks are left", n)
	}
}
