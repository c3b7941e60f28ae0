package csms

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/provider"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/sdkerr"
)

// SDKCredentials is what Huawei Cloud's SDKs find in their environment variables or in their credentials file.
type SDKCredentials struct {
	// AccessKey and SecretKey sign requests, SecurityToken goes with a temporary pair of them.
	AccessKey, SecretKey, SecurityToken string
	// OIDC is set instead of the keys.
	OIDC OIDC
	// ProjectID and AuthURL are empty unless they are set too.
	ProjectID, AuthURL string
}

// SDKEnvironment returns the credentials in HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK and the other variables of the SDK,
// and false if there are no complete ones.
func SDKEnvironment() (SDKCredentials, bool) {
	found, err := provider.BasicCredentialEnvProvider().GetCredentials()
	if err != nil {
		return SDKCredentials{}, false
	}
	return sdkCredentialsOf(found)
}

// SDKCredentialsFile returns the credentials in the file that HUAWEICLOUD_SDK_CREDENTIALS_FILE names, by default
// ~/.huaweicloud/credentials, and false if there is no such file or no complete credentials in it. The error is that the
// file cannot be read.
func SDKCredentialsFile() (SDKCredentials, bool, error) {
	found, err := provider.BasicCredentialProfileProvider().GetCredentials()
	if err == nil {
		credentials, ok := sdkCredentialsOf(found)
		return credentials, ok, nil
	}
	if _, incomplete := errors.AsType[*sdkerr.CredentialsTypeError](err); incomplete || errors.Is(err, fs.ErrNotExist) {
		return SDKCredentials{}, false, nil
	}
	if fault, ok := errors.AsType[*fs.PathError](err); ok {
		return SDKCredentials{}, false, fmt.Errorf("cannot read the credentials file of the SDK: %w", fault)
	}
	// The parser's error repeats the line it does not understand, which may be a key.
	return SDKCredentials{}, false, errors.New("the credentials file of the SDK is not an INI file")
}

func sdkCredentialsOf(found auth.ICredential) (SDKCredentials, bool) {
	basic, ok := found.(*auth.BasicCredentials)
	if !ok {
		return SDKCredentials{}, false
	}
	return SDKCredentials{
		AccessKey: basic.AK, SecretKey: basic.SK, SecurityToken: basic.SecurityToken,
		OIDC:      OIDC{IdentityProviderID: basic.IdpId, IDTokenFile: basic.IdTokenFile},
		ProjectID: basic.ProjectId, AuthURL: basic.IamEndpoint,
	}, true
}

// Apply returns the configuration with these credentials. Its project and its address of IAM stay if it has them.
func (s SDKCredentials) Apply(cfg Config) Config {
	cfg.AccessKey, cfg.SecretKey, cfg.SecurityToken, cfg.OIDC = s.AccessKey, s.SecretKey, s.SecurityToken, s.OIDC
	cfg.ProjectID = cmp.Or(cfg.ProjectID, s.ProjectID)
	cfg.AuthURL = cmp.Or(cfg.AuthURL, s.AuthURL)
	return cfg
}
