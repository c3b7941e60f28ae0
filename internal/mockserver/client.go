package mockserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

const (
	// patience is how long Wait waits.
	patience = 30 * time.Second
	// retryInterval is how often it asks.
	retryInterval = 50 * time.Millisecond
)

// WriteEnvironment writes the shell commands that point a client at the server of a Config, which
// need not run. The state file is read if there is one, and never written.
func WriteEnvironment(out io.Writer, cfg Config) error {
	url, err := cfg.url()
	if err != nil {
		return err
	}
	_, options, _, err := cfg.load()
	if err != nil {
		return err
	}
	writeVariables(out, environment(url, csmstest.New(options...)))
	return nil
}

// Wait waits until a server answers at the address of a Config, for half a minute at most.
func Wait(ctx context.Context, cfg Config) error {
	url, err := cfg.url()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for retry := time.NewTicker(retryInterval); ; {
		err := ping(ctx, url)
		if err == nil {
			return nil
		}
		select {
		case <-retry.C:
		case <-ctx.Done():
			return fmt.Errorf("no mock answers: %w", err)
		}
	}
}

func ping(ctx context.Context, url string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/openapi.yaml", http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %s", url, response.Status)
	}
	return errors.Join(err, response.Body.Close())
}

// url is where a client finds the server of a Config.
func (cfg *Config) url() (string, error) {
	at, err := net.ResolveTCPAddr("tcp", cfg.Addr)
	if err != nil {
		return "", err
	}
	if at.Port == 0 {
		return "", errors.New("with port 0 the address is not known before the server runs")
	}
	return address(at), nil
}
