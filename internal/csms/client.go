// Package csms is a client of Huawei Cloud's Cloud Secret Management Service (CSMS) for stages,
// version expiry and version metadata. It never reads the value of a secret.
//
// All methods are safe for concurrent use. Each returns an [*Error] if it fails.
package csms

import (
	"context"
	"sync"

	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

// Client speaks to CSMS in one region.
type Client struct {
	session  *huaweicloud.Session
	regions  *regions
	versions versionCache
	writers  secretLocks
}

// regions are the clients of all regions that were asked for.
type regions struct {
	mu      sync.Mutex
	clients map[string]*Client
}

// New returns a client for cfg.Region. It makes no network call. An error names the setting that is
// wrong.
func New(cfg huaweicloud.Config) (*Client, error) {
	session, err := huaweicloud.NewSession("kms", cfg)
	if err != nil {
		return nil, err
	}
	c := &Client{session: session, regions: &regions{}}
	c.regions.clients = map[string]*Client{session.Region(): c}
	return c, nil
}

// Region returns the region that the client speaks to.
func (c *Client) Region() string { return c.session.Region() }

// CredentialSource says which credentials the client uses, such as "access key". It never tells
// their value.
func (c *Client) CredentialSource() string { return c.session.CredentialSource() }

// PlainAddresses returns the addresses in use that are asked by plain HTTP and are not on this
// machine.
func (c *Client) PlainAddresses() []huaweicloud.PlainAddress { return c.session.PlainAddresses() }

// InRegion returns the client for another region, with the same credentials and connections; c
// itself for "" and its own region. Every region has one client. A custom endpoint serves other
// regions only if it holds "{region}".
func (c *Client) InRegion(region string) (*Client, error) {
	if region == "" || region == c.Region() {
		return c, nil
	}
	c.regions.mu.Lock()
	defer c.regions.mu.Unlock()
	if other, ok := c.regions.clients[region]; ok {
		return other, nil
	}
	session, err := c.session.InRegion(region)
	if err != nil {
		return nil, err
	}
	other := &Client{session: session, regions: c.regions}
	c.regions.clients[region] = other
	return other, nil
}

// response is the answer to a call about a target.
type response struct {
	*huaweicloud.Response
	target checkedTarget
}

// do makes a call about a target. The answer is decoded into a model of the SDK unless that is nil.
func (c *Client) do(ctx context.Context, t checkedTarget, req huaweicloud.Request, model any) (*response, error) {
	if t.invalid != nil {
		return nil, c.notSent(req.Operation, t, t.invalid)
	}
	req.Subject = t.Target
	resp, err := c.session.Do(ctx, req)
	if err == nil && model != nil {
		err = resp.Decode(model)
	}
	if err != nil {
		return nil, t.wrap(err)
	}
	return &response{Response: resp, target: t}, nil
}

// invalid is the error of an answer that is not about what was asked for, or says nothing.
func (r *response) invalid(what string) error { return r.target.wrap(r.Invalid(what)) }
