package csms_test

import (
	"crypto/tls"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

const byteOrderMark = "\xef\xbb\xbf"

// inHome makes a new home directory with one file in it.
func inHome(t *testing.T, name, contents string) (home string) {
	t.Helper()
	home = t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	writeTo(t, filepath.Join(home, filepath.FromSlash(name)), contents)
	return home
}

func writeTo(t *testing.T, path, contents string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(contents), 0o600); err != nil {
		t.Fatal(err)
	}
}

// newTLSService wants a certificate of the client, and has one that the system does not trust.
func newTLSService(t *testing.T) (s *service, certificate string) {
	t.Helper()
	s = newService(t, csmstest.WithIdentityProvider("ci", "id-token"))
	listener := httptest.NewUnstartedServer(s)
	listener.TLS = &tls.Config{MinVersion: tls.VersionTLS12, ClientAuth: tls.RequireAnyClientCert}
	listener.Config.ErrorLog = discardLog()
	listener.StartTLS()
	t.Cleanup(listener.Close)
	s.config.Endpoint, s.config.AuthURL = listener.URL, listener.URL
	return s, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: listener.Certificate().Raw}))
}

func TestEverySettingThatNamesAFileKnowsTheHomeDirectoryAndByteOrderMarks(t *testing.T) {
	s, authority := newTLSService(t)
	certificate, key := clientCertificate(t)
	home := inHome(t, "ca.pem", byteOrderMark+authority)
	for name, contents := range map[string]string{
		"cert.pem": certificate, "key.pem": key, "id-token": "id-token\n", "hcloud.json": sharedConfig,
		"credentials": "[basic]\nak = mock-access-key\nsk = mock-secret-key\n",
	} {
		writeTo(t, filepath.Join(home, name), byteOrderMark+contents)
	}
	t.Setenv("HUAWEICLOUD_SDK_CREDENTIALS_FILE", "~/credentials")
	s.config.CACertFile, s.config.ClientCertFile, s.config.ClientKeyFile = "~/ca.pem", "~/cert.pem", "~/key.pem"
	profile, err := huaweicloud.ReadSharedConfig("~/hcloud.json", "")
	if err != nil {
		t.Fatal(err)
	}
	credentials, _, err := huaweicloud.SDKCredentialsFile()
	if err != nil {
		t.Fatal(err)
	}
	withIDTokenFile := s.config
	withOIDC(&withIDTokenFile)
	withIDTokenFile.OIDC = huaweicloud.OIDC{IdentityProviderID: "ci", IDTokenFile: "~/id-token"}
	for name, cfg := range map[string]huaweicloud.Config{
		"shared_config_file": profile.Apply(s.config), "credentials file": credentials.Apply(s.config), "id_token_file": withIDTokenFile,
	} {
		if _, err := newClient(t, cfg).GetSecret(t.Context(), "db"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNoCertificateOfABundleIsLost(t *testing.T) {
	t.Parallel()
	s, authority := newTLSService(t)
	other, key := clientCertificate(t)
	s.config.ClientCertFile, s.config.ClientKeyFile = other, key
	for name, bundle := range map[string]string{
		"with a mark":               byteOrderMark + authority,
		"with a mark, contents":     byteOrderMark + authority + other,
		"files put together":        byteOrderMark + other + byteOrderMark + authority,
		"comments between":          "# ours\n" + authority + "# theirs\n" + other,
		"with Windows' line breaks": strings.ReplaceAll(byteOrderMark+authority, "\n", "\r\n"),
	} {
		for form, given := range map[string]string{"file": file(t, bundle), "contents": bundle} {
			s.config.CACertFile = given
			if _, err := s.client(t).GetSecret(t.Context(), "db"); err != nil {
				t.Errorf("%s, %s: %v", name, form, err)
			}
		}
	}
}

func TestBundleWithACertificateThatCannotBeReadIsRefused(t *testing.T) {
	t.Parallel()
	one, _ := clientCertificate(t)
	for name, tt := range map[string]struct{ bundle, says string }{
		"in one line with text": {"CA: " + one + one, "only 1 of the 2 CA certificates"},
		"broken off":            {one + one[:len(one)/2], "only 1 of the 2 CA certificates"},
		"none":                  {"-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n", "no certificate"},
	} {
		cfg := configFor("https://kms.example")
		cfg.CACertFile = tt.bundle
		if _, err := csms.New(cfg); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFileInUTF16SaysSo(t *testing.T) {
	t.Parallel()
	for _, mark := range []string{"\xff\xfe", "\xfe\xff"} {
		cfg := configFor("https://kms.example")
		cfg.CACertFile = file(t, mark+"-\x00-\x00")
		if _, err := csms.New(cfg); err == nil || !strings.Contains(err.Error(), "save it as UTF-8") {
			t.Errorf("cacert_file: %v", err)
		}
		if _, err := huaweicloud.ReadSharedConfig(file(t, mark+"{\x00"), ""); err == nil || !strings.Contains(err.Error(), "save it as UTF-8") {
			t.Errorf("shared_config_file: %v", err)
		}
	}
}

func TestHomeDirectoryOfSomebodyElseIsNotExpanded(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	if _, err := huaweicloud.ReadSharedConfig("~root/config.json", ""); err == nil || !strings.Contains(err.Error(), "~root/config.json") {
		t.Errorf("got %v", err)
	}
}
