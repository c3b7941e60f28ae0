package huaweicloud

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net/http"
)

// defaultMetadataURL is the same on every cloud server.
const defaultMetadataURL = "http://169.254.169.254"

func (cfg Config) metadataURL() string { return cmp.Or(cfg.MetadataURL, defaultMetadataURL) }

// instanceKeys are the temporary access keys of the agency that the cloud server has.
func (s *signIn) instanceKeys() credentials {
	m := &metadataService{caller: s.shared.bareCaller(s.config, s.endpoints.metadata, CredentialsMetadata)}
	m.transport = s.shared.transport.forMetadata()
	return &refreshingCredentials{
		now: s.config.Hooks.Now, fetch: m.keys,
		description: CredentialsMetadata, awaits: "keys from " + s.endpoints.metadata.origin,
	}
}

type metadataService struct{ *caller }

// sessionTokenSeconds is long enough: each token is used once, right away.
const sessionTokenSeconds = "60"

// sessionToken begins a session of the newer protocol. The token is empty where only the older one
// is spoken.
//
// https://support.huaweicloud.com/intl/en-us/usermanual-ecs/ecs_03_0166.html
//
// PUT /meta-data/latest/api/token
func (m *metadataService) sessionToken(ctx context.Context) (string, error) {
	resp, err := m.do(ctx, Request{
		Operation: OperationGetMetadata, Method: http.MethodPut, Path: "/meta-data/latest/api/token",
		Header: map[string]string{"X-Metadata-Token-Ttl-Seconds": sessionTokenSeconds},
	})
	switch {
	case speaksOlderProtocol(err):
		return "", nil
	case err != nil:
		return "", err
	case bytes.ContainsFunc(resp.Body, isBlankOrControl):
		return "", resp.Invalid("it has no token")
	default:
		return string(resp.Body), nil
	}
}

func speaksOlderProtocol(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Err == nil && (e.StatusCode == http.StatusNotFound ||
		e.StatusCode == http.StatusMethodNotAllowed || e.StatusCode == http.StatusServiceUnavailable)
}

// keys gets the keys that the agency of the cloud server has now.
//
// https://support.huaweicloud.com/intl/en-us/usermanual-ecs/ecs_03_0166.html
//
// GET /openstack/latest/securitykey
func (m *metadataService) keys(ctx context.Context) (issue, error) {
	token, err := m.sessionToken(ctx)
	if err != nil {
		return issue{}, err
	}
	req := Request{Operation: OperationGetMetadata, Method: http.MethodGet, Path: "/openstack/latest/securitykey"}
	if token != "" {
		req.Header, req.secrets = map[string]string{"X-Metadata-Token": token}, []string{token}
	}
	resp, err := m.do(ctx, req)
	if err != nil {
		return issue{}, err
	}
	return resp.temporaryKeys()
}
