package csms

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Target is what an operation is about; what does not apply is empty.
type Target struct {
	Region, SecretName, Stage, Version string
}

// String names each part, as in "secret db, stage GREEN, version v2, region cn-north-4".
func (t Target) String() string {
	var parts []string
	for _, part := range [...]struct{ noun, name string }{
		{"secret", t.SecretName}, {"stage", t.Stage}, {"version", t.Version}, {"region", t.Region},
	} {
		if part.name != "" {
			parts = append(parts, part.noun+" "+part.name)
		}
	}
	return strings.Join(parts, ", ")
}

// checkedTarget is a target and what is wrong with one of its names, which then is not sent.
type checkedTarget struct {
	Target
	invalid error
}

func (c *Client) project() checkedTarget { return checkedTarget{Target: Target{Region: c.Region()}} }

func (c *Client) secret(name string) checkedTarget {
	t := c.project()
	t.SecretName = name
	return t.require(ValidSecretName, "secret name", name)
}

func (t checkedTarget) stage(name string) checkedTarget {
	t.Stage = name
	return t.require(ValidStageName, "stage name", name)
}

func (t checkedTarget) version(id string) checkedTarget {
	t.Version = id
	t = t.require(ValidVersionID, "version id", id)
	if id == "latest" {
		return t.refuse(errors.New(`"latest" stands for a version only where a version is read`))
	}
	return t
}

func (t checkedTarget) require(form *regexp.Regexp, noun, name string) checkedTarget {
	if form.MatchString(name) {
		return t
	}
	return t.refuse(fmt.Errorf("%q is not a valid %s", name, noun))
}

// refuse keeps the first error.
func (t checkedTarget) refuse(err error) checkedTarget {
	if t.invalid == nil {
		t.invalid = err
	}
	return t
}
