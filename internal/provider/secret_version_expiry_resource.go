package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

var (
	_ resource.ResourceWithConfigure   = (*secretVersionExpiryResource)(nil)
	_ resource.ResourceWithIdentity    = (*secretVersionExpiryResource)(nil)
	_ resource.ResourceWithImportState = (*secretVersionExpiryResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*secretVersionExpiryResource)(nil)
)

func newSecretVersionExpiryResource() resource.Resource { return &secretVersionExpiryResource{} }

// secretVersionExpiryResource is the expiry of a version, keyed by region, secret and version.
// Create and Update set it; the API cannot clear it, so Delete only drops the resource from the
// state.
type secretVersionExpiryResource struct{ resourceBase }

func (r *secretVersionExpiryResource) Metadata(
	_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_secret_version_expiry"
}

func (r *secretVersionExpiryResource) Schema(
	ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "When a version of a secret expires. The service notifies subscribers of the event " +
			"\"version expired\"; it goes on serving the version. An expiry can be changed but not cleared: destroying " +
			"this resource leaves the version's expiry as it is. A new resource overwrites an expiry that the version has, " +
			"with a warning.",
		Attributes: map[string]schema.Attribute{
			"id":          idAttribute("Secret and version, as in `db-password/v3`."),
			"region":      regionAttribute(),
			"secret_name": keyAttribute("Name of the secret.", secretNameValidators()),
			"version_id":  keyAttribute("Id of the version, such as `v3`.", []validator.String{versionIDValidator{}}),
			"expire_time": schema.StringAttribute{
				Required:   true,
				CustomType: instantType{},
				MarkdownDescription: "When the version expires, in RFC 3339 with whole seconds, such as `" + exampleTime + "`. " +
					"Any offset will do; other spellings of one instant are no change. It must be in the future when it is " +
					"written; once written it may pass. Changing it updates in place.",
				PlanModifiers: []planmodifier.String{sameInstant{}},
			},
			"timeouts": timeoutsAttribute(ctx),
		},
	}
}

func (r *secretVersionExpiryResource) IdentitySchema(
	_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse,
) {
	resp.IdentitySchema = versionKind.identitySchema()
}

// ModifyPlan refuses a time that has passed where it is about to be written, and warns which expiry
// remains after a destroy. An expiry that was written and has passed since is no error.
func (r *secretVersionExpiryResource) ModifyPlan(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	if r.data == nil {
		return
	}
	if req.Plan.Raw.IsNull() {
		r.planDelete(ctx, req, resp)
		return
	}
	var plan, state secretVersionExpiryModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	creating := req.State.Raw.IsNull()
	if creating {
		resp.Diagnostics.Append(plannedRegion(ctx, req.Config, r.data, &plan.Region)...)
		plan.ID = objectID(plan.SecretName, plan.VersionID)
	} else {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	r.checkDeclaredOnce(plan, instanceOf(ctx, req, resp), &resp.Diagnostics)
	if req.Plan.Raw.Equal(req.State.Raw) {
		return // nothing to write into the plan
	}
	if _, err := r.data.clientIn(plan.Region); creating && err != nil {
		resp.Diagnostics.Append(regionError(plan.Region, r.data, err)...)
	}
	replacing := !creating && plan.identity() != state.identity() // planned again as a creation
	if replacing {
		refuseAssumedRegion(ctx, req, resp, plan.Region, state.Region, state.target(r.data.region).name())
	}
	if !replacing && !plan.ExpireTime.isSame(state.ExpireTime) {
		r.planWrite(ctx, plan, &resp.Diagnostics)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

func (r *secretVersionExpiryResource) Create(
	ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse,
) {
	var plan secretVersionExpiryModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	ctx, cancel := withTimeout(ctx, plan.Timeouts.Create, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	r.data.journal.start()
	var overwritten time.Time
	if !r.put(ctx, plan, r.createGuard(plan, &overwritten), &resp.Diagnostics) {
		return
	}
	warnExpiryOverwritten(plan.target(r.data.region), overwritten, &resp.Diagnostics)
	plan.complete(r.data.region)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

func (r *secretVersionExpiryResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state secretVersionExpiryModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	ctx, cancel := withTimeout(ctx, state.Timeouts.Read, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	regionAssumed := state.Region.IsNull()
	if regionAssumed {
		state.Region = r.data.region
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, regionAssumedKey, []byte("true"))...)
	}
	importing := state.ID.IsNull()
	if isIncomplete(req.Identity, state.ID) {
		resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	}
	version, err := r.read(ctx, state)
	switch {
	case csms.IsGone(err), err == nil && version == nil, importing && err == nil && version.ExpireTime.IsZero():
		resp.Diagnostics.Append(goneWarning(state.ID, state.target(r.data.region), regionAssumed)...)
		resp.State.RemoveResource(ctx)
		return
	case isInactive(err) && !importing:
		resp.Diagnostics.Append(inactiveWarning(state.target(r.data.region), err))
	case err != nil:
		resp.Diagnostics.Append(apiError("read expiry of CSMS secret version", state.target(r.data.region), err))
		return
	case !importing && state.matches(version):
		return // as the state has it
	default:
		state.ExpireTime = newInstant(version.ExpireTime)
	}
	state.complete(r.data.region)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

func (r *secretVersionExpiryResource) Update(
	ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse,
) {
	var plan, state secretVersionExpiryModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	ctx, cancel := withTimeout(ctx, plan.Timeouts.Update, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	r.data.journal.start()
	if !plan.ExpireTime.isSame(state.ExpireTime) && !r.put(ctx, plan, r.updateGuard(plan, state), &resp.Diagnostics) {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

// Delete makes no call: the API cannot clear an expiry. The plan of the destroy has warned of what
// stays.
func (r *secretVersionExpiryResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
	r.data.journal.start()
}

func (r *secretVersionExpiryResource) ImportState(
	ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse,
) {
	versionKind.importState(ctx, req, resp)
}

// read returns the version from the list that all resources of the secret share, and nil if it
// is not there.
func (r *secretVersionExpiryResource) read(ctx context.Context, state secretVersionExpiryModel) (*csms.Version, error) {
	client, err := r.data.clientIn(state.Region)
	if err != nil {
		return nil, err
	}
	versions, err := client.CachedVersions(ctx, state.SecretName.ValueString())
	if err != nil {
		return nil, err
	}
	return findVersion(versions, state.VersionID.ValueString()), nil
}
