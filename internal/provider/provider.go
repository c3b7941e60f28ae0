// Package provider is the csms Terraform provider: which version a stage of a secret points at,
// when a version expires, and metadata of versions. It speaks Terraform; package csms speaks to the
// service.
package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

var (
	_ provider.ProviderWithFunctions     = (*csmsProvider)(nil)
	_ provider.ProviderWithListResources = (*csmsProvider)(nil)
)

// New returns the constructor of the provider. version is the release, sent to the service in the
// User-Agent.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return &csmsProvider{version: version, newClient: csms.New} }
}

// NewServer returns the constructor of the provider's server in protocol 6. version is as in New.
func NewServer(version string) func() tfprotov6.ProviderServer {
	return serve(New(version))
}

func serve(newProvider func() provider.Provider) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		served := providerserver.NewProtocol6(newProvider())()
		if lists, ok := served.(serverWithLists); ok {
			return &releasingServer{lists}
		}
		return served
	}
}

// providerName is what the names of all resource types begin with.
const providerName = "csms"

type csmsProvider struct {
	version   string
	newClient func(huaweicloud.Config) (*csms.Client, error)
}

func (p *csmsProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = providerName
	resp.Version = p.version
}

func (p *csmsProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerSchema()
}

// Configure makes no network call. Values that Terraform does not know yet are reported only where
// the service is needed, so a plan of new resources works while the provider's own configuration is
// unknown.
func (p *csmsProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	unknown := unknownAttributes(req.Config.Raw)
	if len(unknown) > 0 && req.ClientCapabilities.DeferralAllowed {
		resp.Deferred = &provider.Deferred{Reason: provider.DeferredReasonProviderConfigUnknown}
		return
	}
	data := newProviderData(p.newClient)
	if len(unknown) > 0 {
		data.err = unknownConfigError(unknown)
	} else {
		data.connect(ctx, req, userAgent(p.version, req.TerraformVersion), &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.ResourceData = data
	resp.DataSourceData = data
	resp.ListResourceData = data
}

func (p *csmsProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newSecretStageResource, newSecretVersionExpiryResource}
}

func (p *csmsProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		newSecretStageDataSource, newSecretVersionDataSource, newSecretVersionsDataSource,
	}
}

func (p *csmsProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{newSecretStageListResource, newSecretVersionExpiryListResource}
}

func (p *csmsProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newMillisecondsToRFC3339Function, newRFC3339ToMillisecondsFunction}
}
