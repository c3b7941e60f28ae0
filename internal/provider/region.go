package provider

import (
	"context"
	"fmt"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// plannedRegion sets the region of a new resource to the provider's where the configuration names
// none.
func plannedRegion(
	ctx context.Context, config tfsdk.Config, data *providerData, region *types.String,
) diag.Diagnostics {
	var configured types.String
	diags := config.GetAttribute(ctx, path.Root("region"), &configured)
	if configured.IsNull() {
		*region = data.region
	}
	return diags
}

// regionOr returns a region, and the provider's in place of one that a resource does not have: it
// was imported or moved here without, or the provider is not configured yet.
func regionOr(region, ofProvider types.String) types.String {
	if region.IsNull() || region.IsUnknown() {
		return ofProvider
	}
	return region
}

// regionError refuses, at plan, a region that the provider cannot serve. A provider that is not
// configured yet is no error there.
func regionError(region types.String, data *providerData, err error) diag.Diagnostics {
	var diags diag.Diagnostics
	if data.err == nil {
		diags.AddAttributeError(path.Root("region"), "Region cannot be used",
			fmt.Sprintf("Region %q: %s", region.ValueString(), err))
	}
	return diags
}

// refuseAssumedRegion refuses to replace an object because of its region if that was only assumed:
// the object may well be in the region that the configuration names, and a stage of that name in
// the assumed region would be deleted. id is the object's, without a region.
func refuseAssumedRegion(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
	planned, assumed types.String, id string,
) {
	mark, diags := req.Private.GetKey(ctx, regionAssumedKey)
	resp.Diagnostics.Append(diags...)
	if mark == nil || planned.Equal(assumed) {
		return
	}
	stored, configured := assumed.ValueString(), planned.ValueString()
	if planned.IsUnknown() {
		configured = "<region>" // known after apply, and perhaps the same
	}
	resp.Diagnostics.AddAttributeError(path.Root("region"), "Region differs from the one assumed at import",
		"Cannot replace "+id+": it came into the state without a region, by an import or a moved block, "+
			"so it was read in "+stored+", the provider's region. The configuration says "+
			"region = "+strconv.Quote(configured)+". To replace it would delete what is in "+stored+".\n\n"+
			"Import it from where it is, with the id "+strconv.Quote(configured+"/"+id)+", after terraform "+
			"state rm if the state has it already. If it is in "+stored+", set region to that.")
}
