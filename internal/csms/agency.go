package csms

import (
	"context"
	"net/http"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/def"
)

// How long an agency can be assumed for, and is if nothing else is wanted: as long as any service grants in a chain.
const (
	shortestAssumption = 15 * time.Minute
	usualAssumption    = time.Hour
)

// assumption is one agency being assumed with the credentials of the one before it.
type assumption struct {
	client *Client
	base   credentials
	role   AssumeRole
	// domainID is the account of the base credentials, empty if it is not known.
	domainID string
}

// agency are the temporary access keys that the agency of the given index gives to the holder of base.
func (c *Client) agency(base credentials, index int) credentials {
	a := &assumption{client: c, base: base, role: c.config.AssumeRole[index], domainID: c.config.DomainID}
	if index > 0 {
		a.domainID = c.config.AssumeRole[index-1].DomainID
	}
	return &issuedCredentials{
		now: c.now, obtain: a.obtain, awaited: "keys of the agency " + a.role.AgencyName,
		description: CredentialsAgency + " " + a.role.AgencyName + ", assumed with " + base.source(),
	}
}

// obtain asks the security token service if it can. It knows accounts by id only, and only signatures; IAM also knows
// names and tokens.
func (a *assumption) obtain(ctx context.Context) (issue, error) {
	base, err := a.base.authorization(ctx)
	if err != nil {
		return issue{}, err
	}
	if a.role.DomainID != "" && base.token == "" {
		return a.askSTS(ctx)
	}
	return a.askIAM(ctx, base)
}

func (a *assumption) seconds() int64 {
	if a.role.Duration == 0 {
		return int64(usualAssumption / time.Second)
	}
	return int64(a.role.Duration / time.Second)
}

func (a *assumption) call(operation string, at endpoint) *call {
	k := a.client.newCall(operation)
	k.endpoint, k.credentials = at, a.base
	return k
}

// The body of a request to IAM for temporary keys.
type (
	assumeRoleRequest struct {
		DomainID *string          `json:"X-Domain-Id,omitempty"`
		Body     *assumeRoleWants `json:"body"`
	}
	assumeRoleWants struct {
		Auth assumeRoleAuth `json:"auth"`
	}
	assumeRoleAuth struct {
		Identity assumeRoleIdentity `json:"identity"`
	}
	assumeRoleIdentity struct {
		Methods    []string       `json:"methods"`
		AssumeRole assumeRoleAsIs `json:"assume_role"`
	}
	assumeRoleAsIs struct {
		AgencyName      string `json:"agency_name"`
		DomainName      string `json:"domain_name,omitempty"`
		DomainID        string `json:"domain_id,omitempty"`
		DurationSeconds int64  `json:"duration_seconds"`
	}
)

// temporaryKeysResponse is how IAM and the metadata service hand out keys.
type temporaryKeysResponse struct {
	outcome
	Credential *struct {
		Access        string    `json:"access"`
		Secret        string    `json:"secret"`
		SecurityToken string    `json:"securitytoken"`
		ExpiresAt     time.Time `json:"expires_at"`
	} `json:"credential"`
}

// askIAM gets temporary keys from IAM, which of a signer wants to know the account.
//
// POST /v3.0/OS-CREDENTIAL/securitytokens
func (a *assumption) askIAM(ctx context.Context, base authorization) (issue, error) {
	req := &assumeRoleRequest{Body: &assumeRoleWants{Auth: assumeRoleAuth{Identity: assumeRoleIdentity{
		Methods:    []string{"assume_role"},
		AssumeRole: a.wanted(),
	}}}}
	if base.token == "" {
		domainID, err := a.account(ctx)
		if err != nil {
			return issue{}, err
		}
		req.DomainID = &domainID
	}
	k := a.call(OperationAssumeAgency+" "+a.role.AgencyName, a.client.iam)
	reqDef := define(http.MethodPost, "/v3.0/OS-CREDENTIAL/securitytokens", new(temporaryKeysResponse),
		at(def.Header, "DomainID", "X-Domain-Id"), at(def.Body, "Body", ""))
	answer, err := send[*temporaryKeysResponse](ctx, k, req, reqDef)
	if err != nil {
		return issue{}, err
	}
	return k.temporaryKeys(answer)
}

