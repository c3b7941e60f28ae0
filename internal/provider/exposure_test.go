package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const unencrypted = "Credentials are sent unencrypted"

func TestProvider_PlainHTTPToAnotherMachineIsWarnedOf(t *testing.T) {
	t.Parallel()
	fromServer := map[string]any{"region": "cn-north-4"} // the metadata service is asked
	withKeys := withAll(fromServer, byAccessKey)
	for name, tt := range map[string]struct {
		settings  map[string]any
		attribute string
		address   any
		host      string // "" if there is nothing to warn of
	}{
		"endpoint":                       {withKeys, "endpoint", "http://kms.example", "kms.example"},
		"endpoint of each region":        {withKeys, "endpoint", "http://kms.{region}.example", "kms.cn-north-4.example"},
		"endpoint after a blank":         {withKeys, "endpoint", " http://kms.example", "kms.example"},
		"endpoint in capitals":           {withKeys, "endpoint", "HTTP://KMS.example:8080/path", "KMS.example"},
		"endpoint on the link":           {withKeys, "endpoint", "http://169.254.1.1", "169.254.1.1"},
		"endpoint by TLS":                {withKeys, "endpoint", "https://kms.example", ""},
		"endpoint without a scheme":      {withKeys, "endpoint", "kms.example", ""},
		"endpoint on this machine":       {withKeys, "endpoint", "http://127.0.0.1:8440", ""},
		"endpoint on this machine, IPv6": {withKeys, "endpoint", "http://[::1]:8440", ""},
		"endpoint on this machine, name": {withKeys, "endpoint", "http://localhost:8440/{region}", ""},
		"name of this machine":           {withKeys, "endpoint", "http://mock.localhost:8440", ""},
		"name like this machine's":       {withKeys, "endpoint", "http://localhost.example", "localhost.example"},
		"auth_url":                       {withKeys, "auth_url", "http://iam.example/v3", "iam.example"},
		"auth_url of each region":        {withKeys, "auth_url", "http://iam.{region}.example/v3", "iam.cn-north-4.example"},
		"auth_url after a blank":         {withKeys, "auth_url", "\thttp://iam.example/v3 ", "iam.example"},
		"auth_url on this machine":       {withKeys, "auth_url", "http://127.0.0.1:8440/v3", ""},
		"metadata_url":                   {fromServer, "metadata_url", "http://metadata.example", "metadata.example"},
		"metadata_url of each region":    {fromServer, "metadata_url", " http://metadata.{region}.example", "metadata.cn-north-4.example"},
		"metadata_url that is not asked": {withKeys, "metadata_url", "http://metadata.example", ""},
		"metadata_url on this machine":   {fromServer, "metadata_url", "http://127.0.0.1:8440", ""},
		"metadata_url on the link":       {fromServer, "metadata_url", "http://169.254.169.254", ""},
		"metadata_url on the link, IPv6": {fromServer, "metadata_url", "http://[fe80::a9fe:a9fe]", ""},
		"metadata service by default":    {fromServer, "cloud", "cloud.example", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			diagnostics := newUnconfiguredTFServer(t).configure(with(tt.settings, tt.attribute, tt.address))
			got := warningsOf(diagnostics)
			if errorsOf(diagnostics) != "" {
				t.Fatal(errorsOf(diagnostics))
			}
			if tt.host == "" {
				if got != "" {
					t.Errorf("there is nothing to warn of: %s", got)
				}
				return
			}
			assertContains(t, got, unencrypted, tt.attribute+" is plain http to "+tt.host+":")
			if len(diagnostics) != 1 || !strings.Contains(diagnostics[0].Attribute.String(), tt.attribute) {
				t.Errorf("%d warnings, the first at %s", len(diagnostics), diagnostics[0].Attribute)
			}
		})
	}
}

func TestProvider_PlainHTTPIsJudgedInTheRegionOfTheProfile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "config.json")
	content := `{"current":"p","profiles":[{"name":"p","mode":"ecsAgency","region":"cn-south-1"}]}`
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	got := warningsOf(newUnconfiguredTFServer(t).configure(map[string]any{
		"shared_config_file": file, "endpoint": "http://kms.{region}.example", "metadata_url": "http://metadata.example",
	}))
	assertContains(t, got, "endpoint is plain http to kms.cn-south-1.example", "metadata_url is plain http to metadata.example")
}

func TestProvider_UnverifiedCertificatesAreWarnedOf(t *testing.T) {
	t.Parallel()
	got := warningsOf(newUnconfiguredTFServer(t).configure(with(newMock(t).settings(), "insecure", true)))
	assertContains(t, got, "TLS certificates are not verified", "cacert_file")
}
