package csms_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/test/bufconn"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

func TestRequestsArePaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newBubbleService(t)
		s.config.MaxRequestsPerSecond = 100
		client, started := s.client(t), time.Now()
		concurrently(21, func(int) {
			if _, err := client.GetSecret(t.Context(), "db"); err != nil {
				t.Error(err)
			}
		})
		if took := time.Since(started); took != 200*time.Millisecond {
			t.Errorf("21 requests took %s", took)
		}
	})
}

func TestRegionsShareOnePace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newBubbleService(t)
		s.config.Endpoint, s.config.MaxRequestsPerSecond = s.url+"/{region}", 20
		client := s.client(t)
		other, err := client.InRegion("cn-south-1")
		if err != nil {
			t.Fatal(err)
		}
		started := time.Now()
		for _, c := range []*csms.Client{client, other, client, other} {
			if _, err := c.GetSecret(t.Context(), "db"); err == nil {
				t.Error("there is a service at this path")
			}
		}
		if took := time.Since(started); took != 150*time.Millisecond {
			t.Errorf("4 requests to 2 regions took %s", took)
		}
	})
}

func TestPaceEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newBubbleService(t)
		s.config.MaxRequestsPerSecond = 0.001
		client, started := s.acquainted(t), time.Now()
		expectEnd := func(err, want error) {
			t.Helper()
			if e := errorOf(t, err); !errors.Is(err, want) || e.Attempts != 0 || time.Since(started) > 0 {
				t.Errorf("after %s and %d attempts: %v", time.Since(started), e.Attempts, err)
			}
		}
		short, cancelShort := context.WithTimeout(t.Context(), time.Minute)
		defer cancelShort()
		_, err := client.GetSecret(short, "db")
		expectEnd(err, context.DeadlineExceeded)

		interrupted, interrupt := context.WithCancel(t.Context())
		failed := make(chan error, 1)
		go func() { _, err := client.GetSecret(interrupted, "db"); failed <- err }()
		synctest.Wait()
		interrupt()
		expectEnd(<-failed, context.Canceled)
		if n := len(s.Requests()); n != 1 {
			t.Errorf("%d requests", n)
		}
	})
}

// clientCertificate makes a certificate and its key, in PEM form.
func clientCertificate(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed})),
		string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: encoded}))
}

