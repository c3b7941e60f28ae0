package huaweicloud

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// endpoint is the base URL of a service, in two parts: a prefix has to come with each request's
// path, where it is also signed.
type endpoint struct {
	origin string
	prefix string
}

const regionPlaceholder = "{region}"

func holdsRegion(address string) bool { return strings.Contains(address, regionPlaceholder) }

// endpoints are the services that a session may ask.
type endpoints struct{ service, iam, sts, metadata endpoint }

func (cfg Config) endpoints(service string) (endpoints, error) {
	var at endpoints
	for _, parse := range [...]struct {
		endpoint         *endpoint
		setting, address string
	}{
		{&at.service, "endpoint", cfg.serviceURL(service)},
		{&at.iam, "auth_url", cfg.iamURL()},
		{&at.sts, "URL of the security token service", cfg.stsURL()},
		{&at.metadata, "URL of the metadata service", cfg.metadataURL()},
	} {
		parsed, err := parseEndpoint(parse.setting, parse.address, cfg.Region)
		if err != nil {
			return endpoints{}, err
		}
		*parse.endpoint = parsed
	}
	// The metadata service is not asked through a proxy.
	for _, address := range [...]endpoint{at.service, at.iam, at.sts} {
		if err := checkProxy(address); err != nil {
			return endpoints{}, err
		}
	}
	return at, nil
}

func (cfg Config) serviceURL(service string) string {
	if cfg.Endpoint != "" {
		return cfg.Endpoint
	}
	return "https://" + service + "." + cfg.Region + "." + cfg.cloud()
}

// iamURL leaves out the version, which each IAM path begins with.
func (cfg Config) iamURL() string {
	if cfg.AuthURL != "" {
		return strings.TrimSuffix(strings.TrimRight(strings.TrimSpace(cfg.AuthURL), "/"), "/v3")
	}
	return "https://iam." + cfg.Region + "." + cfg.cloud()
}

// stsURL keeps to the cloud of the IAM in use: signatures are not for anybody else. Where IAM is
// not named as such, as at a mock endpoint, the security token service is there too. An IAM for all
// regions has one in each region at its side.
func (cfg Config) stsURL() string {
	regional := "https://sts." + cfg.Region + "." + cfg.cloud()
	if cfg.AuthURL == "" {
		return regional
	}
	scheme, address := splitScheme(cfg.iamURL())
	domain, isIAM := strings.CutPrefix(address, "iam.")
	switch {
	case !isIAM:
		return cfg.iamURL()
	case domain == cfg.cloud():
		return regional
	default:
		return scheme + "sts." + domain
	}
}

func splitScheme(address string) (scheme, rest string) {
	if scheme, rest, ok := strings.Cut(address, "://"); ok {
		return scheme + "://", rest
	}
	return "", address
}

func (cfg Config) cloud() string {
	switch {
	case cfg.Cloud != "":
		return cfg.Cloud
	case strings.HasPrefix(cfg.Region, "eu-west-1"):
		return "myhuaweicloud.eu"
	default:
		return "myhuaweicloud.com"
	}
}

// parseEndpoint reads an address that a person has written; setting is what to call it in an error.
func parseEndpoint(setting, address, region string) (endpoint, error) {
	address = strings.ReplaceAll(strings.TrimSpace(address), regionPlaceholder, region)
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		// The parser's error repeats the address, which may hold a password.
		return endpoint{}, fmt.Errorf("the %s is not a URL", setting)
	}
	if err := checkEndpoint(u); err != nil {
		// Without user name and query, which do not belong there and may hold a secret.
		return endpoint{}, fmt.Errorf("the %s %s %w", setting, u.Scheme+"://"+u.Host+u.Path, err)
	}
	return endpoint{origin: u.Scheme + "://" + u.Host, prefix: strings.TrimRight(u.Path, "/")}, nil
}

func checkEndpoint(u *url.URL) error {
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return errors.New("is neither https nor http")
	case u.Hostname() == "":
		return errors.New("names no host")
	case u.User != nil:
		return errors.New("holds a user name; credentials have settings of their own")
	case u.RawQuery != "" || u.Fragment != "":
		return errors.New("has a query or a fragment")
	case strings.ContainsAny(u.Path, "{}"):
		return errors.New("has a placeholder other than {region}")
	default:
		return nil
	}
}

// PlainAddress is a host that is asked by plain HTTP, so that everybody on the way can read what is
// sent.
type PlainAddress struct {
	// Setting is the name of the setting that the address comes from.
	Setting string
	Host    string
}

// PlainAddresses returns the addresses in use that are asked by plain HTTP and are not on this
// machine. Other regions need no look of their own: the placeholder stands in the host, not in the
// scheme. The metadata service speaks nothing but plain HTTP; its usual address does not leave the
// cloud server's own link.
func (s *Session) PlainAddresses() []PlainAddress {
	var plain []PlainAddress
	for _, used := range [...]struct {
		setting string
		at      endpoint
		private bool
	}{
		{"endpoint", s.endpoints.service, s.endpoints.service.isLoopback()},
		{"auth_url", s.endpoints.iam, s.endpoints.iam.isLoopback()},
		{"metadata_url", s.endpoints.metadata, !s.config.ECSMetadata || s.endpoints.metadata.isOnLink()},
	} {
		if u := used.at.url(); u.Scheme == "http" && !used.private {
			plain = append(plain, PlainAddress{Setting: used.setting, Host: u.Hostname()})
		}
	}
	return plain
}

func (e endpoint) url() *url.URL {
	u, err := url.Parse(e.origin)
	if err != nil {
		return &url.URL{}
	}
	return u
}

func (e endpoint) isLoopback() bool {
	host := strings.ToLower(e.url().Hostname())
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && ip.Unmap().IsLoopback()
}

func (e endpoint) isOnLink() bool {
	ip, err := netip.ParseAddr(e.url().Hostname())
	return e.isLoopback() || err == nil && ip.Unmap().IsLinkLocalUnicast()
}
