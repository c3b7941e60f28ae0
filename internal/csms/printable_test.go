package csms_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

// dangerous are texts that a terminal obeys, or that make a line look like another one.
func dangerous() []string {
	return []string{
		"\x1b[2Jv9", "v9\x1b]0;title\a", "v9\r\nError: forged", "v9\b\b", "v9\u009b31m", "v9\u202e1v", "v9\u2028", strings.Repeat("v", 501),
	}
}

func isPrintable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

func TestNamesThatATerminalObeysAreNoAnswer(t *testing.T) {
	t.Parallel()
	version := func(change map[string]any) map[string]any {
		v := map[string]any{"id": "v1", "secret_name": "db", "kms_key_id": "key", "create_time": 1, "version_stages": []string{"GREEN"}}
		maps.Copy(v, change)
		return map[string]any{"version_metadatas": []any{v}}
	}
	listVersions := func(ctx context.Context, c *csms.Client) error { _, err := c.ListVersions(ctx, "db"); return err }
	getStage := func(ctx context.Context, c *csms.Client) error { _, err := c.GetStage(ctx, "db", "GREEN"); return err }
	listSecrets := func(ctx context.Context, c *csms.Client) error { _, err := c.ListSecrets(ctx); return err }
	for name, tt := range map[string]struct {
		body func(text string) any
		call func(context.Context, *csms.Client) error
	}{
		"version":            {func(s string) any { return version(map[string]any{"id": s}) }, listVersions},
		"key":                {func(s string) any { return version(map[string]any{"kms_key_id": s}) }, listVersions},
		"stage of a version": {func(s string) any { return version(map[string]any{"version_stages": []string{"GREEN", s}}) }, listVersions},
		"another secret":     {func(s string) any { return version(map[string]any{"secret_name": s}) }, listVersions},
		"stage's version": {
			func(s string) any { return map[string]any{"stage": map[string]any{"name": "GREEN", "version_id": s}} }, getStage,
		},
		"stage": {
			func(s string) any { return map[string]any{"stage": map[string]any{"name": s, "version_id": "v1"}} }, getStage,
		},
		"secret": {func(s string) any { return map[string]any{"secrets": []any{map[string]any{"name": s}}} }, listSecrets},
		"state of a secret": {
			func(s string) any { return map[string]any{"secrets": []any{map[string]any{"name": "db", "state": s}}} }, listSecrets,
		},
	} {
		for _, text := range dangerous() {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				body, err := json.Marshal(tt.body(text))
				if err != nil {
					t.Fatal(err)
				}
				err = tt.call(t.Context(), offline(t, http.StatusOK, http.Header{}, string(body)))
				e := errorOf(t, err)
				if !strings.Contains(e.Message, "the answer is not what this operation returns") || !isPrintable(e.Error()) {
					t.Errorf("got %q", e.Error())
				}
			})
		}
	}
}

func TestErrorsArePrintableWhoeverWroteThem(t *testing.T) {
	t.Parallel()
	for _, text := range dangerous() {
		project, err := json.Marshal(map[string]any{"projects": []any{map[string]any{"id": text, "name": text}}})
		if err != nil {
			t.Fatal(err)
		}
		for name, answer := range map[string]struct {
			status int
			header http.Header
			body   string
		}{
			"project":    {200, http.Header{}, string(project)},
			"redirect":   {302, http.Header{"Location": {"https://" + text + "/"}}, ""},
			"request id": {400, http.Header{"X-Request-Id": {text}}, "{}"},
			"page":       {502, http.Header{"Content-Type": {"text/html"}}, "<title>" + text + "</title>"},
		} {
			_, err = offline(t, answer.status, answer.header, answer.body, withoutProject).GetSecret(t.Context(), "db")
			if e := errorOf(t, err); !isPrintable(e.Error()) || !strings.HasPrefix(e.Operation, csms.OperationGetProject) {
				t.Errorf("%s: %q", name, e.Error())
			}
		}
	}
}

func withoutProject(cfg *huaweicloud.Config) { cfg.ProjectID = "" }

func TestNamesInACertificateAreMadePrintable(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"a\x1b[31m.example"}}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{{Certificate: [][]byte{certificate}, PrivateKey: key}}}
	server.Config.ErrorLog = discardLog()
	server.StartTLS()
	t.Cleanup(server.Close)
	_, err = newClient(t, configFor(strings.Replace(server.URL, "127.0.0.1", "localhost", 1))).GetSecret(t.Context(), "db")
	if e := errorOf(t, err); !strings.Contains(e.Error(), "certificate is valid for a [31m.example") || !isPrintable(e.Error()) {
		t.Errorf("got %q", e.Error())
	}
}
