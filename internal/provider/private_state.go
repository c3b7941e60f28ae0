package provider

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// What the private state of a resource, which consists of JSON, has besides the state.
const (
	// instanceKey has the name of the instance, see instanceOf.
	instanceKey = "instance"
	// regionAssumedKey is there if the state came without a region: the object was read in
	// the provider's, and nobody said that it is there.
	regionAssumedKey = "region_assumed"
	// plannedInKey has the id of the walk that planned the deletion, see isLeftover.
	plannedInKey = "planned_in"
	// deleteFailedKey is there if a deletion that was planned as such has failed.
	deleteFailedKey = "delete_failed"
)

// privateState is a resource's private state in a request.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

// instanceOf names a resource instance, which the protocol does not: Terraform hands the
// private state of one plan to the next plan of the same instance.
func instanceOf(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) string {
	name, diags := req.Private.GetKey(ctx, instanceKey)
	resp.Diagnostics.Append(diags...)
	if name == nil {
		name = []byte(strconv.Quote(rand.Text()))
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, instanceKey, name)...)
	}
	return string(name)
}

// notePlannedDeletion notes in which walk the deletion of a stage is planned, for
// isLeftover. What this run itself has deposed is planned after its replacement was
// created, and not noted.
func (s *session) notePlannedDeletion(ctx context.Context, stage objectKey, resp *resource.ModifyPlanResponse) {
	if !s.journal.hasCreatedIn(stage.ofSecret()) {
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, plannedInKey, []byte(strconv.Quote(s.id)))...)
	}
}

// isLeftover reports whether an object that is to be deleted is a deposed one that an
// earlier run has left: create_before_destroy has replaced it, and something else failed
// before it was deleted. Terraform does not tell, but it plans the deletion of deposed
// objects, and of no others, in the walk that applies. One whose own deletion has failed
// had to be deleted then, and still has.
func (s *session) isLeftover(ctx context.Context, private privateState) (bool, diag.Diagnostics) {
	plannedIn, diags := private.GetKey(ctx, plannedInKey)
	failed, more := private.GetKey(ctx, deleteFailedKey)
	diags.Append(more...)
	return string(plannedIn) == strconv.Quote(s.id) && failed == nil, diags
}

// refuseAssumedRegion refuses to replace an object because its region is another one than
// the configuration's, if its region was only assumed: the object may well be in the
// region that the configuration names, and a stage of that name in the assumed region
// would be deleted. id is the object's, without a region.
func refuseAssumedRegion(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse, planned, assumed types.String, id string) {
	mark, diags := req.Private.GetKey(ctx, regionAssumedKey)
	resp.Diagnostics.Append(diags...)
	if mark == nil || planned.IsUnknown() || planned.Equal(assumed) {
		return
	}
	resp.Diagnostics.AddAttributeError(path.Root("region"), "Region differs from the one assumed at import",
		fmt.Sprintf("Cannot replace %s: it came into the state without a region, by an import or a moved block, so it was read in %s, the provider's region. "+
			"The configuration says region = %q. To replace it would delete what is in %s.\n\n"+
			"Import it from where it is, with the id %q, after terraform state rm if the state has it already. If it is in %s, set region to that.",
			id, assumed.ValueString(), planned.ValueString(), assumed.ValueString(), planned.ValueString()+"/"+id, assumed.ValueString()))
}
