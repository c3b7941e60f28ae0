package huaweicloud

import (
	"context"
	"net/http"
	"time"
)

// How long an agency can be assumed for, and is if nothing else is wanted: as long as any service
// grants in a chain.
const (
	shortestRole = 15 * time.Minute
	usualRole    = time.Hour
)

// assumedRole is one agency being assumed with the credentials of the one before it.
type assumedRole struct {
	role     AssumeRole
	base     credentials
	iam, sts *caller
	// domainID is the account of the base credentials, empty if it is not known.
	domainID string
}

// assumedRole are the temporary access keys that an agency gives to the holder of base, who belongs
// to an account.
func (s *signIn) assumedRole(base credentials, domainID string, role AssumeRole) credentials {
	a := &assumedRole{
		role: role, base: base, domainID: domainID,
		iam: s.shared.caller(s.config, s.endpoints.iam, base),
		sts: s.shared.caller(s.config, s.endpoints.sts, base),
	}
	return &refreshingCredentials{
		now: s.config.Hooks.Now, fetch: a.keys, awaits: "keys of the agency " + role.AgencyName,
		description: CredentialsAgency + " " + role.AgencyName + ", assumed with " + base.source(),
	}
}

// keys asks the security token service if it can. It knows accounts by id only, and only
// signatures; IAM also knows names and tokens.
func (a *assumedRole) keys(ctx context.Context) (issue, error) {
	base, err := a.base.authorization(ctx)
	if err != nil {
		return issue{}, err
	}
	if a.role.DomainID != "" && base.token == "" {
		return a.askSTS(ctx)
	}
	return a.askIAM(ctx, base)
}

func (a *assumedRole) seconds() int64 {
	if a.role.Duration == 0 {
		return int64(usualRole / time.Second)
	}
	return int64(a.role.Duration / time.Second)
}

// The body of a request to IAM for temporary keys.
type (
	assumeRoleRequest struct {
		Auth assumeRoleAuth `json:"auth"`
	}
	assumeRoleAuth struct {
		Identity assumeRoleIdentity `json:"identity"`
	}
	assumeRoleIdentity struct {
		Methods    []string     `json:"methods"`
		AssumeRole wantedAgency `json:"assume_role"`
	}
	wantedAgency struct {
		AgencyName      string `json:"agency_name"`
		DomainName      string `json:"domain_name,omitempty"`
		DomainID        string `json:"domain_id,omitempty"`
		DurationSeconds int64  `json:"duration_seconds"`
	}
)

// askIAM gets temporary keys from IAM, which of a signer wants to know the account.
//
// https://support.huaweicloud.com/intl/en-us/api-iam/iam_04_0101.html
//
// POST /v3.0/OS-CREDENTIAL/securitytokens
func (a *assumedRole) askIAM(ctx context.Context, base authorization) (issue, error) {
	req := a.request(http.MethodPost, "/v3.0/OS-CREDENTIAL/securitytokens")
	req.Body = assumeRoleRequest{Auth: assumeRoleAuth{Identity: assumeRoleIdentity{
		Methods:    []string{"assume_role"},
		AssumeRole: a.wanted(),
	}}}
	if base.token == "" {
		domainID, err := a.account(ctx)
		if err != nil {
			return issue{}, err
		}
		req.Header = map[string]string{"X-Domain-Id": domainID}
	}
	resp, err := a.iam.do(ctx, req)
	if err != nil {
		return issue{}, err
	}
	return resp.temporaryKeys()
}

func (a *assumedRole) request(method, path string) Request {
	return Request{Operation: OperationAssumeAgency + " " + a.role.AgencyName, Method: method, Path: path}
}

func (a *assumedRole) wanted() wantedAgency {
	wanted := wantedAgency{AgencyName: a.role.AgencyName, DurationSeconds: a.seconds()}
	if wanted.DomainID = a.role.DomainID; wanted.DomainID == "" {
		wanted.DomainName = a.role.DomainName
	}
	return wanted
}

// temporaryKeys reads keys as IAM and the metadata service hand them out.
func (r *Response) temporaryKeys() (issue, error) {
	var answer struct {
		Credential struct {
			Access        string    `json:"access"`
			Secret        string    `json:"secret"`
			SecurityToken string    `json:"securitytoken"`
			ExpiresAt     time.Time `json:"expires_at"`
		} `json:"credential"`
	}
	if err := r.Decode(&answer); err != nil {
		return issue{}, err
	}
	keys := answer.Credential
	return r.keys(keys.Access, keys.Secret, keys.SecurityToken, keys.ExpiresAt)
}

func (r *Response) keys(access, secret, securityToken string, ends time.Time) (issue, error) {
	if access == "" || secret == "" || securityToken == "" {
		return issue{}, r.Invalid("it has no temporary keys")
	}
	return issue{
		authorization: authorization{accessKey: access, secretKey: secret, securityToken: securityToken},
		ends:          ends,
	}, nil
}

// account returns the id of the account that the base credentials belong to.
//
// https://support.huaweicloud.com/intl/en-us/api-iam/iam_07_0001.html
//
// GET /v3/auth/domains
func (a *assumedRole) account(ctx context.Context) (string, error) {
	if a.domainID != "" {
		return a.domainID, nil
	}
	resp, err := a.iam.do(ctx, Request{
		Operation: OperationGetAccount, Method: http.MethodGet, Path: "/v3/auth/domains",
	})
	if err != nil {
		return "", err
	}
	var answer struct {
		Domains []idOrName `json:"domains"`
	}
	if err := resp.Decode(&answer); err != nil {
		return "", err
	}
	if len(answer.Domains) != 1 || !ValidProjectID.MatchString(answer.Domains[0].ID) {
		return "", resp.Invalid("it has no account, or more than one")
	}
	return answer.Domains[0].ID, nil
}

type assumeAgencyRequest struct {
	AgencyURN       string `json:"agency_urn"`
	SessionName     string `json:"agency_session_name"`
	DurationSeconds int64  `json:"duration_seconds"`
}

// sessionName is what the delegating account's audit log calls the session.
const sessionName = "terraform-provider-csms"

// askSTS gets temporary keys from the security token service.
//
// POST /v5/agencies/assume
func (a *assumedRole) askSTS(ctx context.Context) (issue, error) {
	req := a.request(http.MethodPost, "/v5/agencies/assume")
	req.Body = assumeAgencyRequest{
		AgencyURN:       "iam::" + a.role.DomainID + ":agency:" + a.role.AgencyName,
		SessionName:     sessionName,
		DurationSeconds: a.seconds(),
	}
	resp, err := a.sts.do(ctx, req)
	if err != nil {
		return issue{}, err
	}
	var answer struct {
		Credentials struct {
			AccessKeyID     string    `json:"access_key_id"`
			SecretAccessKey string    `json:"secret_access_key"`
			SecurityToken   string    `json:"security_token"`
			Expiration      time.Time `json:"expiration"`
		} `json:"credentials"`
	}
	if err := resp.Decode(&answer); err != nil {
		return issue{}, err
	}
	keys := answer.Credentials
	return resp.keys(keys.AccessKeyID, keys.SecretAccessKey, keys.SecurityToken, keys.Expiration)
}
