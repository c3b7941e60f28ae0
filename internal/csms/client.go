// Package csms is a client of Huawei Cloud's Cloud Secret Management Service (CSMS) for stages, version expiry and
// version metadata. It never reads the value of a secret.
//
// It stands on the official SDK, whose models, request definitions and signing it uses, and adds what the SDK lacks: a
// context in every call, retries, answers that are read whole and checked, and one error type, [Error].
//
// All methods are safe for concurrent use.
package csms

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// Config says where the service is and who is calling. Region is always needed, and one complete set of credentials.
type Config struct {
	// Region is the region id, such as "cn-north-4".
	Region string
	// Cloud is the DNS suffix of the endpoints. Default: "myhuaweicloud.eu" for regions that start with "eu-west-1",
	// else "myhuaweicloud.com".
	Cloud string
	// Endpoint is the URL of the service. It may be plain http, have a path prefix, and hold "{region}", which is filled
	// in. Default: "https://kms.<region>.<cloud>".
	Endpoint string
	// AuthURL is the URL of IAM, with or without a trailing "/v3", and may hold "{region}" too. Default:
	// "https://iam.<region>.<cloud>". The security token service is asked at the same URL, with "sts." in place of "iam."
	// if the host begins with that; beside "iam.<cloud>" it is at "https://sts.<region>.<cloud>".
	AuthURL string

	// CredentialsFrom says where the credentials come from, such as "the environment variable HW_AUTH_TOKEN", for errors
	// that say that they were refused.
	CredentialsFrom string

	// ProjectID is the project within Region. Default: it is looked up, on first use, by ProjectName.
	ProjectID string
	// ProjectName is the project's name within Region. Default: the region id, which is how a region's own project is
	// called.
	ProjectName string

	// AccessKey and SecretKey sign requests, SecurityToken goes with a temporary pair of them.
	AccessKey, SecretKey, SecurityToken string
	// Token is a ready IAM token, sent instead of a signature.
	Token string
	// UserName or UserID, with Password, get tokens from IAM. A user name needs the account that the user belongs to.
	UserName, UserID, Password string
	// DomainName or DomainID is the account of the user or of the access key.
	DomainName, DomainID string
	// OIDC gets tokens from IAM for those of an identity provider.
	OIDC OIDC
	// ECSMetadata gets temporary access keys from the metadata service of the cloud server that this runs on.
	ECSMetadata bool
	// MetadataURL is the URL of the metadata service. Default: "http://169.254.169.254".
	MetadataURL string
	// AssumeRole lists agencies to assume with the credentials above, each with the credentials of the one before it.
	AssumeRole []AssumeRole

	// Insecure accepts any TLS certificate.
	Insecure bool
	// CACertFile is a PEM file of certificate authorities to trust besides the system's, or its contents.
	CACertFile string
	// ClientCertFile and ClientKeyFile are PEM files of the client's own certificate, or their contents.
	ClientCertFile, ClientKeyFile string

	// MaxRequestsPerSecond paces the requests of all regions together: more of them wait. 0 means no limit.
	MaxRequestsPerSecond float64
	// SlowestPace is the number of requests per second that are sent however often the service refuses them as too many.
	// Default: 0.2.
	SlowestPace float64

	// MaxRetries is how often a request is sent again after the first try: 0 means one try.
	MaxRetries int
	// RetryWaitMin and RetryWaitMax bound the exponential wait between two tries. Default: 1 s and 30 s.
	RetryWaitMin, RetryWaitMax time.Duration
	// RetryAfterMax is the longest wait that the service can ask for. Default: 60 s.
	RetryAfterMax time.Duration
	// AttemptTimeout bounds each try. Default: 30 s.
	AttemptTimeout time.Duration

	// UserAgent is appended to the SDK's own.
	UserAgent string
	// OnAttempt, if not nil, is told of every HTTP request after it has ended. Calls can be concurrent.
	OnAttempt func(ctx context.Context, a Attempt)

	// dial replaces the network in tests.
	dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// OIDC is an identity that an OpenID Connect provider vouches for.
type OIDC struct {
	// IdentityProviderID is the provider's id in IAM.
	IdentityProviderID string
	// IDToken is the provider's token.
	IDToken string
	// IDTokenFile is a file that holds the token. It is read each time that a token is needed, so that it may change.
	IDTokenFile string
}

// AssumeRole is an agency: a delegation from another account, whose resources are then acted on.
type AssumeRole struct {
	// AgencyName is the agency's name.
	AgencyName string
	// DomainName or DomainID is the account that delegates.
	DomainName, DomainID string
	// Duration is how long the credentials are wanted for before they are renewed, at least 15 minutes. Default: 1 h.
	Duration time.Duration
}

// Attempt is one HTTP request and how it ended, for a log. Nothing in it is secret.
type Attempt struct {
	// Operation says in words what the request is part of, such as "move the stage".
	Operation string
	// Method is the HTTP method.
	Method string
	// SecretName, Stage, Version and Region are what the operation is about; those that do not apply are empty.
	SecretName, Stage, Version, Region string
	// Status, Code and RequestID are what came back; Status is 0 if nothing did.
	Status          int
	Code, RequestID string
	// Duration is how long the request took.
	Duration time.Duration
	// Number counts the attempts of one call from 1.
	Number int
	// Err is why there was no answer.
	Err error
}

// Client speaks to CSMS in one region.
type Client struct {
	config      Config
	service     endpoint
	iam         endpoint
	sts         endpoint
	metadata    endpoint
	family      *family
	credentials credentials
	// configured is the kind of the credentials without the agencies that are assumed with them.
	configured string
	project    memo[string]
	versions   versionMemory
	writers    writerLocks
}

// family is what the clients of all regions have in common.
type family struct {
	transport *transport
	logins    *logins
	gate      credentialGate
	now       func() time.Time
	mu        sync.Mutex
	clients   map[string]*Client
}

// New returns a client for cfg.Region. It makes no network call. An error names the setting that is wrong.
func New(cfg Config) (*Client, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	transport, err := newTransport(cfg)
	if err != nil {
		return nil, err
	}
	c, err := newClient(cfg, &family{
		transport: transport, logins: newLogins(), now: time.Now, clients: map[string]*Client{},
	})
	if err != nil {
		return nil, err
	}
	c.family.clients[cfg.Region] = c
	return c, nil
}

func (cfg Config) withDefaults() Config {
	for _, setting := range [...]struct {
		value    *time.Duration
		standard time.Duration
	}{
		{&cfg.RetryWaitMin, time.Second},
		{&cfg.RetryWaitMax, 30 * time.Second},
		{&cfg.RetryAfterMax, time.Minute},
		{&cfg.AttemptTimeout, 30 * time.Second},
	} {
		if *setting.value <= 0 {
			*setting.value = setting.standard
		}
	}
	return cfg
}

func (cfg Config) check() error {
	if !ValidRegion.MatchString(cfg.Region) {
		return fmt.Errorf("%q is not a region id", cfg.Region)
	}
	if cfg.ProjectID != "" && !ValidProjectID.MatchString(cfg.ProjectID) {
		return fmt.Errorf("%q is not a project id", cfg.ProjectID)
	}
	if cfg.MaxRetries < 0 {
		return errors.New("the number of retries is negative")
	}
	if cfg.MaxRequestsPerSecond < 0 {
		return errors.New("the number of requests per second is negative")
	}
	return nil
}

func newClient(cfg Config, f *family) (*Client, error) {
	c := &Client{config: cfg, family: f}
	for _, service := range [...]struct {
		endpoint         *endpoint
		setting, address string
	}{
		{&c.service, "endpoint", cfg.serviceURL()},
		{&c.iam, "auth_url", cfg.iamURL()},
		{&c.sts, "URL of the security token service", cfg.stsURL()},
		{&c.metadata, "URL of the metadata service", cfg.metadataURL()},
	} {
		parsed, err := parseEndpoint(service.setting, service.address, cfg.Region)
		if err != nil {
			return nil, err
		}
		*service.endpoint = parsed
	}
	// The metadata service is not asked through a proxy.
	for _, address := range [...]endpoint{c.service, c.iam, c.sts} {
		if err := checkProxy(address); err != nil {
			return nil, err
		}
	}
	var err error
	c.credentials, err = c.newCredentials()
	return c, err
}

// Region returns the region that the client speaks to.
func (c *Client) Region() string { return c.config.Region }

func (c *Client) now() time.Time { return c.family.now() }

// InRegion returns the client for another region, with the same credentials and connections; c itself for "" and its
// own region. Every region has one client. A custom endpoint serves other regions only if it holds "{region}".
func (c *Client) InRegion(region string) (*Client, error) {
	if region == "" || region == c.config.Region {
		return c, nil
	}
	c.family.mu.Lock()
	defer c.family.mu.Unlock()
	if other, ok := c.family.clients[region]; ok {
		return other, nil
	}
	cfg, err := c.config.forRegion(region)
	if err != nil {
		return nil, err
	}
	other, err := newClient(cfg, c.family)
	if err != nil {
		return nil, err
	}
	c.family.clients[region] = other
	return other, nil
}

// forRegion drops the project, which belongs to one region.
func (cfg Config) forRegion(region string) (Config, error) {
	if cfg.Endpoint != "" && !holdsRegion(cfg.Endpoint) {
		return Config{}, fmt.Errorf("the endpoint %s serves region %s only: to reach region %s as well, "+
			"write {region} where the endpoint names the region", cfg.Endpoint, cfg.Region, region)
	}
	cfg.Region, cfg.ProjectID, cfg.ProjectName = region, "", ""
	return cfg, cfg.check()
}
