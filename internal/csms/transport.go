package csms

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/hashicorp/go-cleanhttp"
)

// transport exchanges one request for one whole answer. Connections are kept and shared by all clients of a family.
type transport struct {
	base    *http.Transport
	pace    *pace
	timeout time.Duration
	retries int
}

// idleConnections is above the parallelism of any sensible Terraform run, so that connections are used again.
const idleConnections = 64

func newTransport(cfg Config) (*transport, error) {
	trust, err := tlsConfig(cfg)
	if err != nil {
		return nil, err
	}
	base := cleanhttp.DefaultPooledTransport()
	base.Proxy = proxyFromEnvironment()
	base.TLSClientConfig = trust
	if cfg.dial != nil {
		base.DialContext = cfg.dial
	}
	base.MaxIdleConns = 0
	base.MaxIdleConnsPerHost = idleConnections
	// A connection that a firewall has silently dropped would otherwise cost every HTTP/2 call its whole timeout.
	base.HTTP2 = &http.HTTP2Config{SendPingTimeout: 10 * time.Second, PingTimeout: 5 * time.Second}
	return &transport{base: base, pace: newPace(cfg.MaxRequestsPerSecond, cfg.SlowestPace), timeout: cfg.AttemptTimeout, retries: cfg.MaxRetries}, nil
}

// The metadata service is a hop away: it answers at once or it is not there.
const (
	metadataTimeout = 3 * time.Second
	metadataRetries = 1
)

// forMetadata returns a transport for the metadata service, which no proxy reaches and which has no limit of its own.
func (t *transport) forMetadata() *transport {
	base := t.base.Clone()
	base.Proxy = nil
	return &transport{
		base: base, pace: newPace(0, 0),
		timeout: min(t.timeout, metadataTimeout), retries: min(t.retries, metadataRetries),
	}
}

func tlsConfig(cfg Config) (*tls.Config, error) {
	trust := &tls.Config{MinVersion: tls.VersionTLS12}
	trust.InsecureSkipVerify = cfg.Insecure
	var err error
	if trust.RootCAs, err = certificateAuthorities(cfg); err != nil {
		return nil, err
	}
	trust.Certificates, err = clientCertificates(cfg)
	return trust, err
}

func certificateAuthorities(cfg Config) (*x509.CertPool, error) {
	if cfg.CACertFile == "" {
		return nil, nil
	}
	bundle, err := pemOf("cacert_file", cfg.CACertFile)
	if err != nil {
		return nil, fmt.Errorf("cannot read the CA certificates: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	return pool, addCertificates(pool, bundle)
}

func clientCertificates(cfg Config) ([]tls.Certificate, error) {
	if cfg.ClientCertFile == "" && cfg.ClientKeyFile == "" {
		return nil, nil
	}
	if cfg.ClientCertFile == "" || cfg.ClientKeyFile == "" {
		return nil, errors.New("a client certificate and its key belong together: one of them is missing")
	}
	certificate, err := pemOf("cert", cfg.ClientCertFile)
	if err != nil {
		return nil, fmt.Errorf("cannot read the client certificate: %w", err)
	}
	key, err := pemOf("key", cfg.ClientKeyFile)
	if err != nil {
		return nil, fmt.Errorf("cannot read the key of the client certificate: %w", err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, fmt.Errorf("the client certificate and its key cannot be used: %w", err)
	}
	return []tls.Certificate{pair}, nil
}

// Faults that net/http does not know as such.
var (
	errTooLarge  = errors.New("the answer is larger than 10 MiB")
	errTruncated = errors.New("the answer breaks off in the middle of its JSON")

	errTooSlowAPace = errors.New("the limit of requests per second leaves no room before the time is over")
)

// timeoutError is a request that got no whole answer in time. It is not a context.DeadlineExceeded, because the
// caller's own time is not over.
type timeoutError struct{ after time.Duration }

func (e timeoutError) Error() string { return fmt.Sprintf("no answer within %s", e.after) }

// exchange sends the request and reads the whole answer, within the time of one attempt.
func (t *transport) exchange(req *http.Request) (*http.Response, []byte, error) {
	ctx, cancel := context.WithTimeout(req.Context(), t.timeout)
	defer cancel()
	resp, body, err := t.receive(req.WithContext(ctx))
	if req.Context().Err() == nil && (ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded)) && err != nil {
		err = timeoutError{after: t.timeout}
	}
	return resp, body, err
}

func (t *transport) receive(req *http.Request) (*http.Response, []byte, error) {
	resp, err := t.base.RoundTrip(req)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := readWhole(resp.Body)
	if err != nil {
		return nil, nil, err
	}
	if breaksOff(resp.StatusCode, body) {
		return nil, nil, errTruncated
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, body, nil
}

// maxBody is far above any answer of the service; 200 secrets make about 100 KiB.
const maxBody = 10 << 20

func readWhole(body io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(body, maxBody+1))
	if err != nil {
		return nil, fmt.Errorf("the answer broke off: %w", err)
	}
	if len(data) > maxBody {
		return nil, errTooLarge
	}
	return data, nil
}

// breaksOff recognises an answer that a proxy cut short without saying so. Errors are exempt: their status counts more
// than their body.
func breaksOff(status int, body []byte) bool {
	body = bytes.TrimSpace(body)
	return answer{status: status}.succeeded() && len(body) > 0 && body[0] == '{' && !json.Valid(body)
}
