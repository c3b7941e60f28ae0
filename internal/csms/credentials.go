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
// changes, unlike the SDK's credentials, which refresh themselves and are not safe for concurrent use.
type authorization struct {
	accessKey, secretKey, securityToken string
	token                               string
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
	if a.token == "" {
		signer := &auth.BasicCredentials{ProjectId: projectID}
		signer.AK, signer.SK, signer.SecurityToken = a.accessKey, a.secretKey, a.securityToken
		_, err := signer.ProcessAuthRequest(nil, req)
		return err
	}
	builder := req.Builder().AddHeaderParam(headerAuthToken, a.token)
	if projectID != "" {
		builder.AddAutoFilledPathParam("project_id", projectID).AddHeaderParam(headerProjectID, projectID)
	}
	builder.Build()
	return nil
}

// fixedCredentials are given once and for all.
type fixedCredentials struct {
	given       authorization
	description string
}

func (f fixedCredentials) authorization(context.Context) (authorization, error) { return f.given, nil }
func (f fixedCredentials) renew(authorization) bool                             { return false }
func (f fixedCredentials) source() string                                       { return f.description }

// missingCredentials fail each call that needs any.
type missingCredentials struct{}

var errNoCredentials = errors.New("no credentials are configured")

func (missingCredentials) authorization(context.Context) (authorization, error) {
	return authorization{}, errNoCredentials
}
func (missingCredentials) renew(authorization) bool { return false }
func (missingCredentials) source() string           { return "none" }

func newCredentials(cfg Config) (credentials, error) {
	if err := cfg.checkCredentials(); err != nil {
		return nil, err
	}
	switch {
	case cfg.Token != "":
		return fixedCredentials{given: authorization{token: cfg.Token}, description: "token"}, nil
	case cfg.AccessKey != "" && cfg.SecurityToken != "":
		return fixedCredentials{given: cfg.signingKeys(), description: "temporary access key"}, nil
	case cfg.AccessKey != "":
		return fixedCredentials{given: cfg.signingKeys(), description: "access key"}, nil
	default:
		return missingCredentials{}, nil
	}
}

func (cfg Config) signingKeys() authorization {
	return authorization{accessKey: cfg.AccessKey, secretKey: cfg.SecretKey, securityToken: cfg.SecurityToken}
}

func (cfg Config) checkCredentials() error {
	if (cfg.AccessKey == "") != (cfg.SecretKey == "") {
		return errors.New("an access key and a secret key belong together: one of them is missing")
	}
	if cfg.SecurityToken != "" && cfg.AccessKey == "" {
		return errors.New("a security token needs the temporary access key and secret key that it was issued with")
	}
	for _, setting := range [...]struct{ noun, value string }{
		{"access key", cfg.AccessKey}, {"secret key", cfg.SecretKey},
		{"security token", cfg.SecurityToken}, {"token", cfg.Token},
	} {
		if strings.ContainsFunc(setting.value, isBlankOrControl) {
			return fmt.Errorf("the %s holds a blank, a line break or a control character", setting.noun)
		}
	}
	return nil
}

// isBlankOrControl finds what a copied or piped credential often has at its end, and what no header can hold.
func isBlankOrControl(r rune) bool { return r <= ' ' || r == 0x7f }

// CredentialSource says which credentials the client uses, such as "access key". It never tells their value.
func (c *Client) CredentialSource() string { return c.credentials.source() }