func (a *assumption) wanted() assumeRoleAsIs {
	wanted := assumeRoleAsIs{AgencyName: a.role.AgencyName, DurationSeconds: a.seconds()}
	if wanted.DomainID = a.role.DomainID; wanted.DomainID == "" {
		wanted.DomainName = a.role.DomainName
	}
	return wanted
}

func (k *call) temporaryKeys(answer *temporaryKeysResponse) (issue, error) {
	keys := answer.Credential
	if keys == nil || keys.Access == "" || keys.Secret == "" || keys.SecurityToken == "" {
		return issue{}, k.malformed("it has no temporary keys")
	}
	return issue{
		authorization: authorization{accessKey: keys.Access, secretKey: keys.Secret, securityToken: keys.SecurityToken},
		ends:          keys.ExpiresAt,
	}, nil
}

type listAccountsResponse struct {
	outcome
	Domains []named `json:"domains"`
}

// account returns the id of the account that the base credentials belong to.
//
// GET /v3/auth/domains
func (a *assumption) account(ctx context.Context) (string, error) {
	if a.domainID != "" {
		return a.domainID, nil
	}
	k := a.call(OperationGetAccount, a.client.iam)
	answer, err := send[*listAccountsResponse](ctx, k, &struct{}{},
		define(http.MethodGet, "/v3/auth/domains", new(listAccountsResponse)))
	if err != nil {
		return "", err
	}
	if len(answer.Domains) != 1 || !ValidProjectID.MatchString(answer.Domains[0].ID) {
		return "", k.malformed("it has no account, or more than one")
	}
	return answer.Domains[0].ID, nil
}

type assumeAgencyRequest struct {
	Body *assumeAgencyWants `json:"body"`
}

type assumeAgencyWants struct {
	AgencyURN       string `json:"agency_urn"`
	SessionName     string `json:"agency_session_name"`
	DurationSeconds int64  `json:"duration_seconds"`
}

type assumeAgencyResponse struct {
	outcome
	Credentials *struct {
		AccessKeyID     string    `json:"access_key_id"`
		SecretAccessKey string    `json:"secret_access_key"`
		SecurityToken   string    `json:"security_token"`
		Expiration      time.Time `json:"expiration"`
	} `json:"credentials"`
}

// sessionName is what the delegating account's audit log calls the session.
const sessionName = "terraform-provider-csms"

// askSTS gets temporary keys from the security token service.
//
// POST /v5/agencies/assume
func (a *assumption) askSTS(ctx context.Context) (issue, error) {
	k := a.call(OperationAssumeAgency+" "+a.role.AgencyName, a.client.sts)
	answer, err := send[*assumeAgencyResponse](ctx, k, &assumeAgencyRequest{Body: &assumeAgencyWants{
		AgencyURN:       "iam::" + a.role.DomainID + ":agency:" + a.role.AgencyName,
		SessionName:     sessionName,
		DurationSeconds: a.seconds(),
	}}, define(http.MethodPost, "/v5/agencies/assume", new(assumeAgencyResponse), at(def.Body, "Body", "")))
	if err != nil {
		return issue{}, err
	}
	keys := answer.Credentials
	if keys == nil || keys.AccessKeyID == "" || keys.SecretAccessKey == "" || keys.SecurityToken == "" {
		return issue{}, k.malformed("it has no temporary keys")
	}
	return issue{
		authorization: authorization{accessKey: keys.AccessKeyID, secretKey: keys.SecretAccessKey, securityToken: keys.SecurityToken},
		ends:          keys.Expiration,
	}, nil
}
