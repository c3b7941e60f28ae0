package csms

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/def"
)

// defaultMetadataURL is the same on every cloud server.
const defaultMetadataURL = "http://169.254.169.254"

func (cfg Config) metadataURL() string { return cmp.Or(cfg.MetadataURL, defaultMetadataURL) }

// instanceKeys are the temporary access keys of the agency that the cloud server has.
func (c *Client) instanceKeys() credentials {
	m := &metadataService{client: c, transport: c.family.transport.forMetadata()}
	return &issuedCredentials{
		now: c.now, description: CredentialsMetadata, awaited: "keys from " + c.metadata.origin, obtain: m.obtain,
	}
}

type metadataService struct {
	client    *Client
	transport *transport
}

func (m *metadataService) call() *call {
	k := m.client.newCall(OperationGetMetadata)
	k.endpoint, k.transport, k.credentials = m.client.metadata, m.transport, anonymous()
	return k
}

type sessionTokenRequest struct {
	Seconds string `json:"X-Metadata-Token-Ttl-Seconds"`
}

type sessionTokenResponse struct {
	outcome
	Body *string `json:"body,omitempty"`
}

// sessionTokenSeconds is long enough: each token is used once, right away.
const sessionTokenSeconds = "60"

// sessionToken begins a session of the newer protocol. The token is empty where only the older one is spoken.
//
// PUT /meta-data/latest/api/token
func (m *metadataService) sessionToken(ctx context.Context) (string, error) {
	k := m.call()
	reqDef := define(http.MethodPut, "/meta-data/latest/api/token", new(sessionTokenResponse),
		at(def.Header, "Seconds", "X-Metadata-Token-Ttl-Seconds"))
	reqDef.ResponseFields = append(reqDef.ResponseFields, at(def.Body, "Body", ""))
	answer, err := send[*sessionTokenResponse](ctx, k, &sessionTokenRequest{Seconds: sessionTokenSeconds}, reqDef)
	switch {
	case speaksOlderProtocol(err):
		return "", nil
	case err != nil:
		return "", err
	case answer.Body == nil || strings.ContainsFunc(*answer.Body, isBlankOrControl):
		return "", k.malformed("it has no token")
	default:
		return *answer.Body, nil
	}
}

func speaksOlderProtocol(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Err == nil && (e.StatusCode == http.StatusNotFound || e.StatusCode == http.StatusMethodNotAllowed ||
		e.StatusCode == http.StatusServiceUnavailable)
}

type instanceKeysRequest struct {
	SessionToken *string `json:"X-Metadata-Token,omitempty"`
}

// obtain gets the keys that the agency of the cloud server has now.
//
// GET /openstack/latest/securitykey
func (m *metadataService) obtain(ctx context.Context) (issue, error) {
	token, err := m.sessionToken(ctx)
	if err != nil {
		return issue{}, err
	}
	k := m.call()
	req := &instanceKeysRequest{}
	if token != "" {
		req.SessionToken, k.conceal = &token, []string{token}
	}
	answer, err := send[*temporaryKeysResponse](ctx, k, req, define(http.MethodGet, "/openstack/latest/securitykey",
		new(temporaryKeysResponse), at(def.Header, "SessionToken", "X-Metadata-Token")))
	if err != nil {
		return issue{}, err
	}
	return k.temporaryKeys(answer)
}
