package huaweicloud

import (
	"context"
	"errors"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/signer"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/request"
)

// credentials are where a call gets its authorization from. Implementations are safe for concurrent
// use.
type credentials interface {
	// authorization returns what is good to use now; it may have to ask for it first.
	authorization(ctx context.Context) (authorization, error)
	// awaited says what authorization asks for, and where.
	awaited() string
	// renew is told that the service has refused the authorization, and reports whether it makes
	// sense to ask again.
	renew(refused authorization) bool
	// source says where they come from, without their value.
	source() string
}

// authorization is what one request carries: a signature with an access key, or a token. It is a
// value and never changes, unlike the SDK's credentials, which refresh themselves and are not safe
// for concurrent use. The zero value is for requests that carry neither.
type authorization struct {
	accessKey, secretKey, securityToken string
	token                               string
	// projectID is the project that a token was issued for, if that is known.
	projectID string
}

// sign signs the request, or adds the token.
func (a authorization) sign(req *request.DefaultHttpRequest) error {
	if a.token != "" {
		req.AddHeaderParam("X-Auth-Token", a.token)
	}
	if a.token != "" || a.accessKey == "" {
		return nil
	}
	if a.securityToken != "" {
		req.AddHeaderParam("X-Security-Token", a.securityToken)
	}
	signature, err := signer.Sign(req, a.accessKey, a.secretKey)
	for name, value := range signature {
		req.AddHeaderParam(name, value)
	}
	return err
}

// Kinds of credentials, as [Session.CredentialSource] and an [Error] name them. That of an agency
// is followed by its name and by the kind that it is assumed with.
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
func (f fixedCredentials) awaited() string                                      { return "" }
func (f fixedCredentials) renew(authorization) bool                             { return false }
func (f fixedCredentials) source() string                                       { return f.description }

// missingCredentials fail each call that needs any.
type missingCredentials struct{}

var errNoCredentials = errors.New("no credentials are configured")

func (missingCredentials) authorization(context.Context) (authorization, error) {
	return authorization{}, errNoCredentials
}
func (missingCredentials) awaited() string          { return "" }
func (missingCredentials) renew(authorization) bool { return false }
func (missingCredentials) source() string           { return "" }

// signIn makes the credentials of a session.
type signIn struct {
	config    Config
	endpoints endpoints
	shared    *shared
}

// credentials takes the one source that is configured, and the agencies that are assumed with it.
func (s *signIn) credentials() credentials {
	source := s.configured()
	domainID := s.config.DomainID
	for _, role := range s.config.AssumeRole {
		source = s.assumedRole(source, domainID, role)
		domainID = role.DomainID
	}
	return source
}

func (s *signIn) configured() credentials {
	cfg := s.config
	switch {
	case cfg.Token != "":
		return fixedCredentials{given: authorization{token: cfg.Token}, description: CredentialsToken}
	case cfg.AccessKey != "":
		description := CredentialsAccessKey
		if cfg.SecurityToken != "" {
			description = CredentialsTemporaryKey
		}
		return fixedCredentials{description: description, given: authorization{
			accessKey: cfg.AccessKey, secretKey: cfg.SecretKey, securityToken: cfg.SecurityToken,
		}}
	case cfg.Password != "":
		return s.passwordLogin()
	case cfg.OIDC != OIDC{}:
		return s.oidcLogin()
	case cfg.ECSMetadata:
		return s.instanceKeys()
	default:
		return missingCredentials{}
	}
}
