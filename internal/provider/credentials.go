package provider

import (
	"errors"
	"fmt"
	"slices"

	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

// authMethod is one way of signing in, by the settings that belong to it.
type authMethod struct {
	name string
	// identity says who signs in; required is what the method cannot do without.
	identity, required []string
	// settings are all that the method takes; optional are those of them that another
	// login may have left in the environment.
	settings, optional []string
	apply              func(given givenSettings, cfg huaweicloud.Config) (huaweicloud.Config, error)
}

// authMethods are in the order in which the environment is searched for them.
var authMethods = []authMethod{
	{
		name: "token", required: []string{"token"},
		settings: []string{"token", "domain_name", "domain_id"}, optional: accountSettings, apply: withToken,
	},
	{
		name: "access key", identity: []string{"access_key"}, required: []string{"access_key", "secret_key"},
		settings: []string{"access_key", "secret_key", "security_token", "domain_name", "domain_id"},
		optional: []string{"security_token", "domain_name", "domain_id"}, apply: withAccessKey,
	},
	{
		name: "password", identity: []string{"user_name", "user_id"}, required: []string{"password"},
		settings: []string{"user_name", "user_id", "password", "domain_name", "domain_id"}, apply: withPassword,
	},
	{
		name: "OIDC", identity: []string{"idp_id"}, required: []string{"idp_id"},
		settings: []string{"idp_id", "id_token", "id_token_file", "domain_name", "domain_id"},
		optional: accountSettings, apply: withOIDC,
	},
	{
		name:     "shared configuration file",
		settings: []string{"shared_config_file", "profile", "domain_name", "domain_id"}, optional: accountSettings,
		apply: withSharedConfig,
	},
}

// accountSettings name the account, which a password cannot do without and others can.
var accountSettings = []string{"domain_name", "domain_id"}

// leftAside are settings that are not used, instead of refused, if they are another login's.
var leftAside = []string{"security_token", "domain_name", "domain_id"}

// signIn chooses how to sign in: as the provider block says, else as the environment
// says, else as the SDK's own variables or credentials file say, else with the
// metadata of the cloud server.
func (s settings) signIn(cfg huaweicloud.Config) huaweicloud.Config {
	methods := s.methodsWith(func(name string) bool { _, ok := s.configured[name]; return ok }, "security_token")
	if len(methods) > 1 {
		s.addConflictingCredentialsError(methods)
		return cfg
	}
	inBlock := len(methods) == 1
	if !inBlock {
		methods = s.methodsWith(isInEnvironment)
	}
	if len(methods) == 0 {
		return s.signInAsSDK(cfg)
	}
	// The first of several is taken: a shell may hold more than this provider needs.
	given, ok := s.collect(methods[0], inBlock)
	if !ok {
		return cfg
	}
	with, err := methods[0].apply(given, given.withAccount(cfg))
	if err != nil {
		s.diags.AddError("Invalid credentials", sentence(fmt.Sprintf("Unable to sign in by %s: %s", methods[0].name, err)))
		return cfg
	}
	with.CredentialsFrom = given.from() + given.unusedBeside(methods[0])
	return with
}

func isInEnvironment(name string) bool {
	value, _ := lookupEnv(name)
	return value != ""
}

// methodsWith returns the methods that have a setting of their own. The environment may
// hold a security token that no key goes with; it is no method then.
func (s settings) methodsWith(isSet func(name string) bool, further ...string) []authMethod {
	var methods []authMethod
	for _, method := range authMethods {
		if slices.ContainsFunc(method.settings, func(name string) bool {
			return (!slices.Contains(method.optional, name) || slices.Contains(further, name)) &&
				!slices.Contains(accountSettings, name) && isSet(name)
		}) {
			methods = append(methods, method)
		}
	}
	return methods
}

// collect takes the settings of a method. Those of two logins are never mixed: what the
// provider block leaves out, the environment completes only if it does not say that it
// belongs to somebody else, and what is optional has to come from where the rest does.
func (s settings) collect(method authMethod, inBlock bool) (given givenSettings, ok bool) {
	given = givenSettings{}
	family := s.familyOf(method)
	for _, name := range method.settings {
		value, variable := s.lookup(name, family)
		switch {
		case value == "":
			continue
		case variable == "":
			given[name] = givenSetting{value: value}
			continue
		}
		owner := s.ownerOf(method, variable, family)
		switch {
		case inBlock && slices.Contains(method.optional, name):
		case owner != "" && slices.Contains(leftAside, name):
		case owner != "":
			s.addForeignCredentialsError(method, name, variable, owner)
			return nil, false
		default:
			given[name] = givenSetting{value: value, variable: variable}
		}
	}
	for _, name := range method.required {
		if given[name].value == "" {
			s.addMissingCredentialsError(method, name)
			return nil, false
		}
	}
	return given, true
}

// familyOf returns the prefix of the variables that name the identity, "HW" or "OS", and
// "" if the provider block does or if nothing does.
func (s settings) familyOf(method authMethod) string {
	for _, name := range method.identity {
		if value, variable := s.lookup(name, ""); value != "" {
			return variableFamily(variable)
		}
	}
	return ""
}

// ownerOf returns the variable beside the given one that names another identity than the
// one in use, and "" if there is none: what the given one holds may be used then.
func (s settings) ownerOf(method authMethod, variable, family string) string {
	beside := variableFamily(variable)
	names := method.identity
	if slices.ContainsFunc(names, func(name string) bool { _, found := inFamily(name, beside); return found != "" }) {
		names = append(slices.Clone(names), accountSettings...)
	}
	for _, name := range names {
		inUse, _ := s.lookup(name, family)
		value, found := inFamily(name, beside)
		isAccount := slices.Contains(accountSettings, name)
		if value != "" && value != inUse && (!isAccount || inUse != "") {
			return found
		}
	}
	return ""
}

// signInAsSDK takes what the SDK's own credential chain would. What is there and cannot
// be used is an error: the chain would pass over it and end at the metadata service.
func (s settings) signInAsSDK(cfg huaweicloud.Config) huaweicloud.Config {
	cfg.DomainName, cfg.DomainID = s.get("domain_name"), s.get("domain_id")
	found, from, err := huaweicloud.SDKEnvironment()
	if err == nil && from == "" {
		found, from, err = huaweicloud.SDKCredentialsFile()
	}
	if err != nil {
		s.diags.AddError("Invalid credentials", sentence("Unable to sign in with the credentials of the SDK: "+err.Error()))
		return cfg
	}
	if from != "" {
		cfg = found.Apply(cfg)
	} else {
		cfg.ECSMetadata = true
	}
	cfg.CredentialsFrom = from
	return cfg
}

func withToken(given givenSettings, cfg huaweicloud.Config) (huaweicloud.Config, error) {
	cfg.Token = given.value("token")
	return cfg, nil
}

func withAccessKey(given givenSettings, cfg huaweicloud.Config) (huaweicloud.Config, error) {
	cfg.AccessKey, cfg.SecretKey = given.value("access_key"), given.value("secret_key")
	cfg.SecurityToken = given.value("security_token")
	return cfg, nil
}

func withPassword(given givenSettings, cfg huaweicloud.Config) (huaweicloud.Config, error) {
	switch {
	case given.value("user_name") == "" && given.value("user_id") == "":
		return cfg, errors.New("password needs user_name (HW_USER_NAME) or user_id (HW_USER_ID)")
	case given.value("user_id") == "" && cfg.DomainName == "" && cfg.DomainID == "":
		return cfg, errors.New("user_name needs the account it belongs to: " +
			"domain_name (HW_DOMAIN_NAME) or domain_id (HW_DOMAIN_ID)")
	}
	cfg.UserName, cfg.UserID, cfg.Password = given.value("user_name"), given.value("user_id"), given.value("password")
	return cfg, nil
}

func withOIDC(given givenSettings, cfg huaweicloud.Config) (huaweicloud.Config, error) {
	cfg.OIDC = huaweicloud.OIDC{
		IdentityProviderID: given.value("idp_id"),
		IDToken:            given.value("id_token"), IDTokenFile: given.value("id_token_file"),
	}
	return cfg, nil
}

func withSharedConfig(given givenSettings, cfg huaweicloud.Config) (huaweicloud.Config, error) {
	profile, err := huaweicloud.ReadSharedConfig(given.value("shared_config_file"), given.value("profile"))
	if err != nil {
		return cfg, err
	}
	if profile.DomainID != "" && given["domain_name"].variable+given["domain_id"].variable != "" {
		cfg.DomainName, cfg.DomainID = "", "" // the environment does not say which account a profile is of
	}
	return profile.Apply(cfg), nil
}
