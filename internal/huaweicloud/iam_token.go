package huaweicloud

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// passwordLogin are the tokens of a user.
func (s *signIn) passwordLogin() credentials {
	return s.tokens(CredentialsPassword, func(ctx context.Context) (issue, error) {
		return s.shared.logins.try(ctx, s.config.Password, s.loginWithPassword)
	})
}

// oidcLogin are the tokens for an identity that somebody else vouches for.
func (s *signIn) oidcLogin() credentials {
	return s.tokens(CredentialsOIDC, func(ctx context.Context) (issue, error) {
		idToken, err := s.config.OIDC.token()
		if err != nil {
			return issue{}, newCall(s.iam(CredentialsOIDC), Request{Operation: OperationLogin}).wrapError(err)
		}
		return s.shared.logins.try(ctx, idToken, func(ctx context.Context) (issue, error) {
			return s.loginWithOIDC(ctx, idToken)
		})
	})
}

func (s *signIn) tokens(kind string, fetch func(context.Context) (issue, error)) credentials {
	return &refreshingCredentials{
		now: s.config.Hooks.Now, description: kind, awaits: "a token from " + s.endpoints.iam.origin, fetch: fetch,
	}
}

// iam makes calls that sign in by themselves.
func (s *signIn) iam(kind string) *caller {
	return s.shared.bareCaller(s.config, s.endpoints.iam, kind)
}

// logins keep a wrong password from being tried in one region after the other: a few of them lock
// the user for everybody, and one of them is enough to know. So is one refused ID token.
type logins struct {
	// turn holds a value while somebody logs in.
	turn chan struct{}
	// refused are the errors by what was presented.
	refused map[string]error
}

func newLogins() *logins { return &logins{turn: make(chan struct{}, 1), refused: map[string]error{}} }

// try logs in with a secret when no other login is under way, unless that secret was refused
// before.
func (l *logins) try(
	ctx context.Context, secret string, login func(context.Context) (issue, error),
) (issue, error) {
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

// The body of a request for a token, as far as it is used here.
type (
	tokenRequest struct {
		Auth tokenAuth `json:"auth"`
	}
	tokenAuth struct {
		Identity *tokenIdentity `json:"identity,omitempty"`
		IDToken  *idOrName      `json:"id_token,omitempty"`
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
		idOrName
		Password string    `json:"password"`
		Domain   *idOrName `json:"domain,omitempty"`
	}
	tokenScope struct {
		Project *idOrName `json:"project,omitempty"`
		Domain  *idOrName `json:"domain,omitempty"`
	}
	// idOrName is how IAM wants to be told of something: by id or else by name.
	idOrName struct {
		ID   string `json:"id,omitempty"`
		Name string `json:"name,omitempty"`
	}
)

func byIDOrName(id, name string) idOrName {
	if id != "" {
		return idOrName{ID: id}
	}
	return idOrName{Name: name}
}

// tokenScope is the project, or the account if the token is to assume an agency with.
func (cfg Config) tokenScope() *tokenScope {
	if len(cfg.AssumeRole) == 0 {
		return &tokenScope{Project: new(byIDOrName(cfg.ProjectID, cfg.projectName()))}
	}
	if cfg.DomainID == "" && cfg.DomainName == "" {
		return nil
	}
	return &tokenScope{Domain: new(byIDOrName(cfg.DomainID, cfg.DomainName))}
}

// loginWithPassword gets a token from IAM.
//
// https://support.huaweicloud.com/intl/en-us/api-iam/iam_30_0001.html
//
// POST /v3/auth/tokens
func (s *signIn) loginWithPassword(ctx context.Context) (issue, error) {
	cfg := s.config
	user := tokenUser{idOrName: byIDOrName(cfg.UserID, cfg.UserName), Password: cfg.Password}
	if cfg.UserID == "" {
		user.Domain = new(byIDOrName(cfg.DomainID, cfg.DomainName))
	}
	return s.iam(CredentialsPassword).token(ctx, Request{
		Path: "/v3/auth/tokens", secrets: []string{cfg.Password},
		Body: tokenRequest{Auth: tokenAuth{
			Identity: &tokenIdentity{Methods: []string{"password"}, Password: tokenPassword{User: user}},
			Scope:    cfg.tokenScope(),
		}},
	})
}

// loginWithOIDC gets a token from IAM.
//
// https://support.huaweicloud.com/intl/en-us/api-iam/iam_13_0605.html
//
// POST /v3.0/OS-AUTH/id-token/tokens
func (s *signIn) loginWithOIDC(ctx context.Context, idToken string) (issue, error) {
	return s.iam(CredentialsOIDC).token(ctx, Request{
		Path: "/v3.0/OS-AUTH/id-token/tokens", secrets: []string{idToken},
		Header: map[string]string{"X-Idp-Id": s.config.OIDC.IdentityProviderID},
		Body:   tokenRequest{Auth: tokenAuth{IDToken: &idOrName{ID: idToken}, Scope: s.config.tokenScope()}},
	})
}

func (o OIDC) token() (string, error) {
	if o.IDTokenFile == "" {
		return o.IDToken, nil
	}
	contents, err := readSettingFile(o.IDTokenFile)
	if err != nil {
		return "", fmt.Errorf("cannot read the ID token: id_token_file: %w", err)
	}
	token := string(bytes.TrimSpace(contents))
	if token == "" {
		return "", fmt.Errorf("the file %s holds no ID token", o.IDTokenFile)
	}
	return token, nil
}

type tokenDescription struct {
	ExpiresAt time.Time `json:"expires_at"`
	Project   *idOrName `json:"project"`
}

// token sends the request. The token comes in a header, what is known about it in the body.
func (c *caller) token(ctx context.Context, req Request) (issue, error) {
	req.Operation, req.Method, req.Query = OperationLogin, http.MethodPost, map[string]string{"nocatalog": "true"}
	resp, err := c.do(ctx, req)
	if err != nil {
		return issue{}, err
	}
	var answer struct {
		Token *tokenDescription `json:"token"`
	}
	if err := resp.Decode(&answer); err != nil {
		return issue{}, err
	}
	token := resp.Header.Get("X-Subject-Token")
	if token == "" || answer.Token == nil {
		return issue{}, resp.Invalid("it has no token")
	}
	obtained := issue{authorization: authorization{token: token}, ends: answer.Token.ExpiresAt}
	if project := answer.Token.Project; project != nil && ValidProjectID.MatchString(project.ID) {
		obtained.authorization.projectID = project.ID
	}
	return obtained, nil
}