func file(t *testing.T, contents string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file.pem")
	if err := os.WriteFile(name, []byte(contents), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestClientCertificateIsPresented(t *testing.T) {
	t.Parallel()
	s := newService(t)
	listener := httptest.NewUnstartedServer(s)
	listener.TLS = &tls.Config{MinVersion: tls.VersionTLS12, ClientAuth: tls.RequireAnyClientCert}
	listener.Config.ErrorLog = discardLog()
	listener.StartTLS()
	t.Cleanup(listener.Close)
	s.config.Endpoint = listener.URL
	s.config.CACertFile = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: listener.Certificate().Raw}))
	certificate, key := clientCertificate(t)
	for name, give := range map[string]func(string) string{
		"contents": func(contents string) string { return contents },
		"files":    func(contents string) string { return file(t, contents) },
	} {
		cfg := s.config
		cfg.ClientCertFile, cfg.ClientKeyFile = give(certificate), give(key)
		if _, err := newClient(t, cfg).GetSecret(t.Context(), "db"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := s.client(t).GetSecret(t.Context(), "db")
	if e := errorOf(t, err); e.Attempts != 1 || e.StatusCode != 0 {
		t.Errorf("without a certificate, %d attempts: %v", e.Attempts, err)
	}
}

func TestClientCertificateThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	certificate, key := clientCertificate(t)
	_, another := clientCertificate(t)
	for name, pair := range map[string][2]string{
		"no key": {certificate, ""}, "no certificate": {"", key}, "another's key": {certificate, another},
		"no such certificate": {"/no/such/file", key}, "no such key": {certificate, "/no/such/file"},
	} {
		cfg := configFor("https://kms.example")
		cfg.ClientCertFile, cfg.ClientKeyFile = pair[0], pair[1]
		_, err := csms.New(cfg)
		if err == nil || !strings.Contains(err.Error(), "client certificate") || strings.Contains(err.Error(), "PRIVATE") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestKeyInPlaceOfAPathIsNeverTold(t *testing.T) {
	t.Parallel()
	certificate, key := clientCertificate(t)
	block, _ := pem.Decode([]byte(key))
	encoded := base64.StdEncoding.EncodeToString([]byte(key))
	for form, secret := range map[string]string{
		"base64 of the PEM":      encoded,
		"base64 in lines":        encoded[:76] + "\n" + encoded[76:],
		"base64 without padding": base64.RawStdEncoding.EncodeToString([]byte(key)),
		"base64 for URLs":        base64.URLEncoding.EncodeToString([]byte(key)),
		"base64 of the DER":      base64.StdEncoding.EncodeToString(block.Bytes),
		"short base64":           "MC4CAQAwBQYDK2VwBCIEIGhN/Sg7wzRXkNUTO0PPFHSVg14m1p6mcOkp5lbtCQ4v",
		"hexadecimal digits":     hex.EncodeToString(block.Bytes),
		"with a NUL":             encoded + "\x00",
	} {
		for setting, give := range map[string]func(*csms.Config){
			"cert":        func(c *csms.Config) { c.ClientCertFile, c.ClientKeyFile = secret, key },
			"key":         func(c *csms.Config) { c.ClientCertFile, c.ClientKeyFile = certificate, secret },
			"cacert_file": func(c *csms.Config) { c.CACertFile = secret },
		} {
			cfg := configFor("https://kms.example")
			give(&cfg)
			_, err := csms.New(cfg)
			if err == nil || !strings.Contains(err.Error(), ": "+setting+": ") || !strings.Contains(err.Error(), "PEM file") {
				t.Errorf("%s as %s: %v", form, setting, err)
			}
			if err != nil && strings.Contains(err.Error(), secret[:20]) {
				t.Errorf("%s as %s is told: %v", form, setting, err)
			}
		}
	}
}

func TestPathOfAMissingPEMFileIsTold(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		"/run/secrets/no-such-key", "no-such-key.pem", "./no-such-key", "../no/such/key", "~/no-such-key.pem", `C:\no such\key.pem`, "certs/no-such/tls.key",
	} {
		cfg := configFor("https://kms.example")
		cfg.CACertFile = path
		if _, err := csms.New(cfg); err == nil || !strings.Contains(err.Error(), strings.TrimPrefix(filepath.Clean(path), "~")) || !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestHTTP2IsSpokenWhereItIsOffered(t *testing.T) {
	t.Parallel()
	for _, offered := range []bool{false, true} {
		protocols := make(chan int, 1)
		listener := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			protocols <- r.ProtoMajor
			_, _ = io.WriteString(w, `{"stage":{"version_id":"v1"}}`)
		}))
		listener.EnableHTTP2 = offered
		listener.StartTLS()
		t.Cleanup(listener.Close)
		cfg := configFor(listener.URL)
		cfg.CACertFile = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: listener.Certificate().Raw}))
		if _, err := newClient(t, cfg).GetStage(t.Context(), "db", "GREEN"); err != nil {
			t.Fatal(err)
		}
		if got := <-protocols; (got == 2) != offered {
			t.Errorf("spoke HTTP/%d, offered HTTP/2: %v", got, offered)
		}
	}
}

// mutable is a connection that a firewall can drop without a word: what is written to it then gets lost.
type mutable struct {
	net.Conn
	mute *atomic.Bool
}

func (c mutable) Write(p []byte) (int, error) {
	if c.mute.Load() {
		return len(p), nil
	}
	return c.Conn.Write(p)
}

func TestConnectionThatWasSilentlyDroppedIsNoticedByPings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		memory := bufconn.Listen(64 << 10)
		s := newServiceOn(t, memory, (*httptest.Server).StartTLS)
		dropped, dials := new(atomic.Bool), 0
		csms.SetDial(&s.config, func(ctx context.Context) (net.Conn, error) {
			conn, err := memory.DialContext(ctx)
			if dials++; dials == 1 {
				conn = mutable{conn, dropped}
			}
			return conn, err
		})
		s.config.Insecure, s.config.AttemptTimeout = true, time.Hour
		client := s.acquainted(t)
		dropped.Store(true)
		started := time.Now()
		if _, err := client.GetSecret(t.Context(), "db"); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(started); dials != 2 || took < 15*time.Second || took > 16*time.Second {
			t.Errorf("answered after %s, on connection %d; want 15 s and a new connection", took, dials)
		}
	})
}
