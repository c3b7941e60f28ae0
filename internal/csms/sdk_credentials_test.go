package csms_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

// sdkVariables are the environment variables of the SDK as a test wants them: those that are not given are empty.
func sdkVariables(given map[string]string) map[string]string {
	variables := map[string]string{}
	for _, name := range []string{"AK", "SK", "SECURITY_TOKEN", "PROJECT_ID", "DOMAIN_ID", "IDP_ID", "ID_TOKEN_FILE", "CREDENTIALS_FILE"} {
		variables["HUAWEICLOUD_SDK_"+name] = given[name]
	}
	return variables
}

func TestCredentialsInTheEnvironmentOfTheSDK(t *testing.T) {
	t.Setenv("HUAWEICLOUD_SDK_AK", "")
	for name, tt := range map[string]struct {
		variables map[string]string
		want      huaweicloud.SDKCredentials
		found     bool
	}{
		"none":  {nil, huaweicloud.SDKCredentials{}, false},
		"token": {map[string]string{"SECURITY_TOKEN": "of another login"}, huaweicloud.SDKCredentials{}, false},
		"keys":  {map[string]string{"AK": "a", "SK": "s"}, huaweicloud.SDKCredentials{AccessKey: "a", SecretKey: "s"}, true},
		"project": {
			map[string]string{"AK": "a", "SK": "s", "PROJECT_ID": "p"},
			huaweicloud.SDKCredentials{AccessKey: "a", SecretKey: "s", ProjectID: "p"}, true,
		},
		"temporary": {
			map[string]string{"AK": "a", "SK": "s", "SECURITY_TOKEN": "t"},
			huaweicloud.SDKCredentials{AccessKey: "a", SecretKey: "s", SecurityToken: "t"}, true,
		},
		"OIDC": {
			map[string]string{"IDP_ID": "i", "ID_TOKEN_FILE": "f"},
			huaweicloud.SDKCredentials{OIDC: huaweicloud.OIDC{IdentityProviderID: "i", IDTokenFile: "f"}}, true,
		},
	} {
		for variable, value := range sdkVariables(tt.variables) {
			t.Setenv(variable, value)
		}
		if got, from, err := huaweicloud.SDKEnvironment(); err != nil || got != tt.want || (from != "") != tt.found {
			t.Errorf("%s: found %q, %v", name, from, err)
		}
	}
}

func TestHalfGivenCredentialsInTheEnvironmentOfTheSDKNameTheOtherHalf(t *testing.T) {
	t.Setenv("HUAWEICLOUD_SDK_AK", "")
	for given, missing := range map[string]string{"AK": "SK", "SK": "AK", "IDP_ID": "ID_TOKEN_FILE", "ID_TOKEN_FILE": "IDP_ID"} {
		for variable, value := range sdkVariables(map[string]string{given: "hunter2"}) {
			t.Setenv(variable, value)
		}
		want := "HUAWEICLOUD_SDK_" + given + " is set, but HUAWEICLOUD_SDK_" + missing + " is not"
		if _, from, err := huaweicloud.SDKEnvironment(); from != "" || err == nil || err.Error() != want {
			t.Errorf("%s alone: found %q, %v", given, from, err)
		}
	}
}

const credentialsFile = "[basic]\nak = a\nsk = s\nproject_id = p\niam_endpoint = https://iam.example\n[global]\nak = x\nsk = y\n"

func TestCredentialsFileOfTheSDK(t *testing.T) {
	home := inHome(t, ".huaweicloud/credentials", credentialsFile)
	byDefault := "the credentials file ~/.huaweicloud/credentials"
	path := filepath.Join(home, ".huaweicloud", "credentials")
	want := huaweicloud.SDKCredentials{AccessKey: "a", SecretKey: "s", ProjectID: "p", AuthURL: "https://iam.example"}
	for variable, name := range map[string]string{
		"":                           byDefault,
		path:                         "the credentials file " + path + " (HUAWEICLOUD_SDK_CREDENTIALS_FILE)",
		"~/.huaweicloud/credentials": byDefault + " (HUAWEICLOUD_SDK_CREDENTIALS_FILE)",
	} {
		t.Setenv("HUAWEICLOUD_SDK_CREDENTIALS_FILE", variable)
		got, gotName, err := huaweicloud.SDKCredentialsFile()
		if err != nil || got != want || gotName != name {
			t.Errorf("variable %q: %q, %v", variable, gotName, err)
		}
	}
	t.Setenv("HUAWEICLOUD_SDK_CREDENTIALS_FILE", file(t, "[basic]\nidp_id = i\nid_token_file = ~/f\n"))
	want = huaweicloud.SDKCredentials{OIDC: huaweicloud.OIDC{IdentityProviderID: "i", IDTokenFile: "~/f"}}
	if got, _, err := huaweicloud.SDKCredentialsFile(); err != nil || got != want {
		t.Errorf("OIDC: %v", err)
	}
}

