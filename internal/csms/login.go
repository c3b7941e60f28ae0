package csms

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/def"
)

// passwordLogin are the tokens of a user.
func (c *Client) passwordLogin() credentials {
	return &issuedCredentials{
		now: c.now, description: CredentialsPassword, awaited: "a token from " + c.iam.origin,
		obtain: func(ctx context.Context) (issue, error) {
			return c.family.logins.try(ctx, c.config.Password, c.loginWithPassword)
		},
	}
}

// logins keep a wrong password from being tried in one region after the other: a few of them lock the user for everybody,
// and one of them is enough to know. So is one refused ID token.
type logins struct {
	// turn holds a value while somebody logs in.
	turn chan struct{}
	// refused are the errors by what was presented.
	refused map[string]error
}

func newLogins() *logins { return &logins{turn: make(chan struct{}, 1), refused: map[string]error{}} }

// try logs in with a secret when no other login is under way, unless that secret was refused before.
func (l *logins) try(ctx context.Context, secret string, login func(context.Context) (issue, error)) (issue, error) {
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return issue{}, ctx.Err()
	}
	if err, ok := l.refused[secret]; ok {
		return issue{}, err
	}
	obtained, err := login(ctx)
	if isUnauthorized(err) {
		l.refused[secret] = err
	}
	return obtained, err
}

func isUnauthorized(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Err == nil && e.StatusCode == http.StatusUnauthorized
}

// oidcLogin are the tokens for an identity that somebody else vouches for.
func (c *Client) oidcLogin() credentials {
	return &issuedCredentials{
		now: c.now, description: CredentialsOIDC, awaited: "a token from " + c.iam.origin,
		obtain: func(ctx context.Context) (issue, error) {
			idToken, err := c.config.OIDC.token()
			if err != nil {
				return issue{}, c.loginCall("").failure(err)
			}
			return c.family.logins.try(ctx, idToken, func(ctx context.Context) (issue, error) {
				return c.loginWithOIDC(ctx, idToken)
			})
		},
	}
}

// The body of a request for a token, as far as it is used here.
type (
	tokenRequest struct {
		IdentityProviderID *string     `json:"X-Idp-Id,omitempty"`
		NoCatalog          string      `json:"nocatalog"`
		Body               *tokenWants `json:"body"`
	}
	tokenWants struct {
		Auth tokenAuth `json:"auth"`
	}
	tokenAuth struct {
		Identity *tokenIdentity `json:"identity,omitempty"`
		IDToken  *named         `json:"id_token,omitempty"`
		Scope    *tokenScope    `json:"scope,omitempty"`
	}
	tokenIdentity struct {
		Methods  []string      `json:"methods"`
		Password tokenPassword `json:"password"`
	}
	tokenPassword struct {
		User tokenUser `json:"user"`
	}
	tokenUser struct {
		named
		Password string `json:"password"`
		Domain   *named `json:"domain,omitempty"`
	}
	tokenScope struct {
		Project *named `json:"project,omitempty"`
		Domain  *named `json:"domain,omitempty"`
	}
	// named is how IAM wants to be told of something: by id or else by name.
	named struct {
		ID   string `json:"id,omitempty"`
		Name string `json:"name,omitempty"`
	}
)

func byIDOrName(id, name string) named {
	if id != "" {
		return named{ID: id}
	}
	return named{Name: name}
}

// tokenScope is the project, or the account if the token is to assume an agency with.
func (c *Client) tokenScope() *tokenScope {
	cfg := c.config
	if len(cfg.AssumeRole) == 0 {
		return &tokenScope{Project: new(byIDOrName(cfg.ProjectID, c.projectName()))}
	}
	if cfg.DomainID == "" && cfg.DomainName == "" {
		return nil
	}
	return &tokenScope{Domain: new(byIDOrName(cfg.DomainID, cfg.DomainName))}
}

// loginWithPassword gets a token from IAM.
//
// POST /v3/auth/tokens
func (c *Client) loginWithPassword(ctx context.Context) (issue, error) {
	cfg := c.config
	user := tokenUser{named: byIDOrName(cfg.UserID, cfg.UserName), Password: cfg.Password}
	if cfg.UserID == "" {
		user.Domain = new(byIDOrName(cfg.DomainID, cfg.DomainName))
	}
	k := c.loginCall(cfg.Password)
	return k.obtainToken(ctx, "/v3/auth/tokens", tokenRequest{Body: &tokenWants{Auth: tokenAuth{
		Identity: &tokenIdentity{Methods: []string{"password"}, Password: tokenPassword{User: user}},
		Scope:    c.tokenScope(),
	}}})
}

// loginWithOIDC gets a token from IAM.
//
// POST /v3.0/OS-AUTH/id-token/tokens
func (c *Client) loginWithOIDC(ctx context.Context, idToken string) (issue, error) {
	return c.loginCall(idToken).obtainToken(ctx, "/v3.0/OS-AUTH/id-token/tokens", tokenRequest{
		IdentityProviderID: &c.config.OIDC.IdentityProviderID,
		Body:               &tokenWants{Auth: tokenAuth{IDToken: &named{ID: idToken}, Scope: c.tokenScope()}},
	})
}

func (o OIDC) token() (string, error) {
	if o.IDTokenFile == "" {
		return o.IDToken, nil
	}
	contents, err := readNamed(o.IDTokenFile)
	if err != nil {
		return "", fmt.Errorf("cannot read the ID token: id_token_file: %w", err)
	}
	token := string(bytes.TrimSpace(contents))
	if token == "" {
		return "", fmt.Errorf("the file %s holds no ID token", o.IDTokenFile)
	}
	return token, nil
}

func (c *Client) loginCall(secret string) *call {
	k := c.newCall(OperationLogin)
	k.endpoint, k.credentials, k.conceal = c.iam, anonymous(), []string{secret}
	return k
}

type tokenResponse struct {
	outcome
	Token *tokenDescription `json:"token"`
}

type tokenDescription struct {
	ExpiresAt time.Time `json:"expires_at"`
	Project   *named    `json:"project"`
}

// obtainToken sends the request. The token comes in a header, what is known about it in the body.
func (k *call) obtainToken(ctx context.Context, path string, wanted tokenRequest) (issue, error) {
	wanted.NoCatalog = "true"
	reqDef := define(http.MethodPost, path, new(tokenResponse),
		at(def.Header, "IdentityProviderID", "X-Idp-Id"), at(def.Query, "NoCatalog", "nocatalog"), at(def.Body, "Body", ""))
	answer, err := send[*tokenResponse](ctx, k, &wanted, reqDef)
	if err != nil {
		return issue{}, err
	}
	token := k.header.Get("X-Subject-Token")
	if token == "" || answer.Token == nil {
		return issue{}, k.malformed("it has no token")
	}
	obtained := issue{authorization: authorization{token: token}, ends: answer.Token.ExpiresAt}
	if project := answer.Token.Project; project != nil && ValidProjectID.MatchString(project.ID) {
		obtained.authorization.projectID = project.ID
	}
	return obtained, nil
}
