package csms

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/request"
)

// credentials is where a call gets its authorization from. Implementations are safe for concurrent use.
type credentials interface {
	// authorization returns what is good to use now; it may have to ask for it first.
	authorization(ctx context.Context) (authorization, error)
	// renew is told that the service has refused the authorization, and reports whether it makes sense to ask again.
	renew(refused authorization) bool
	// source says where they come from, without their value.
	source() string
}

// authorization is what one request carries: a signature with an access key, or a token. It is a value and never
// changes, unlike the SDK's credentials, which refresh themselves and are not safe for concurrent use. The zero value is
// for requests that carry neither.
type authorization struct {
	accessKey, secretKey, securityToken string
	token                               string
	// projectID is the project that a token was issued for, if that is known.
	projectID string
}

const (
	headerProjectID = "X-Project-Id"
	headerAuthToken = "X-Auth-Token"
)

// authorizationHeaders are what apply sets and what has to go before a request is signed again.
var authorizationHeaders = [...]string{"Authorization", "X-Sdk-Date", "X-Security-Token", headerAuthToken}

// apply fills in the project id and signs the request, or adds the token.
func (a authorization) apply(req *request.DefaultHttpRequest, projectID string) error {
	for _, name := range authorizationHeaders {
		delete(req.GetHeaderParams(), name)
	}
	switch {
	case a.token != "":
		a.applyToken(req, projectID)
		return nil
	case a.accessKey != "":
		return a.applySignature(req, projectID)
	default:
		return nil
	}
}

func (a authorization) applyToken(req *request.DefaultHttpRequest, projectID string) {
	builder := req.Builder().AddHeaderParam(headerAuthToken, a.token)
	if projectID != "" {
		builder.AddAutoFilledPathParam("project_id", projectID).AddHeaderParam(headerProjectID, projectID)
	}
	builder.Build()
}

func (a authorization) applySignature(req *request.DefaultHttpRequest, projectID string) error {
	signer := &auth.BasicCredentials{ProjectId: projectID}
	signer.AK, signer.SK, signer.SecurityToken = a.accessKey, a.secretKey, a.securityToken
	_, err := signer.ProcessAuthRequest(nil, req)
	return err
}

// Kinds of credentials, as [Client.CredentialSource] and an [Error] name them. That of an agency is followed by its name
// and by the kind that it is assumed with.
const (
	CredentialsAccessKey    = "access key"
	CredentialsTemporaryKey = "temporary access key"
	CredentialsToken        = "token"
	CredentialsPassword     = "password"
	CredentialsOIDC         = "OIDC identity"
	CredentialsMetadata     = "metadata of the cloud server"
	CredentialsAgency       = "agency"
)

// fixedCredentials are given once and for all.
type fixedCredentials struct {
	given       authorization
	description string
}

func (f fixedCredentials) authorization(context.Context) (authorization, error) { return f.given, nil }
func (f fixedCredentials) renew(authorization) bool                             { return false }
func (f fixedCredentials) source() string                                       { return f.description }

// anonymous are the credentials of a request that is there to obtain some.
func anonymous() credentials { return fixedCredentials{} }

// missingCredentials fail each call that needs any.
type missingCredentials struct{}

var errNoCredentials = errors.New("no credentials are configured")

func (missingCredentials) authorization(context.Context) (authorization, error) {
	return authorization{}, errNoCredentials
}
func (missingCredentials) renew(authorization) bool { return false }
func (missingCredentials) source() string           { return "" }

// newCredentials takes the one source that is configured, and the agencies that are assumed with it.
func (c *Client) newCredentials() (credentials, error) {
	if err := c.config.checkCredentials(); err != nil {
		return nil, err
	}
	source := c.baseCredentials()
	c.configured = source.source()
	for i := range c.config.AssumeRole {
		source = c.agency(source, i)
	}
	return source, nil
}

func (c *Client) baseCredentials() credentials {
	cfg := c.config
	switch {
	case cfg.Token != "":
		return fixedCredentials{given: authorization{token: cfg.Token}, description: CredentialsToken}
	case cfg.AccessKey != "":
		description := CredentialsAccessKey
		if cfg.SecurityToken != "" {
			description = CredentialsTemporaryKey
		}
		return fixedCredentials{given: cfg.signingKeys(), description: description}
	case cfg.Password != "":
		return c.passwordLogin()
	case cfg.OIDC != OIDC{}:
		return c.oidcLogin()
	case cfg.ECSMetadata:
		return c.instanceKeys()
	default:
		return missingCredentials{}
	}
}

func (cfg Config) signingKeys() authorization {
	return authorization{accessKey: cfg.AccessKey, secretKey: cfg.SecretKey, securityToken: cfg.SecurityToken}
}

func (cfg Config) checkCredentials() error {
	checks := []func() error{cfg.checkOneSource, cfg.checkAccessKey, cfg.checkLogin, cfg.checkOIDC, cfg.checkAgencies, cfg.checkHeaders}
	for _, check := range checks {
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
			return fmt.Errorf("the agency %s needs the name or the id of the account (domain) that delegates", role.AgencyName)
		case role.Duration != 0 && role.Duration < shortestAssumption:
			return fmt.Errorf("the agency %s cannot be assumed for less than %s", role.AgencyName, shortestAssumption)
		}
	}
	return nil
}

// checkHeaders refuses what cannot stand in a header, which a copied or piped credential often has at its end.
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

// CredentialSource says which credentials the client uses, such as "access key". It never tells their value.
func (c *Client) CredentialSource() string { return c.credentials.source() }
