package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/csms/terraform-provider-csms/internal/sandbox"
)

// watchPeak watches how much memory the providers that a process starts use at most.
// The function that it returns ends that and tells. It is zero where there is no /proc.
func watchPeak(parent int) func() int64 {
	stop := make(chan struct{})
	var (
		done sync.WaitGroup
		peak int64
	)
	done.Go(func() {
		ticker := time.NewTicker(5 * time.Millisecond)
		defer ticker.Stop()
		for {
			for _, child := range sandbox.Children(parent) {
				peak = max(peak, highWater(child))
			}
			select {
			case <-stop:
				return
			case <-ticker.C:
			}
		}
	})
	return func() int64 {
		close(stop)
		done.Wait()
		return peak
	}
}

// highWater is the most memory that a process has had resident, in bytes: a mark that
// the kernel keeps, so looking seldom misses nothing but the very end.
func highWater(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, found := strings.Cut(string(status), "VmHWM:")
	// Between fork and exec a child still is Terraform.
	if err != nil || !found || !strings.HasPrefix(string(status), "Name:\tterraform-provi") {
		return 0
	}
	kilobytes, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	if err != nil {
		return 0
	}
	return kilobytes << 10
}
