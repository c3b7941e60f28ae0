package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// printTable prints the medians of one size, with each kind's ratio to the first.
func printTable(size int, subjects []*subject) {
	fmt.Printf("\n| objects: %d | kind | time | ratio | CPU | provider's memory | calls |\n|---|---|---|---|---|---|---|\n", size)
	for _, step := range subjects[0].steps {
		floor := time.Duration(0)
		for i, s := range subjects {
			results := s.measurements[step]
			wall := median(results, func(m measurement) time.Duration { return m.wall })
			if i == 0 || s.shape != subjects[i-1].shape {
				floor = wall
			}
			fmt.Printf("| %s, %s | %s | %.2f s | %.2f | %.2f s | %s | %s |\n", step, s.shape, s.name, wall.Seconds(), float64(wall)/float64(floor),
				median(results, func(m measurement) time.Duration { return m.cpu }).Seconds(),
				mebibytes(median(results, func(m measurement) int64 { return m.rss })), describeCalls(results[0].calls))
		}
	}
}

func median[T cmp.Ordered](results []measurement, of func(measurement) T) T {
	values := make([]T, len(results))
	for i, m := range results {
		values[i] = of(m)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func mebibytes(n int64) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f MiB", float64(n)/(1<<20))
}

func describeCalls(calls map[string]int) string {
	var parts []string
	for _, operation := range slices.Sorted(maps.Keys(calls)) {
		parts = append(parts, fmt.Sprintf("%s %d", operation, calls[operation]))
	}
	return cmp.Or(strings.Join(parts, ", "), "–")
}
