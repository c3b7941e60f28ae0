package provider_test

import (
	"fmt"
	"maps"
	"slices"

	"pgregory.net/rapid"
)

var (
	histStages   = []string{"SYSCURRENT", "SYSPREVIOUS", "BLUE", "GREEN"}
	histVersions = []string{"v1", "v2", "v3", "v4"}
	histTimes    = []string{"2090-01-01T00:00:00Z", "2090-01-01T08:00:00+08:00", "2091-01-01T00:00:00Z"}
)

// configuration is what a module says, by address.
type configuration map[string]declared

func (c configuration) String() string {
	var text string
	for _, address := range slices.Sorted(maps.Keys(c)) {
		text += fmt.Sprintf("\n    %s: %v", address, c[address].attributes)
		if c[address].createNew {
			text += ", create_before_destroy"
		}
		if c[address].expects != "none" {
			text += ", expected on: " + c[address].expects
		}
	}
	return text
}

type declared struct {
	typeName   string
	attributes map[string]any
	createNew  bool   // create_before_destroy
	expects    string // expected_version_id: a version, "none", or "found" for where a data source finds the stage
}

// drawConfiguration declares each stage and each version's expiry at most once, at an
// address that the other configuration may give to another object.
func drawConfiguration(t *rapid.T, name string, fenced bool) configuration {
	c := configuration{}
	addresses := rapid.Permutation([]string{"s0", "s1", "s2", "s3"}).Draw(t, name+" addresses")
	for i, stageName := range histStages {
		if !rapid.Bool().Draw(t, name+" has "+stageName) {
			continue
		}
		d := declared{
			typeName:   stageType,
			attributes: stage(stageName, rapid.SampledFrom(histVersions).Draw(t, name+" "+stageName)),
			createNew:  rapid.Bool().Draw(t, name+" create_before_destroy"),
			expects:    "none",
		}
		if fenced {
			d.expects = rapid.SampledFrom([]string{"none", "found", "v1", "v2", ""}).Draw(t, name+" expects "+stageName)
		}
		c[addresses[i]] = d
	}
	for _, version := range histVersions[:2] {
		if rapid.Bool().Draw(t, name+" expires "+version) {
			c["e"+version] = declared{
				typeName:   expiryType,
				attributes: expiry(version, rapid.SampledFrom(histTimes).Draw(t, name+" "+version)),
				createNew:  rapid.Bool().Draw(t, name+" create_before_destroy"),
				expects:    "none",
			}
		}
	}
	return c
}

// settled is the configuration of somebody who asks a data source where the stages are.
func (c configuration) assertEmptyPlan() configuration {
	c = maps.Clone(c)
	for address, d := range c {
		if d.expects != "none" {
			d.expects = "found"
			c[address] = d
		}
	}
	return c
}

// resolved are the attributes as a plan sees them.
func (d declared) resolved(w world) map[string]any {
	switch d.expects {
	case "none":
		return d.attributes
	case "found":
		return with(d.attributes, "expected_version_id", w.holders[fmt.Sprint(d.attributes["name"])])
	default:
		return with(d.attributes, "expected_version_id", d.expects)
	}
}
