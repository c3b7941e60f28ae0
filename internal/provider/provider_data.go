package provider

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

// providerData is what a configured provider hands to its resources and data sources. Terraform
// configures the provider anew for every walk (refresh and plan, apply), so it lives as long as one
// walk, and so does what it remembers.
type providerData struct {
	newClient func(huaweicloud.Config) (*csms.Client, error)

	client *csms.Client
	err    error // why there is no client, reported where the service is needed
	region types.String
	now    func() time.Time

	id        string // of this walk, unlike that of any other
	conflicts *plannedConflicts
	journal   *applyJournal
}

func newProviderData(newClient func(huaweicloud.Config) (*csms.Client, error)) *providerData {
	return &providerData{
		newClient: newClient, region: types.StringUnknown(), now: time.Now,
		id: rand.Text(), conflicts: newPlannedConflicts(), journal: newApplyJournal(),
	}
}

// connect prepares the client. It makes no call.
func (d *providerData) connect(
	ctx context.Context, req provider.ConfigureRequest, userAgent string, diags *diag.Diagnostics,
) {
	cfg := clientConfig(ctx, req.Config, userAgent, diags)
	if diags.HasError() {
		return
	}
	client, err := d.newClient(cfg)
	if err != nil {
		diags.AddError("Invalid provider configuration",
			sentence("Unable to use the provider's configuration: "+err.Error()))
		return
	}
	warnOfRisks(client, cfg.Insecure, diags)
	tflog.Debug(ctx, "CSMS credentials chosen", map[string]any{
		"kind": client.CredentialSource(), "from": cfg.CredentialsFrom,
	})
	d.client = client
	d.region = types.StringValue(client.Region())
}

// clientIn returns the client for a region; null and unknown mean the provider's.
func (d *providerData) clientIn(region types.String) (*csms.Client, error) {
	if d == nil {
		return nil, fmt.Errorf("the provider is not configured: this is a bug in the provider")
	}
	if d.err != nil {
		return nil, d.err
	}
	return d.client.InRegion(region.ValueString())
}

// logAttempt writes one DEBUG line for each HTTP attempt: names and outcomes, never a header or a
// body.
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
		"secret": target.SecretName, "stage": target.Stage, "version": target.Version,
		"code": a.Code, "request_id": a.RequestID,
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

// resourceBase gives managed resources, and the list resources beside them, their Configure.
type resourceBase struct {
	data *providerData
}

func (b *resourceBase) Configure(
	_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse,
) {
	b.data = providerDataFrom(req.ProviderData, &resp.Diagnostics)
}

// dataSourceBase gives data sources their Configure.
type dataSourceBase struct {
	data *providerData
}

func (b *dataSourceBase) Configure(
	_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse,
) {
	b.data = providerDataFrom(req.ProviderData, &resp.Diagnostics)
}

// client returns the client for a region, and sets the region of the target to its name. It returns
// nil after an error.
func (b *dataSourceBase) client(
	action string, region types.String, t *target, diags *diag.Diagnostics,
) *csms.Client {
	client, err := b.data.clientIn(region)
	if err != nil {
		diags.Append(apiError(action, *t, err))
		return nil
	}
	t.region = client.Region()
	return client
}

// providerDataFrom unpacks what Configure of the provider handed out. It is nil while Terraform
// validates, and that is no error.
func providerDataFrom(handed any, diags *diag.Diagnostics) *providerData {
	if handed == nil {
		return nil
	}
	data, ok := handed.(*providerData)
	if !ok {
		diags.AddError("Unexpected provider data",
			fmt.Sprintf("Expected *providerData, got %T. This is a bug in the provider.", handed))
	}
	return data
}
