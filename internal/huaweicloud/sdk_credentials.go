package huaweicloud

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/provider"
	"gopkg.in/ini.v1"
)

// SDKCredentials is what Huawei Cloud's SDKs find in their environment variables or in their
// credentials file.
type SDKCredentials struct {
	// AccessKey and SecretKey sign requests, SecurityToken goes with a temporary pair of them.
	AccessKey, SecretKey, SecurityToken string
	// OIDC is set instead of the keys.
	OIDC OIDC
	// ProjectID and AuthURL are empty unless they are set too.
	ProjectID, AuthURL string
}

// The variables of the SDK that make up credentials, two of them each, and the one that names its
// credentials file.
const (
	sdkAccessKey   = "HUAWEICLOUD_SDK_AK"
	sdkSecretKey   = "HUAWEICLOUD_SDK_SK"
	sdkProvider    = "HUAWEICLOUD_SDK_IDP_ID"
	sdkIDTokenFile = "HUAWEICLOUD_SDK_ID_TOKEN_FILE"
	sdkFile        = "HUAWEICLOUD_SDK_CREDENTIALS_FILE"
)

// SDKVariables are the variables of the SDK that show that somebody meant to sign in by them.
func SDKVariables() []string { return []string{sdkAccessKey, sdkProvider, sdkFile} }

// SDKEnvironment returns the credentials in HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK and the other
// variables of the SDK, and what to call those. The name is empty if there are none. The error is
// that one of two variables that belong together is missing.
func SDKEnvironment() (credentials SDKCredentials, name string, err error) {
	found, err := provider.BasicCredentialEnvProvider().GetCredentials()
	if basic, ok := found.(*auth.BasicCredentials); err == nil && ok {
		name := "the environment variables " + sdkProvider + " and " + sdkIDTokenFile
		if basic.AK != "" {
			name = "the environment variables " + sdkAccessKey + " and " + sdkSecretKey
		}
		return sdkCredentialsOf(basic), name, nil
	}
	for _, pair := range [...][2]string{{sdkAccessKey, sdkSecretKey}, {sdkProvider, sdkIDTokenFile}} {
		first, second := os.Getenv(pair[0]) != "", os.Getenv(pair[1]) != ""
		switch {
		case first && !second:
			return SDKCredentials{}, "", fmt.Errorf("%s is set, but %s is not", pair[0], pair[1])
		case second && !first:
			return SDKCredentials{}, "", fmt.Errorf("%s is set, but %s is not", pair[1], pair[0])
		}
	}
	return SDKCredentials{}, "", nil
}

func sdkCredentialsOf(found *auth.BasicCredentials) SDKCredentials {
	return SDKCredentials{
		AccessKey: found.AK, SecretKey: found.SK, SecurityToken: found.SecurityToken,
		OIDC:      OIDC{IdentityProviderID: found.IdpId, IDTokenFile: found.IdTokenFile},
		ProjectID: found.ProjectId, AuthURL: found.IamEndpoint,
	}
}

// SDKCredentialsFile returns the credentials in the file that HUAWEICLOUD_SDK_CREDENTIALS_FILE
// names, by default ~/.huaweicloud/credentials, and what to call that file. The name is empty if
// there is no such file by default. A file that is asked for and cannot be used is an error.
func SDKCredentialsFile() (credentials SDKCredentials, name string, err error) {
	file, asked := os.LookupEnv(sdkFile)
	asked = asked && file != ""
	if !asked {
		file = "~/.huaweicloud/credentials"
	}
	name = "the credentials file " + file
	if asked {
		name += " (" + sdkFile + ")"
	}
	contents, err := readFile(file)
	if !asked && errors.Is(err, fs.ErrNotExist) {
		return SDKCredentials{}, "", nil
	}
	if err != nil {
		return SDKCredentials{}, "", fmt.Errorf("%s cannot be read: %w", name, err)
	}
	section, err := basicSection(contents)
	if err != nil {
		return SDKCredentials{}, "", fmt.Errorf("%s %w", name, err)
	}
	if !asked && len(section.Keys()) == 0 {
		return SDKCredentials{}, "", nil // it is there for something else
	}
	credentials, err = sdkCredentialsIn(section)
	if err != nil {
		return SDKCredentials{}, "", fmt.Errorf("%s %w", name, err)
	}
	return credentials, name, nil
}

// basicSection returns what the file has for services that live in projects, which the SDK calls
// basic.
func basicSection(contents []byte) (*ini.Section, error) {
	parsed, err := ini.Load(contents)
	if err != nil {
		// The parser's error repeats the line it does not understand, which may be a key.
		return nil, errors.New("is not an INI file")
	}
	return parsed.Section("basic"), nil
}

// sdkCredentialsIn reads the section as the SDK does: keys come before an identity of OIDC.
func sdkCredentialsIn(section *ini.Section) (SDKCredentials, error) {
	value := func(key string) string { return section.Key(key).String() }
	found := SDKCredentials{ProjectID: value("project_id"), AuthURL: value("iam_endpoint")}
	switch {
	case value("ak") != "" && value("sk") != "":
		found.AccessKey, found.SecretKey, found.SecurityToken = value("ak"), value("sk"), value("security_token")
	case value("idp_id") != "" && value("id_token_file") != "":
		found.OIDC = OIDC{IdentityProviderID: value("idp_id"), IDTokenFile: value("id_token_file")}
	default:
		return SDKCredentials{}, errors.New("has no complete credentials: its section [basic] needs ak and sk, " +
			"or idp_id and id_token_file")
	}
	return found, nil
}

// Apply returns the configuration with these credentials. Its project and its address of IAM stay
// if it has them.
func (s SDKCredentials) Apply(cfg Config) Config {
	cfg.AccessKey, cfg.SecretKey, cfg.SecurityToken, cfg.OIDC = s.AccessKey, s.SecretKey, s.SecurityToken, s.OIDC
	if cfg.ProjectName == "" {
		cfg.ProjectID = cmp.Or(cfg.ProjectID, s.ProjectID)
	}
	cfg.AuthURL = cmp.Or(cfg.AuthURL, s.AuthURL)
	return cfg
}
