package csms

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/csms/v1/model"

	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

// States of a secret. Only an enabled secret takes new versions and changes of an expiry.
const (
	SecretEnabled       = "ENABLED"
	SecretDisabled      = "DISABLED"
	SecretPendingDelete = "PENDING_DELETE"
	SecretFrozen        = "FROZEN"
)

// Secret is a secret's name and what can be done with it. What else the service tells of it is not
// read.
type Secret struct {
	Name string
	// State is one of SecretEnabled, SecretDisabled, SecretPendingDelete and SecretFrozen.
	State string
}

// GetSecret returns the secret without any of its values. The error is gone (see [IsGone]) if there
// is no such secret.
//
// https://support.huaweicloud.com/intl/en-us/api-dew/ShowSecret.html
//
// GET /v1/{project_id}/secrets/{secret_name}
func (c *Client) GetSecret(ctx context.Context, name string) (*Secret, error) {
	var answer model.ShowSecretResponse
	resp, err := c.do(ctx, c.secret(name), huaweicloud.Request{
		Operation: OperationGetSecret, Method: http.MethodGet, Path: secretPath(name),
	}, &answer)
	if err != nil {
		return nil, err
	}
	return resp.secretOf(answer.Secret)
}

// secretPath begins the paths of all that is about a secret.
func secretPath(name string) string { return secretsPath + "/" + name }

const secretsPath = "/v1/{project_id}/secrets"

// ListSecrets returns all secrets of the project in alphabetical order, without any of their
// values.
//
// https://support.huaweicloud.com/intl/en-us/api-dew/ListSecrets.html
//
// GET /v1/{project_id}/secrets
func (c *Client) ListSecrets(ctx context.Context) ([]Secret, error) {
	name := func(s Secret) string { return s.Name }
	secrets, err := listAll(name, func(marker *string) ([]Secret, *model.PageInfo, error) {
		return c.listSecrets(ctx, marker)
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(secrets, func(a, b Secret) int { return strings.Compare(a.Name, b.Name) })
	return secrets, nil
}

func (c *Client) listSecrets(ctx context.Context, marker *string) ([]Secret, *model.PageInfo, error) {
	var answer model.ListSecretsResponse
	resp, err := c.do(ctx, c.project(), huaweicloud.Request{
		Operation: OperationListSecrets, Method: http.MethodGet, Path: secretsPath, Query: page(marker),
	}, &answer)
	if err != nil {
		return nil, nil, err
	}
	if answer.Secrets == nil {
		return nil, nil, resp.invalid("it has no list of secrets")
	}
	secrets := make([]Secret, 0, len(*answer.Secrets))
	for i := range *answer.Secrets {
		secret, err := resp.secretOf(&(*answer.Secrets)[i])
		if err != nil {
			return nil, nil, err
		}
		secrets = append(secrets, *secret)
	}
	return secrets, answer.PageInfo, nil
}

// secretOf checks that the answer is about what was asked for.
func (r *response) secretOf(m *model.Secret) (*Secret, error) {
	if m == nil {
		return nil, r.invalid("it has no secret")
	}
	switch {
	case m.Name == nil || *m.Name == "":
		return nil, r.invalid("a secret has no name")
	case !huaweicloud.CanBeName(*m.Name, valueOf(m.State)):
		return nil, r.invalid("the name or the state of secret " + *m.Name +
			" has characters that cannot be printed")
	case r.target.SecretName != "" && !strings.EqualFold(*m.Name, r.target.SecretName):
		return nil, r.invalid("it is about the secret " + *m.Name)
	}
	return &Secret{Name: *m.Name, State: valueOf(m.State)}, nil
}
