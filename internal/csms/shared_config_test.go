package csms_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

const sharedConfig = `{"current":"plain","authEncrypt":"false","profiles":[
	{"name":"plain","mode":"AKSK","accessKeyId":"mock-access-key","secretAccessKey":"mock-secret-key","region":"cn-north-4",
	 "projectId":"0123456789abcdef0123456789abcdef","domainId":"fedcba9876543210fedcba9876543210","securityToken":""},
	{"name":"old","accessKeyId":"mock-access-key","secretAccessKey":"mock-secret-key","region":"cn-north-4"},
	{"name":"agency","mode":"agency","accessKeyId":"mock-access-key","secretAccessKey":"mock-secret-key","region":"cn-north-4",
	 "agencyName":"rotator","agencyDomainName":"other-domain"},
	{"name":"sso","mode":"SSO","region":"cn-north-4","ssoAuth":{"stsToken":
	 {"accessKeyId":"temporary","secretAccessKey":"secret","securityToken":"security-token"}}},
	{"name":"server","mode":"ecsAgency","region":"cn-north-4"},
	{"name":"keys after agency","mode":"AKSK","accessKeyId":"mock-access-key","secretAccessKey":"mock-secret-key","region":"cn-north-4",
	 "agencyName":"rotator","agencyDomainName":"other-domain"},
	{"name":"sso after agency","mode":"SSO","region":"cn-north-4","agencyName":"rotator","agencyDomainName":"other-domain",
	 "ssoAuth":{"stsToken":{"accessKeyId":"temporary","secretAccessKey":"secret","securityToken":"security-token"}}},
	{"name":"server after agency","mode":"ecsAgency","region":"cn-north-4","agencyName":"rotator","agencyDomainName":"other-domain"},
	{"name":"agency without name","mode":"agency","accessKeyId":"mock-access-key","secretAccessKey":"mock-secret-key",
	 "agencyDomainName":"other-domain"},
	{"name":"token","mode":"token","region":"cn-north-4"},
	{"name":"empty","mode":"AKSK"},
	{"name":"encrypted","mode":"AKSK","accessKeyId":"qL3xN0+hunter2/Zz==","secretAccessKey":"x"}]}`

func TestProfilesOfTheSharedConfigurationSignIn(t *testing.T) {
	t.Parallel()
	path := file(t, sharedConfig)
	for profile, source := range map[string]string{
		"": "access key", "plain": "access key", "old": "access key", "sso": "temporary access key",
		"agency": "agency rotator, assumed with access key", "server": "metadata of the cloud server",
		"keys after agency": "access key", "sso after agency": "temporary access key", "server after agency": "metadata of the cloud server",
	} {
		t.Run("profile "+profile, func(t *testing.T) {
			t.Parallel()
			s := newIdentityService(t, csmstest.WithTemporaryCredentials("temporary", "secret", "security-token"))
			read, err := huaweicloud.ReadSharedConfig(path, profile)
			if err != nil {
				t.Fatal(err)
			}
			s.config.Region, s.config.AccessKey, s.config.SecretKey, s.config.ProjectID = "", "", "", ""
			client := newClient(t, read.Apply(s.config))
			if _, err := client.GetSecret(t.Context(), "db"); err != nil || client.CredentialSource() != source {
				t.Errorf("signed in by %q: %v", client.CredentialSource(), err)
			}
		})
	}
}

func TestConfigurationWinsOverTheProfileExceptForCredentials(t *testing.T) {
	t.Parallel()
	profile, err := huaweicloud.ReadSharedConfig(file(t, sharedConfig), "plain")
	if err != nil {
		t.Fatal(err)
	}
	got := profile.Apply(huaweicloud.Config{Region: "r", ProjectID: "p", DomainID: "d", AccessKey: "a", SecretKey: "s", SecurityToken: "t"})
	if got.Region != "r" || got.ProjectID != "p" || got.DomainID != "d" {
		t.Errorf("the configuration lost to the profile: %q, %q, %q", got.Region, got.ProjectID, got.DomainID)
	}
	if got.AccessKey != "mock-access-key" || got.SecurityToken != "" {
		t.Errorf("the credentials are mixed: %q", got.AccessKey)
	}
	for name, cfg := range map[string]huaweicloud.Config{"another region": {Region: "r"}, "project by name": {ProjectName: "n"}} {
		if got := profile.Apply(cfg).ProjectID; got != "" {
			t.Errorf("%s: the project is %q, which is the profile's for its own region", name, got)
		}
	}
	if got := profile.Apply(huaweicloud.Config{}); got.ProjectID != csmstest.DefaultProjectID {
		t.Errorf("the project is %q, not the profile's", got.ProjectID)
	}
	if profile.Name != "plain" || profile.Region != "cn-north-4" || profile.DomainID != csmstest.DefaultDomainID {
		t.Errorf("got %q, %q, %q", profile.Name, profile.Region, profile.DomainID)
	}
}

func TestSharedConfigurationThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	const decrypt = "hcloud configure set --cli-auth-encrypt=false"
	encrypted := strings.Replace(sharedConfig, `"authEncrypt":"false"`, `"authEncrypt":"true"`, 1)
	for name, tt := range map[string]struct {
		contents, profile string
		want              []string
	}{
		"encrypted":             {encrypted, "plain", []string{decrypt, "plain"}},
		"encrypted, as boolean": {strings.Replace(encrypted, `"true"`, `true`, 1), "plain", []string{decrypt}},
		"encrypted, not noted":  {sharedConfig, "encrypted", []string{decrypt}},
		"unknown profile":       {sharedConfig, "nobody", []string{`"nobody"`, "plain, old, agency"}},
		"unsupported mode":      {sharedConfig, "token", []string{"token", "AKSK"}},
		"agency without name":   {sharedConfig, "agency without name", []string{"agency", "agencyName"}},
		"no keys":               {sharedConfig, "empty", []string{"no access key"}},
		"not JSON":              {"accessKeyId=hunter2", "", []string{"KooCLI"}},
		"other JSON":            {`{"profiles":"hunter2"}`, "", []string{"KooCLI"}},
		"no profiles":           {`{}`, "", []string{"no profile"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := huaweicloud.ReadSharedConfig(file(t, tt.contents), tt.profile)
			if err == nil {
				t.Fatal("accepted")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is missing in: %v", want, err)
				}
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("a secret is told: %v", err)
			}
		})
	}
	if _, err := huaweicloud.ReadSharedConfig(filepath.Join(t.TempDir(), "missing.json"), ""); err == nil || !strings.Contains(err.Error(), "missing.json") {
		t.Errorf("a missing file: %v", err)
	}
}

func TestEncryptedFileStillSaysWhichAgencyAServerHas(t *testing.T) {
	t.Parallel()
	encrypted := strings.Replace(sharedConfig, `"authEncrypt":"false"`, `"authEncrypt":"true"`, 1)
	if _, err := huaweicloud.ReadSharedConfig(file(t, encrypted), "server"); err != nil {
		t.Errorf("a profile without keys: %v", err)
	}
}

func TestSharedConfigurationInTheHomeDirectory(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	if err := os.Mkdir(filepath.Join(home, ".hcloud"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, ".hcloud", "config.json"), []byte(sharedConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", "~/.hcloud/config.json"} {
		if got, err := huaweicloud.ReadSharedConfig(path, ""); err != nil || got.Name != "plain" {
			t.Errorf("file %q: %v, %v", path, got.Name, err)
		}
	}
}
