package csms_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms"
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
		want      csms.SDKCredentials
		found     bool
	}{
		"none":         {nil, csms.SDKCredentials{}, false},
		"half":         {map[string]string{"AK": "a"}, csms.SDKCredentials{}, false},
		"keys":         {map[string]string{"AK": "a", "SK": "s"}, csms.SDKCredentials{AccessKey: "a", SecretKey: "s"}, true},
		"project":      {map[string]string{"AK": "a", "SK": "s", "PROJECT_ID": "p"}, csms.SDKCredentials{AccessKey: "a", SecretKey: "s", ProjectID: "p"}, true},
		"temporary":    {map[string]string{"AK": "a", "SK": "s", "SECURITY_TOKEN": "t"}, csms.SDKCredentials{AccessKey: "a", SecretKey: "s", SecurityToken: "t"}, true},
		"OIDC":         {map[string]string{"IDP_ID": "i", "ID_TOKEN_FILE": "f"}, csms.SDKCredentials{OIDC: csms.OIDC{IdentityProviderID: "i", IDTokenFile: "f"}}, true},
		"half of OIDC": {map[string]string{"IDP_ID": "i"}, csms.SDKCredentials{}, false},
	} {
		for variable, value := range sdkVariables(tt.variables) {
			t.Setenv(variable, value)
		}
		if got, found := csms.SDKEnvironment(); got != tt.want || found != tt.found {
			t.Errorf("%s: found %v", name, found)
		}
	}
}

func TestCredentialsFileOfTheSDK(t *testing.T) {
	t.Setenv("HUAWEICLOUD_SDK_CREDENTIALS_FILE", "")
	for name, tt := range map[string]struct {
		contents string
		want     csms.SDKCredentials
		found    bool
	}{
		"keys": {
			"[basic]\nak = a\nsk = s\nproject_id = p\niam_endpoint = https://iam.example\n[global]\nak = x\nsk = y\n",
			csms.SDKCredentials{AccessKey: "a", SecretKey: "s", ProjectID: "p", AuthURL: "https://iam.example"}, true,
		},
		"other section": {"[global]\nak = x\nsk = y\n", csms.SDKCredentials{}, false},
		"half":          {"[basic]\nak = a\n", csms.SDKCredentials{}, false},
		"empty":         {"", csms.SDKCredentials{}, false},
	} {
		t.Setenv("HUAWEICLOUD_SDK_CREDENTIALS_FILE", file(t, tt.contents))
		if got, found, err := csms.SDKCredentialsFile(); err != nil || got != tt.want || found != tt.found {
			t.Errorf("%s: found %v, %v", name, found, err)
		}
	}
}

func TestCredentialsFileOfTheSDKThatIsNotThereOrNotReadable(t *testing.T) {
	directory := t.TempDir()
	t.Setenv("HUAWEICLOUD_SDK_CREDENTIALS_FILE", filepath.Join(directory, "missing"))
	if _, found, err := csms.SDKCredentialsFile(); found || err != nil {
		t.Errorf("a missing file: %v, %v", found, err)
	}
	t.Setenv("HUAWEICLOUD_SDK_CREDENTIALS_FILE", directory)
	if _, found, err := csms.SDKCredentialsFile(); found || err == nil {
		t.Errorf("a directory: %v, %v", found, err)
	}
	garbled := filepath.Join(directory, "garbled")
	if err := os.WriteFile(garbled, []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HUAWEICLOUD_SDK_CREDENTIALS_FILE", garbled)
	if _, found, err := csms.SDKCredentialsFile(); found || err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a file of another kind: %v, %v", found, err)
	}
}

func TestCredentialsOfTheSDKSignIn(t *testing.T) {
	t.Parallel()
	s := newIdentityService(t)
	keys := csms.SDKCredentials{AccessKey: s.config.AccessKey, SecretKey: s.config.SecretKey, ProjectID: s.config.ProjectID, AuthURL: s.url}
	oidc := csms.SDKCredentials{OIDC: csms.OIDC{IdentityProviderID: "ci", IDTokenFile: file(t, "id-token")}, AuthURL: s.url}
	for source, credentials := range map[string]csms.SDKCredentials{"access key": keys, "OIDC identity": oidc} {
		client := newClient(t, credentials.Apply(csms.Config{Region: s.config.Region, Endpoint: s.url}))
		if _, err := client.GetSecret(t.Context(), "db"); err != nil || client.CredentialSource() != source {
			t.Errorf("signed in by %q: %v", client.CredentialSource(), err)
		}
	}
	kept := keys.Apply(csms.Config{ProjectID: "mine", AuthURL: "https://mine.example"})
	if kept.ProjectID != "mine" || kept.AuthURL != "https://mine.example" {
		t.Errorf("the configuration lost: %q, %q", kept.ProjectID, kept.AuthURL)
	}
}
