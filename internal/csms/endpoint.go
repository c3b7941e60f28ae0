package csms

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// endpoint is the base URL of a service, in the two parts that the SDK wants: it overwrites the path of a URL, so a
// prefix has to come with each request's path, where it is also signed.
type endpoint struct {
	origin string
	prefix string
}

const regionPlaceholder = "{region}"

func holdsRegion(address string) bool { return strings.Contains(address, regionPlaceholder) }

func (cfg Config) serviceURL() string {
	if cfg.Endpoint != "" {
		return cfg.Endpoint
	}
	return "https://kms." + cfg.Region + "." + cfg.cloud()
}

// iamURL leaves out the version, which each IAM path begins with.
func (cfg Config) iamURL() string {
	if cfg.AuthURL != "" {
		return strings.TrimSuffix(strings.TrimRight(cfg.AuthURL, "/"), "/v3")
	}
	return "https://iam." + cfg.Region + "." + cfg.cloud()
}

// stsURL takes it that whoever has an IAM of their own, such as a mock endpoint, has the security token service there too.
func (cfg Config) stsURL() string {
	switch {
	case cfg.STSURL != "":
		return cfg.STSURL
	case cfg.AuthURL != "" && !strings.HasPrefix(withoutScheme(cfg.AuthURL), "iam."):
		return cfg.iamURL()
	default:
		return "https://sts." + cfg.Region + "." + cfg.cloud()
	}
}

func withoutScheme(address string) string {
	if _, rest, ok := strings.Cut(address, "://"); ok {
		return rest
	}
	return address
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