func TestCredentialsFileThatIsAskedForAndCannotBeUsedIsAnError(t *testing.T) {
	t.Setenv("HUAWEICLOUD_SDK_CREDENTIALS_FILE", "")
	inHome(t, ".huaweicloud/credentials", credentialsFile)
	missing := filepath.Join(t.TempDir(), "missing")
	for name, tt := range map[string]struct{ file, says string }{
		"missing":                      {missing, "no such file"},
		"missing in home directory":    {"~/missing", "no such file"},
		"home directory":               {"~", "is a directory"},
		"directory":                    {t.TempDir(), "is a directory"},
		"empty":                        {file(t, ""), "has no complete credentials"},
		"other section":                {file(t, "[global]\nak = hunter2\nsk = hunter2\n"), "[basic]"},
		"access key without secret":    {file(t, "[basic]\nak = hunter2\n"), "needs ak and sk"},
		"secret key without its key":   {file(t, "[basic]\nsk = hunter2\n"), "needs ak and sk"},
		"half of OIDC":                 {file(t, "[basic]\nidp_id = hunter2\n"), "idp_id and id_token_file"},
		"file of another kind":         {file(t, "hunter2"), "is not an INI file"},
		"UTF-16, as PowerShell writes": {file(t, "\xff\xfe[\x00b\x00"), "save it as UTF-8"},
	} {
		t.Setenv("HUAWEICLOUD_SDK_CREDENTIALS_FILE", tt.file)
		_, found, err := huaweicloud.SDKCredentialsFile()
		if err == nil || found != "" {
			t.Errorf("%s: found %q, %v", name, found, err)
			continue
		}
		for _, want := range []string{tt.file, "HUAWEICLOUD_SDK_CREDENTIALS_FILE", tt.says} {
			if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s: %q is missing, or too much is told: %v", name, want, err)
			}
		}
	}
}

func TestCredentialsFileByDefaultIsOptionalButNotHalf(t *testing.T) {
	t.Setenv("HUAWEICLOUD_SDK_CREDENTIALS_FILE", "")
	for name, tt := range map[string]struct {
		contents string
		refused  bool
	}{
		"empty":         {"", false},
		"other section": {"[global]\nak = x\nsk = y\n", false},
		"half":          {"[basic]\nak = a\n", true},
	} {
		inHome(t, ".huaweicloud/credentials", tt.contents)
		if _, found, err := huaweicloud.SDKCredentialsFile(); found != "" || (err != nil) != tt.refused {
			t.Errorf("%s: found %q, %v", name, found, err)
		}
	}
	inHome(t, "something-else", "")
	if _, found, err := huaweicloud.SDKCredentialsFile(); found != "" || err != nil {
		t.Errorf("missing: found %q, %v", found, err)
	}
}

func TestCredentialsOfTheSDKSignIn(t *testing.T) {
	t.Parallel()
	s := newIdentityService(t)
	keys := huaweicloud.SDKCredentials{AccessKey: s.config.AccessKey, SecretKey: s.config.SecretKey, ProjectID: s.config.ProjectID, AuthURL: s.url}
	oidc := huaweicloud.SDKCredentials{OIDC: huaweicloud.OIDC{IdentityProviderID: "ci", IDTokenFile: file(t, "id-token")}, AuthURL: s.url}
	for source, credentials := range map[string]huaweicloud.SDKCredentials{"access key": keys, "OIDC identity": oidc} {
		client := newClient(t, credentials.Apply(huaweicloud.Config{Region: s.config.Region, Endpoint: s.url}))
		if _, err := client.GetSecret(t.Context(), "db"); err != nil || client.CredentialSource() != source {
			t.Errorf("signed in by %q: %v", client.CredentialSource(), err)
		}
	}
	named := keys.Apply(huaweicloud.Config{ProjectName: "mine"})
	if named.ProjectID != "" {
		t.Errorf("the project %s took the place of the one that is named", named.ProjectID)
	}
	kept := keys.Apply(huaweicloud.Config{ProjectID: "mine", AuthURL: "https://mine.example"})
	if kept.ProjectID != "mine" || kept.AuthURL != "https://mine.example" {
		t.Errorf("the configuration lost: %q, %q", kept.ProjectID, kept.AuthURL)
	}
}
