package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

// resourceBase gives managed resources, and the list resources beside them, their
// Configure.
type resourceBase struct {
	session *session
}

func (b *resourceBase) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	b.session = sessionFrom(req.ProviderData, &resp.Diagnostics)
}

// dataSourceBase gives data sources their Configure.
type dataSourceBase struct {
	session *session
}

func (b *dataSourceBase) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	b.session = sessionFrom(req.ProviderData, &resp.Diagnostics)
}

// client returns the client for a region, and completes what the data source is about
// with the region's name. It returns nil after an error.
func (b *dataSourceBase) client(attempt string, region types.String, on *object, diags *diag.Diagnostics) *csms.Client {
	client, err := b.session.clientIn(region)
	if err != nil {
		diags.Append(apiError(attempt, *on, err))
		return nil
	}
	on.region = client.Region()
	return client
}

// sessionFrom unpacks what Configure of the provider handed out. It is nil while
// Terraform validates, and that is no error.
func sessionFrom(data any, diags *diag.Diagnostics) *session {
	if data == nil {
		return nil
	}
	s, ok := data.(*session)
	if !ok {
		diags.AddError("Unexpected provider data", fmt.Sprintf("Expected *session, got %T. This is a bug in the provider.", data))
	}
	return s
}
