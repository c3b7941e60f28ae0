package huaweicloud

import (
	"errors"
	"fmt"
	"strings"
)

// checkCredentials refuses settings that no sign-in is complete with.
func (cfg Config) checkCredentials() error {
	for _, check := range [...]func() error{
		cfg.checkOneSource, cfg.checkAccessKey, cfg.checkLogin, cfg.checkOIDC, cfg.checkAgencies, cfg.checkHeaders,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// checkOneSource refuses to guess which of several credentials are meant.
func (cfg Config) checkOneSource() error {
	var given []string
	for _, source := range [...]struct {
		noun  string
		given bool
	}{
		{"a token", cfg.Token != ""},
		{"an access key", cfg.AccessKey != "" || cfg.SecretKey != ""},
		{"a password", cfg.Password != ""},
		{"an OIDC identity", cfg.OIDC != OIDC{}},
		{"the metadata of the cloud server", cfg.ECSMetadata},
	} {
		if source.given {
			given = append(given, source.noun)
		}
	}
	if len(given) > 1 {
		return errors.New("the configuration has more than one kind of credentials: " + strings.Join(given, ", "))
	}
	return nil
}

func (cfg Config) checkAccessKey() error {
	if (cfg.AccessKey == "") != (cfg.SecretKey == "") {
		return errors.New("an access key and a secret key belong together: one of them is missing")
	}
	if cfg.SecurityToken != "" && cfg.AccessKey == "" {
		return errors.New("a security token needs the temporary access key and secret key that it was issued with")
	}
	return nil
}

func (cfg Config) checkLogin() error {
	switch {
	case cfg.Password == "":
		return nil
	case cfg.UserName == "" && cfg.UserID == "":
		return errors.New("a password needs a user name or a user id")
	case cfg.UserID == "" && cfg.DomainName == "" && cfg.DomainID == "":
		return errors.New("a user name needs the name or the id of the account (domain) that it belongs to")
	default:
		return nil
	}
}

func (cfg Config) checkOIDC() error {
	given := cfg.OIDC
	switch {
	case given == OIDC{}:
		return nil
	case given.IdentityProviderID == "":
		return errors.New("an OIDC identity needs the id of the identity provider")
	case given.IDToken == "" && given.IDTokenFile == "":
		return errors.New("an OIDC identity needs an ID token or a file that holds one")
	case given.IDToken != "" && given.IDTokenFile != "":
		return errors.New("an OIDC identity has an ID token and a file that holds one: leave one of them out")
	default:
		return nil
	}
}

func (cfg Config) checkAgencies() error {
	for _, role := range cfg.AssumeRole {
		switch {
		case role.AgencyName == "":
			return errors.New("an agency to assume has no name")
		case role.DomainName == "" && role.DomainID == "":
			return fmt.Errorf("the agency %s needs the name or the id of the account (domain) that delegates",
				role.AgencyName)
		case role.Duration != 0 && role.Duration < shortestRole:
			return fmt.Errorf("the agency %s cannot be assumed for less than %s", role.AgencyName, shortestRole)
		}
	}
	return nil
}

// checkHeaders refuses what cannot stand in a header, which a copied or piped credential often has
// at its end.
func (cfg Config) checkHeaders() error {
	for _, setting := range [...]struct{ noun, value string }{
		{"access key", cfg.AccessKey}, {"secret key", cfg.SecretKey},
		{"security token", cfg.SecurityToken}, {"token", cfg.Token},
		{"id of the identity provider", cfg.OIDC.IdentityProviderID}, {"ID token", cfg.OIDC.IDToken},
		{"domain id", cfg.DomainID},
	} {
		if strings.ContainsFunc(setting.value, isBlankOrControl) {
			return fmt.Errorf("the %s holds a blank, a line break or a control character", setting.noun)
		}
	}
	return nil
}

func isBlankOrControl(r rune) bool { return r <= ' ' || r == 0x7f }
