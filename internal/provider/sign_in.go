package provider

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

// signInWay is one way of signing in, by the settings that belong to it alone.
type signInWay struct {
	name     string
	settings []string
	// complete are the settings without which the way is only half given.
	complete []string
	apply    func(s settings, cfg csms.Config) (csms.Config, error)
}

// signInWays are in the order in which the environment is searched for them.
var signInWays = []signInWay{
	{name: "token", settings: []string{"token"}, complete: []string{"token"}, apply: withToken},
	{name: "access key", settings: []string{"access_key", "secret_key", "security_token"}, complete: []string{"access_key", "secret_key"}, apply: withAccessKey},
	{name: "password", settings: []string{"user_name", "user_id", "password"}, complete: []string{"password"}, apply: withPassword},
	{name: "OIDC", settings: []string{"idp_id", "id_token", "id_token_file"}, complete: []string{"idp_id"}, apply: withOIDC},
	{name: "shared configuration file", settings: []string{"shared_config_file", "profile"}, apply: withSharedConfig},
}

// signIn chooses how to sign in: as the provider block says, else as the environment
// says, else as the SDK's own variables or credentials file say, else with the
// metadata of the cloud server.
func (s settings) signIn(cfg csms.Config) (with csms.Config, chosen string) {
	ways := s.waysWith(func(name string) bool { _, ok := s.configured[name]; return ok })
	from := "provider block"
	if len(ways) == 0 {
		// The first of several is taken: a shell may hold more than this provider needs.
		ways = s.waysWith(func(name string) bool { value, _ := lookupEnv(name); return value != "" })
		ways = ways[:min(len(ways), 1)]
		from = "environment"
	}
	switch len(ways) {
	case 0:
		return s.signInAsSDK(cfg)
	case 1:
		return s.signInBy(ways[0], cfg), ways[0].name + " (" + from + ")"
	default:
		s.refuseSeveral(ways)
		return cfg, ""
	}
}

func (s settings) waysWith(isSet func(name string) bool) []signInWay {
	var ways []signInWay
	for _, way := range signInWays {
		if slices.ContainsFunc(way.settings, isSet) {
			ways = append(ways, way)
		}
	}
	return ways
}

// signInBy completes a way with what the environment has for it, and refuses one that
// is still half given. It names the missing part only: the parts are secrets.
func (s settings) signInBy(way signInWay, cfg csms.Config) csms.Config {
	for _, name := range way.complete {
		if s.get(name) == "" {
			s.refuseHalf(way, name)
			return cfg
		}
	}
	with, err := way.apply(s, cfg)
	if err != nil {
		s.diags.AddError("Invalid credentials", fmt.Sprintf("Unable to sign in by %s: %s.", way.name, err))
		return cfg
	}
	return with
}

// signInAsSDK takes what the SDK's own credential chain would. What is there and cannot
// be used is an error: the chain would pass over it and end at the metadata service.
func (s settings) signInAsSDK(cfg csms.Config) (with csms.Config, chosen string) {
	found, ok, err := csms.SDKEnvironment()
	if ok {
		return found.Apply(cfg), "SDK environment (HUAWEICLOUD_SDK_*)"
	}
	var file string
	if err == nil {
		found, file, err = csms.SDKCredentialsFile()
	}
	switch {
	case err != nil:
		s.diags.AddError("Invalid credentials", sentence("Unable to sign in with the credentials of the SDK: "+err.Error()))
		return cfg, ""
	case file != "":
		return found.Apply(cfg), file
	default:
		cfg.ECSMetadata = true
		return cfg, "metadata of the cloud server (nothing else is configured)"
	}
}

func withToken(s settings, cfg csms.Config) (csms.Config, error) {
	cfg.Token = s.get("token")
	return cfg, nil
}

func withAccessKey(s settings, cfg csms.Config) (csms.Config, error) {
	cfg.AccessKey, cfg.SecretKey, cfg.SecurityToken = s.get("access_key"), s.get("secret_key"), s.get("security_token")
	return cfg, nil
}

func withPassword(s settings, cfg csms.Config) (csms.Config, error) {
	switch {
	case s.get("user_name") == "" && s.get("user_id") == "":
		return cfg, errors.New("password needs user_name (HW_USER_NAME) or user_id (HW_USER_ID)")
	case s.get("user_id") == "" && cfg.DomainName == "" && cfg.DomainID == "":
		return cfg, errors.New("user_name needs the account it belongs to: domain_name (HW_DOMAIN_NAME) or domain_id (HW_DOMAIN_ID)")
	}
	cfg.UserName, cfg.UserID, cfg.Password = s.get("user_name"), s.get("user_id"), s.get("password")
	return cfg, nil
}

func withOIDC(s settings, cfg csms.Config) (csms.Config, error) {
	cfg.OIDC = csms.OIDC{IdentityProviderID: s.get("idp_id"), IDToken: s.get("id_token"), IDTokenFile: s.get("id_token_file")}
	return cfg, nil
}

func withSharedConfig(s settings, cfg csms.Config) (csms.Config, error) {
	profile, err := csms.ReadSharedConfig(s.get("shared_config_file"), s.get("profile"))
	if err != nil {
		return cfg, err
	}
	return profile.Apply(cfg), nil
}

func (s settings) refuseHalf(way signInWay, missing string) {
	s.diags.AddAttributeError(attributePath(missing), "Missing credentials",
		fmt.Sprintf("To sign in by %s, the provider needs %s as well. Set %s in the provider block, or the environment variable %s.",
			way.name, missing, missing, environment[missing][0]))
}

func (s settings) refuseSeveral(ways []signInWay) {
	names := make([]string, len(ways))
	for i, way := range ways {
		names[i] = way.name
	}
	s.diags.AddError("Contradicting credentials", "The provider block says in more than one way how to sign in: "+strings.Join(names, ", ")+
		". Keep one of them.")
}

// attributePath is where the provider block has a setting.
func attributePath(name string) path.Path {
	if name == "idp_id" {
		return path.Root("assume_role_with_oidc").AtName(name)
	}
	return path.Root(name)
}
