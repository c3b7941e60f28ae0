package huaweicloud

import (
	"testing"
	"time"
)

func TestMetadataServiceIsReachedWithoutProxy(t *testing.T) {
	t.Parallel()
	usual, err := newTransport(Config{MaxRetries: 5, MaxRequestsPerSecond: 1}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	metadata := usual.forMetadata()
	if usual.base.Proxy == nil || metadata.base.Proxy != nil {
		t.Error("the service is asked past the proxy, or the metadata service through it")
	}
	if metadata.timeout != 3*time.Second || metadata.retries != 1 || usual.timeout != 30*time.Second || usual.retries != 5 {
		t.Errorf("the metadata service has %s and %d retries", metadata.timeout, metadata.retries)
	}
}
