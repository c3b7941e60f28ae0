package provider

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

// givenSettings are the settings of a sign-in method that are used, by name.
type givenSettings map[string]givenSetting

// givenSetting is a value and the environment variable that it comes from, "" if that
// is the provider block.
type givenSetting struct{ value, variable string }

func (g givenSettings) value(name string) string { return g[name].value }

// withAccount sets the account that signs in, which belongs to the login.
func (g givenSettings) withAccount(cfg huaweicloud.Config) huaweicloud.Config {
	cfg.DomainName, cfg.DomainID = g.value("domain_name"), g.value("domain_id")
	return cfg
}

// from says where the credentials come from, never what they are.
func (g givenSettings) from() string {
	var attributes, variables []string
	for name, setting := range g {
		switch {
		case slices.Contains(accountSettings, name):
		case setting.variable == "":
			attributes = append(attributes, name)
		default:
			variables = append(variables, setting.variable)
		}
	}
	var parts []string
	if len(attributes) > 0 {
		parts = append(parts, enumerated(attributes)+" in the provider block")
	}
	if len(variables) > 0 {
		noun := "the environment variable "
		if len(variables) > 1 {
			noun = "the environment variables "
		}
		parts = append(parts, noun+enumerated(variables))
	}
	return strings.Join(parts, " and ")
}

// unusedBeside names the variables that hold credentials as well, but are not used.
func (g givenSettings) unusedBeside(used authMethod) string {
	var unused []string
	for _, method := range authMethods {
		names := method.credentials()
		if method.name == used.name {
			names = append(slices.Clone(names), method.optional...)
		}
		for _, name := range names {
			value, variable := lookupEnv(name)
			if value == "" || slices.Contains(accountSettings, name) || g[name].variable == variable {
				continue
			}
			unused = append(unused, variable)
			break
		}
	}
	for _, variable := range huaweicloud.SDKVariables() {
		if os.Getenv(variable) != "" {
			unused = append(unused, variable)
			break
		}
	}
	switch len(unused) {
	case 0:
		return ""
	case 1:
		return "; " + unused[0] + " is set too but not used"
	default:
		return "; " + enumerated(unused) + " are set too but not used"
	}
}

// credentials are the settings that show that somebody meant to sign in by the method.
func (m authMethod) credentials() []string {
	if len(m.required) == 0 {
		return m.settings
	}
	return m.required
}

// enumerated joins words, in alphabetical order, as a sentence does.
func enumerated(words []string) string {
	words = slices.Sorted(slices.Values(words))
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

func (s settings) addMissingCredentialsError(method authMethod, missing string) {
	s.diags.AddAttributeError(settingNamed(missing).path(), "Missing credentials",
		fmt.Sprintf("To sign in by %s, the provider needs %s as well. "+
			"Set %s in the provider block, or the environment variable %s.",
			method.name, missing, missing, settingNamed(missing).variables[0]))
}

// addForeignCredentialsError is for a secret that completes what is given elsewhere,
// but stands beside the name of somebody else.
func (s settings) addForeignCredentialsError(method authMethod, name, variable, owner string) {
	s.diags.AddAttributeError(settingNamed(name).path(), "Conflicting credentials",
		fmt.Sprintf("To sign in by %s, the provider needs %s as well. "+
			"The environment variable %s holds one, but together with %s, "+
			"which is another login than the one in use. Set %s beside the rest of its login, or unset %s.",
			method.name, name, variable, owner, name, owner))
}

func (s settings) addConflictingCredentialsError(methods []authMethod) {
	names := make([]string, len(methods))
	for i, method := range methods {
		names[i] = method.name
	}
	s.diags.AddError("Conflicting credentials", "The provider block configures more than one sign-in method: "+
		strings.Join(names, ", ")+". Keep one of them.")
}
