package provider

import (
	"context"
	"crypto/rand"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// The keys of the private state of a resource, which consists of JSON.
const (
	// instanceKey has the name of the instance, see instanceOf.
	instanceKey = "instance"
	// regionAssumedKey is there if the state came without a region, so that the object was looked
	// for in the provider's.
	regionAssumedKey = "region_assumed"
	// plannedInKey has the id of the walk that planned the deletion, see isLeftover.
	plannedInKey = "planned_in"
)

// privateState is a resource's private state in a request.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

// instanceOf names a resource instance, which the protocol does not: Terraform hands the private
// state of one plan to the next plan of the same instance.
func instanceOf(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) string {
	name, diags := req.Private.GetKey(ctx, instanceKey)
	resp.Diagnostics.Append(diags...)
	if name == nil {
		name = []byte(strconv.Quote(rand.Text()))
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, instanceKey, name)...)
	}
	return string(name)
}

// recordPlannedDeletion notes, for isLeftover, in which walk the deletion of a stage is planned, or
// that this was after the walk had created a resource.
func (d *providerData) recordPlannedDeletion(ctx context.Context, resp *resource.ModifyPlanResponse) {
	plannedIn := d.id
	if d.journal.hasCreated() {
		plannedIn = ""
	}
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, plannedInKey, []byte(strconv.Quote(plannedIn)))...)
}

// isLeftover reports whether an object that is to be deleted is a deposed one that an earlier run
// has left: create_before_destroy has replaced it, and it was not deleted, because something failed.
// Terraform does not say so. But it plans the deletion of deposed objects, and of no others, in the
// walk that applies; and that of one which this very walk has deposed, after its replacement was
// created.
func (d *providerData) isLeftover(ctx context.Context, private privateState) (bool, diag.Diagnostics) {
	plannedIn, diags := private.GetKey(ctx, plannedInKey)
	return string(plannedIn) == strconv.Quote(d.id), diags
}
