package provider

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// lookUpTimeout bounds a look-up at plan that only warns: a plan must not hang for it.
const lookUpTimeout = 20 * time.Second

// plannedRegion sets the region of a new resource to the provider's where the
// configuration names none.
func plannedRegion(ctx context.Context, config tfsdk.Config, s *session, region *types.String) diag.Diagnostics {
	var configured types.String
	diags := config.GetAttribute(ctx, path.Root("region"), &configured)
	if configured.IsNull() {
		*region = s.region
	}
	return diags
}

// objectID is the id of a resource, known as soon as its parts are.
func objectID(secret, part types.String) types.String {
	if secret.IsUnknown() || part.IsUnknown() {
		return types.StringUnknown()
	}
	return types.StringValue(secret.ValueString() + "/" + part.ValueString())
}

// regionError is a region that the provider cannot serve, refused at plan. A provider
// that is not configured yet is no error there.
func regionError(region types.String, s *session, err error) diag.Diagnostics {
	var diags diag.Diagnostics
	if s.err == nil {
		diags.AddAttributeError(path.Root("region"), "Region cannot be used", fmt.Sprintf("Region %q: %s", region.ValueString(), err))
	}
	return diags
}

// anyUnknown tells whether Terraform does not know one of the values yet.
func anyUnknown(values ...types.String) bool {
	return slices.ContainsFunc(values, types.String.IsUnknown)
}
