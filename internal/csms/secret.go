package csms

import (
	"context"
	"slices"
	"strings"

	v1 "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/csms/v1"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/csms/v1/model"
)

// States of a secret. Only an enabled secret takes new versions and changes of an expiry.
const (
	SecretEnabled       = "ENABLED"
	SecretDisabled      = "DISABLED"
	SecretPendingDelete = "PENDING_DELETE"
	SecretFrozen        = "FROZEN"
)

// Secret is a secret's name and what can be done with it. What else the service tells of it is not read.
type Secret struct {
	Name string
	// State is one of SecretEnabled, SecretDisabled, SecretPendingDelete and SecretFrozen.
	State string
}

// GetSecret returns the secret without any of its values. The error is gone (see [IsGone]) if there is no such secret.
//
// GET /v1/{project_id}/secrets/{secret_name}
func (c *Client) GetSecret(ctx context.Context, name string) (*Secret, error) {
	k := c.newCall(OperationGetSecret, ofSecret(name))
	answer, err := send[*model.ShowSecretResponse](ctx, k,
		&model.ShowSecretRequest{SecretName: name}, v1.GenReqDefForShowSecret())
	if err != nil {
		return nil, err
	}
	return k.secretOf(answer.Secret)
}

// ListSecrets returns all secrets of the project in alphabetical order, without any of their values.
//
// GET /v1/{project_id}/secrets
func (c *Client) ListSecrets(ctx context.Context) ([]Secret, error) {
	secrets, err := collect(func(s Secret) string { return s.Name }, func(marker *string) ([]Secret, *model.PageInfo, error) {
		return c.listSecrets(ctx, marker)
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(secrets, func(a, b Secret) int { return strings.Compare(a.Name, b.Name) })
	return secrets, nil
}

func (c *Client) listSecrets(ctx context.Context, marker *string) ([]Secret, *model.PageInfo, error) {
	k := c.newCall(OperationListSecrets)
	answer, err := send[*model.ListSecretsResponse](ctx, k, &model.ListSecretsRequest{Marker: marker}, v1.GenReqDefForListSecrets())
	if err != nil {
		return nil, nil, err
	}
	if answer.Secrets == nil {
		return nil, nil, k.malformed("it has no list of secrets")
	}
	secrets := make([]Secret, 0, len(*answer.Secrets))
	for i := range *answer.Secrets {
		secret, err := k.secretOf(&(*answer.Secrets)[i])
		if err != nil {
			return nil, nil, err
		}
		secrets = append(secrets, *secret)
	}
	return secrets, answer.PageInfo, nil
}

// secretOf checks that the answer is about what was asked for.
func (k *call) secretOf(m *model.Secret) (*Secret, error) {
	if m == nil {
		return nil, k.malformed("it has no secret")
	}
	switch {
	case m.Name == nil || *m.Name == "":
		return nil, k.malformed("a secret has no name")
	case !canBeName(*m.Name, valueOf(m.State)):
		return nil, k.malformed("the name or the state of secret " + *m.Name + " has characters that cannot be printed")
	case k.secretName != "" && !strings.EqualFold(*m.Name, k.secretName):
		return nil, k.malformed("it is about the secret " + *m.Name)
	}
	return &Secret{Name: *m.Name, State: valueOf(m.State)}, nil
}
