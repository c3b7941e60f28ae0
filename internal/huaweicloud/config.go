package huaweicloud

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"time"
)

// Config says where a service is and who is calling. Region is always needed, and one complete set
// of credentials.
type Config struct {
	// Region is the region id, such as "cn-north-4".
	Region string
	// Cloud is the DNS suffix of the endpoints. Default: "myhuaweicloud.eu" for regions that start
	// with "eu-west-1", else "myhuaweicloud.com".
	Cloud string
	// Endpoint is the URL of the service. It may be plain http, have a path prefix, and hold
	// "{region}", which is filled in. Default: "https://<service>.<region>.<cloud>".
	Endpoint string
	// AuthURL is the URL of IAM, with or without a trailing "/v3", and may hold "{region}" too.
	// Default: "https://iam.<region>.<cloud>". The security token service is asked at the same URL,
	// with "sts." in place of "iam." if the host begins with that; beside "iam.<cloud>" it is at
	// "https://sts.<region>.<cloud>".
	AuthURL string

	// CredentialsFrom says where the credentials come from, such as "the environment variable
	// HW_AUTH_TOKEN", for errors that say that they were refused.
	CredentialsFrom string

	// ProjectID is the project within Region. Default: it is looked up, on first use, by
	// ProjectName.
	ProjectID string
	// ProjectName is the project's name within Region. Default: the region id, which is how a
	// region's own project is called.
	ProjectName string

	// AccessKey and SecretKey sign requests, SecurityToken goes with a temporary pair of them.
	AccessKey, SecretKey, SecurityToken string
	// Token is a ready IAM token, sent instead of a signature.
	Token string
	// UserName or UserID, with Password, get tokens from IAM. A user name needs the account that
	// the user belongs to.
	UserName, UserID, Password string
	// DomainName or DomainID is the account of the user or of the access key.
	DomainName, DomainID string
	// OIDC gets tokens from IAM for those of an identity provider.
	OIDC OIDC
	// ECSMetadata gets temporary access keys from the metadata service of the cloud server that
	// this runs on.
	ECSMetadata bool
	// MetadataURL is the URL of the metadata service. Default: "http://169.254.169.254".
	MetadataURL string
	// AssumeRole lists agencies to assume with the credentials above, each with the credentials of
	// the one before it.
	AssumeRole []AssumeRole

	// Insecure accepts any TLS certificate.
	Insecure bool
	// CACertFile is a PEM file of certificate authorities to trust besides the system's, or its
	// contents.
	CACertFile string
	// ClientCertFile and ClientKeyFile are PEM files of the client's own certificate, or their
	// contents.
	ClientCertFile, ClientKeyFile string

	// MaxRequestsPerSecond paces the requests of all regions together: more of them wait. 0 means
	// no limit.
	MaxRequestsPerSecond float64
	// SlowestPace is the number of requests per second that are sent however often the service
	// refuses them as too many. Default: 0.2.
	SlowestPace float64

	// MaxRetries is how often a request is sent again after the first try: 0 means one try.
	MaxRetries int
	// RetryWaitMin and RetryWaitMax bound the exponential wait between two tries. Default: 1 s and
	// 30 s.
	RetryWaitMin, RetryWaitMax time.Duration
	// RetryAfterMax is the longest wait that the service can ask for. Default: 60 s.
	RetryAfterMax time.Duration
	// AttemptTimeout bounds each try. Default: 30 s.
	AttemptTimeout time.Duration

	// UserAgent is appended to the SDK's own.
	UserAgent string
	// OnAttempt, if not nil, is told of every HTTP request after it has ended. Calls can be
	// concurrent.
	OnAttempt func(ctx context.Context, a Attempt)

	// Hooks replace the world outside in tests.
	Hooks Hooks
}

// Hooks replace the network and the clock; those that are nil are real.
type Hooks struct {
	// Dial makes the connections.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// RoundTrip answers all requests by plain HTTP.
	RoundTrip func(*http.Request) (*http.Response, error)
	// Now is the time by which credentials end.
	Now func() time.Time
}

// OIDC is an identity that an OpenID Connect provider vouches for.
type OIDC struct {
	// IdentityProviderID is the provider's id in IAM.
	IdentityProviderID string
	// IDToken is the provider's token.
	IDToken string
	// IDTokenFile is a file that holds the token. It is read each time that a token is needed, so
	// that it may change.
	IDTokenFile string
}

// AssumeRole is an agency: a delegation from another account, whose resources are then acted on.
type AssumeRole struct {
	// AgencyName is the agency's name.
	AgencyName string
	// DomainName or DomainID is the account that delegates.
	DomainName, DomainID string
	// Duration is how long the credentials are wanted for before they are renewed, at least 15
	// minutes. Default: 1 h.
	Duration time.Duration
}

var (
	// ValidProjectID takes what the service documents, 32 to 64 letters and digits, and shorter or
	// dashed forms that partner clouds use.
	ValidProjectID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

	// ValidRegion takes the region ids there are, such as "cn-north-4", and anything else that can
	// stand in a host name.
	ValidRegion = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9])?$`)
)

func (cfg Config) withDefaults() Config {
	for _, setting := range [...]struct {
		value        *time.Duration
		defaultValue time.Duration
	}{
		{&cfg.RetryWaitMin, time.Second},
		{&cfg.RetryWaitMax, 30 * time.Second},
		{&cfg.RetryAfterMax, time.Minute},
		{&cfg.AttemptTimeout, 30 * time.Second},
	} {
		if *setting.value <= 0 {
			*setting.value = setting.defaultValue
		}
	}
	if cfg.Hooks.Now == nil {
		cfg.Hooks.Now = time.Now
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
	return cfg.checkCredentials()
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

func (cfg Config) projectName() string {
	if cfg.ProjectName != "" {
		return cfg.ProjectName
	}
	return cfg.Region
}
