package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// event is one line of what Terraform prints with -json.
type event struct {
	Type    string `json:"type"`
	Message string `json:"@message"`
	Change  struct {
		Resource struct {
			Address string `json:"addr"`
		} `json:"resource"`
		Action string `json:"action"`
	} `json:"change"`
	Diagnostic struct {
		Severity string `json:"severity"`
		Detail   string `json:"detail"`
	} `json:"diagnostic"`
	Outputs map[string]struct {
		Value json.RawMessage `json:"value"`
	} `json:"outputs"`
}

type events []event

// show prints an event that tells the story: not how data sources are read. With verbose it prints every event.
func (e event) show(verbose bool) {
	switch e.Type {
	case "diagnostic":
		fmt.Printf("      %s\n        %s\n", e.Message, strings.ReplaceAll(e.Diagnostic.Detail, "\n", "\n        "))
	case "outputs":
		e.showOutputs()
	case "planned_change", "resource_drift", "apply_complete", "change_summary":
		if verbose || !strings.HasPrefix(e.Message, "data.") {
			fmt.Println("     ", e.Message)
		}
	default:
		if verbose {
			fmt.Println("     ", e.Message)
		}
	}
}

func (e event) showOutputs() {
	for _, name := range slices.Sorted(maps.Keys(e.Outputs)) {
		if value := e.Outputs[name].Value; len(value) > 0 {
			fmt.Printf("      output %s = %s\n", name, value)
		}
	}
}

// warned checks that one warning names all the words.
func (said events) warned(words ...string) error {
	for _, e := range said {
		if e.Diagnostic.Severity == "warning" && containsAll(e.Message+" "+e.Diagnostic.Detail, words) {
			return nil
		}
	}
	return fmt.Errorf("no warning names %s", strings.Join(words, ", "))
}

// drifted checks that Terraform told of a change outside of it.
func (said events) drifted(address string) error {
	for _, e := range said {
		if e.Type == "resource_drift" && e.Change.Resource.Address == address {
			return nil
		}
	}
	return fmt.Errorf("the plan does not say that %s has drifted", address)
}

// output checks that an output holds the words.
func (said events) output(name string, words ...string) error {
	for _, e := range said {
		if value := string(e.Outputs[name].Value); value != "" && containsAll(value, words) {
			return nil
		}
	}
	return fmt.Errorf("the output %s does not show %s", name, strings.Join(words, ", "))
}

func containsAll(text string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}
