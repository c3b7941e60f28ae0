package provider

import (
	"os"
	"strings"
)

// get returns a setting: attribute, then environment, then "".
func (s settings) get(name string) string {
	value, _ := s.lookup(name, "")
	return value
}

// lookup returns a setting and the variable that it comes from, "" if that is the
// provider block. Of several variables, one of the family goes first. Of two settings for
// one thing, only that counts which comes first.
func (s settings) lookup(name, family string) (value, variable string) {
	if value, ok := s.configured[name]; ok {
		return value, ""
	}
	alternative := settingNamed(name).alternative
	if _, ok := s.configured[alternative]; ok {
		return "", ""
	}
	for _, family := range []string{family, "HW", "OS"} {
		value, variable = inFamily(name, family)
		_, other := inFamily(alternative, family)
		if value != "" || other != "" {
			return value, variable
		}
	}
	return lookupEnv(name)
}

// lookupEnv returns the value that the environment gives a setting, and the variable
// that it comes from.
func lookupEnv(name string) (value, variable string) {
	for _, variable := range settingNamed(name).variables {
		if value := os.Getenv(variable); value != "" {
			return value, variable
		}
	}
	return "", ""
}

// inFamily is lookupEnv for the variables of one family.
func inFamily(name, family string) (value, variable string) {
	for _, variable := range settingNamed(name).variables {
		if value := os.Getenv(variable); value != "" && variableFamily(variable) == family {
			return value, variable
		}
	}
	return "", ""
}

// variableFamily is what the names of variables begin with that are set together: "HW"
// for those of this cloud's tools, "OS" for those of OpenStack's.
func variableFamily(variable string) string {
	family, _, _ := strings.Cut(variable, "_")
	return family
}
