package provider

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

// session is what a configured provider hands to its resources and data sources.
// Terraform configures the provider anew for every walk (refresh and plan, apply), so
// a session lives as long as one walk, and so does what it remembers.
type session struct {
	newClient func(huaweicloud.Config) (*csms.Client, error)

	client *csms.Client
	err    error // why there is no client: told where the service is needed
	region types.String
	now    func() time.Time

	// id tells this walk from all others.
	id        string
	conflicts *plannedConflicts
	journal   *applyJournal
}

func newSession(newClient func(huaweicloud.Config) (*csms.Client, error)) *session {
	return &session{
		newClient: newClient, region: types.StringUnknown(), now: time.Now,
		id: rand.Text(), conflicts: newPlannedConflicts(), journal: newApplyJournal(),
	}
}

// connect prepares the client. It makes no call.
func (s *session) connect(ctx context.Context, req provider.ConfigureRequest, userAgent string, diags *diag.Diagnostics) {
	cfg := clientConfig(ctx, req.Config, userAgent, diags)
	if diags.HasError() {
		return
	}
	client, err := s.newClient(cfg)
	if err != nil {
		diags.AddError("Invalid provider configuration", sentence("Unable to use the provider's configuration: "+err.Error()))
		return
	}
	warnOfRisks(client, cfg.Insecure, diags)
	tflog.Debug(ctx, "CSMS credentials chosen", map[string]any{
		"kind": client.CredentialSource(), "from": cfg.CredentialsFrom,
	})
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

// logAttempt writes one DEBUG line for each HTTP attempt: names and outcomes, never
// a header or a body.
func logAttempt(ctx context.Context, a huaweicloud.Attempt) {
	fields := map[string]any{
		"operation":   a.Operation,
		"method":      a.Method,
		"region":      a.Region,
		"attempt":     a.Number,
		"status":      a.Status,
		"duration_ms": a.Duration.Milliseconds(),
	}
	target, _ := a.Subject.(csms.Target)
	for name, value := range map[string]string{
		"secret": target.SecretName, "stage": target.Stage, "version": target.Version, "code": a.Code, "request_id": a.RequestID,
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
