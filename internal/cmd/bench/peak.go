package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
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
			for _, child := range children(parent) {
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

// children are the processes that any thread of a process has started.
func children(parent int) []string {
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent))
	var found []string
	for _, list := range lists {
		if content, err := os.ReadFile(filepath.Clean(list)); err == nil {
			found = append(found, strings.Fields(string(content))...)
		}
	}
	return found
}

// highWater is the most memory that a process has had resident, in bytes: a mark that
// the kernel keeps, so looking seldom misses nothing but the very end.
func highWater(pid string) int64 {
	status, err := os.ReadFile(filepath.Join("/proc", pid, "status"))
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
