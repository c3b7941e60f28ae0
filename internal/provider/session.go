package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

// session is what a configured provider hands to its resources and data sources.
// Terraform configures the provider anew for every walk (refresh and plan, apply), so
// a session lives as long as one walk, and so does what it remembers.
type session struct {
	newClient func(csms.Config) (*csms.Client, error)
	client    *csms.Client
	err       error // why there is no client: told where the service is needed
	region    types.String
	claims    *claims
	labels    *labelMoves
	now       func() time.Time
}

func newSession(newClient func(csms.Config) (*csms.Client, error)) *session {
	return &session{
		newClient: newClient, region: types.StringUnknown(), claims: newClaims(), labels: newLabelMoves(), now: time.Now,
	}
}

// connect prepares the client. It makes no call.
func (s *session) connect(ctx context.Context, req provider.ConfigureRequest, userAgent string, diags *diag.Diagnostics) {
	var model providerModel
	diags.Append(req.Config.Get(ctx, &model)...)
	if diags.HasError() {
		return
	}
	cfg, chosen := model.config(userAgent, diags)
	if diags.HasError() {
		return
	}
	client, err := s.newClient(cfg)
	if err != nil {
		diags.AddError("Invalid provider configuration", sentence("Unable to use the provider's configuration: "+err.Error()))
		return
	}
	warnOfRisks(cfg, diags)
	tflog.Debug(ctx, "CSMS credentials chosen", map[string]any{"from": chosen, "kind": client.CredentialSource()})
	s.client = client
	s.region = types.StringValue(client.Region())
}

// clientIn returns the client for a region; null and unknown mean the provider's.
func (s *session) clientIn(region types.String) (*csms.Client, error) {
	if s == nil {
		return nil, fmt.Errorf("the provider is not configured: this is a bug in the provider")
	}
	if s.err != nil {
		return nil, s.err
	}
	return s.client.InRegion(region.ValueString())
}

// lock returns the client for a region after it has waited for other writers of the
// secret. Look and write are one critical section until unlock is called.
func (s *session) lock(ctx context.Context, region types.String, secret string) (client *csms.Client, unlock func(), err error) {
	if client, err = s.clientIn(region); err != nil {
		return nil, nil, err
	}
	unlock, err = client.LockSecret(ctx, secret)
	return client, unlock, err
}

// logAttempt writes one DEBUG line for each HTTP attempt: names and outcomes, never
// a header or a body.
func logAttempt(ctx context.Context, a csms.Attempt) {
	fields := map[string]any{
		"operation":   a.Operation,
		"method":      a.Method,
		"region":      a.Region,
		"attempt":     a.Number,
		"status":      a.Status,
		"duration_ms": a.Duration.Milliseconds(),
	}
	for name, value := range map[string]string{
		"secret": a.SecretName, "stage": a.Stage, "version": a.Version, "code": a.Code, "request_id": a.RequestID,
	} {
		if value != "" {
			fields[name] = value
		}
	}
	if a.Err != nil {
		fields["error"] = a.Err.Error()
	}
	tflog.Debug(ctx, "CSMS call", fields)
}
