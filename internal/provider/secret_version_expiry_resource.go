package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

var (
	_ resource.ResourceWithConfigure   = (*secretVersionExpiryResource)(nil)
	_ resource.ResourceWithIdentity    = (*secretVersionExpiryResource)(nil)
	_ resource.ResourceWithImportState = (*secretVersionExpiryResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*secretVersionExpiryResource)(nil)
)

func newSecretVersionExpiryResource() resource.Resource { return &secretVersionExpiryResource{} }

// secretVersionExpiryResource is the expiry of a version, keyed by region, secret and
// version. Create and Update set it; the API cannot clear it, so Delete only drops the
// resource from the state.
type secretVersionExpiryResource struct{ resourceBase }

type secretVersionExpiryModel struct {
	ID         types.String   `tfsdk:"id"`
	Region     types.String   `tfsdk:"region"`
	SecretName types.String   `tfsdk:"secret_name"`
	VersionID  types.String   `tfsdk:"version_id"`
	ExpireTime instant        `tfsdk:"expire_time"`
	Timeouts   timeouts.Value `tfsdk:"timeouts"`
}

type secretVersionExpiryIdentity struct {
	Region     types.String `tfsdk:"region"`
	SecretName types.String `tfsdk:"secret_name"`
	VersionID  types.String `tfsdk:"version_id"`
}

// versionKind names a version in ids and identities.
var versionKind = objectKind{
	attribute: "version_id",
	example:   "v3",
	describe:  "Id of the version.",
	valid:     isVersionID,
}

func (r *secretVersionExpiryResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_secret_version_expiry"
}

func (r *secretVersionExpiryResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "When a version of a secret expires. The service notifies subscribers of the event \"version expired\"; it goes on serving the version. " +
			"An expiry can be changed but not cleared: destroying this resource leaves the version's expiry as it is. " +
			"A new resource overwrites an expiry that the version has, with a warning.",
		Attributes: map[string]schema.Attribute{
			"id":          idAttribute("Secret and version, as in `db-password/v3`."),
			"region":      regionAttribute(),
			"secret_name": keyAttribute("Name of the secret.", secretNameValidators()),
			"version_id":  keyAttribute("Id of the version, such as `v3`.", []validator.String{versionIDValidator{}}),
			"expire_time": schema.StringAttribute{
				Required:   true,
				CustomType: instantType{},
				MarkdownDescription: "When the version expires, in RFC 3339 with whole seconds, such as `" + exampleTime + "`. Any offset will do; other spellings of one instant are no change. " +
					"It must be in the future when it is written; once written it may pass. Changing it updates in place.",
				PlanModifiers: []planmodifier.String{sameInstant{}},
			},
			"timeouts": timeoutsAttribute(ctx),
		},
	}
}

func (r *secretVersionExpiryResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = versionKind.identitySchema()
}

func (r *secretVersionExpiryResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan secretVersionExpiryModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	ctx, cancel := withTimeout(ctx, plan.Timeouts.Create, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	r.session.journal.start()
	var overwritten time.Time
	if !r.put(ctx, plan, r.createGuard(plan, &overwritten), &resp.Diagnostics) {
		return
	}
	warnOfOverwritten(plan.object(), overwritten, &resp.Diagnostics)
	plan.complete(r.session.region)
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
		state.Region = r.session.region
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, regionAssumedKey, []byte("true"))...)
	}
	importing := state.ID.IsNull()
	if isIncomplete(req.Identity, state.ID) {
		resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	}
	version, err := r.read(ctx, state)
	switch {
	case csms.IsGone(err), err == nil && version == nil, importing && err == nil && version.ExpireTime.IsZero():
		resp.Diagnostics.Append(goneWarning(state.ID, state.object(), regionAssumed)...)
		resp.State.RemoveResource(ctx)
		return
	case isInactive(err) && !importing:
		resp.Diagnostics.Append(inactiveWarning(state.object(), err))
	case err != nil:
		resp.Diagnostics.Append(apiError("read expiry of CSMS secret version", state.object(), err))
		return
	case !importing && state.isOf(version):
		return // as the state has it
	default:
		state.ExpireTime = newInstant(version.ExpireTime)
	}
	state.complete(r.session.region)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

func (r *secretVersionExpiryResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state secretVersionExpiryModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	ctx, cancel := withTimeout(ctx, plan.Timeouts.Update, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	r.session.journal.start()
	if !plan.ExpireTime.isSame(state.ExpireTime) && !r.put(ctx, plan, r.updateGuard(plan, state), &resp.Diagnostics) {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

// Delete makes no call: the API cannot clear an expiry. The plan of the destroy has
// warned of what stays.
func (r *secretVersionExpiryResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
	r.session.journal.start()
}

func (r *secretVersionExpiryResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	versionKind.importState(ctx, req, resp)
}

// read returns the version from the list that all resources of the secret share, nil
// if the list has it not.
func (r *secretVersionExpiryResource) read(ctx context.Context, state secretVersionExpiryModel) (*csms.Version, error) {
	client, err := r.session.clientIn(state.Region)
	if err != nil {
		return nil, err
	}
	versions, err := client.CachedVersions(ctx, state.SecretName.ValueString())
	if err != nil {
		return nil, err
	}
	return findVersion(versions, state.VersionID.ValueString()), nil
}

func findVersion(versions []csms.Version, id string) *csms.Version {
	for i := range versions {
		if versions[i].ID == id {
			return &versions[i]
		}
	}
	return nil
}

// isOf tells whether a version has the expiry that the model has.
func (m *secretVersionExpiryModel) isOf(version *csms.Version) bool {
	return newInstant(version.ExpireTime).isSame(m.ExpireTime)
}

// complete fills in what follows from the key. ownRegion is the provider's.
func (m *secretVersionExpiryModel) complete(ownRegion types.String) {
	if m.Region.IsNull() || m.Region.IsUnknown() {
		m.Region = ownRegion
	}
	m.ID = objectID(m.SecretName, m.VersionID)
}

func (m *secretVersionExpiryModel) identity() secretVersionExpiryIdentity {
	return secretVersionExpiryIdentity{Region: m.Region, SecretName: m.SecretName, VersionID: m.VersionID}
}

func (m *secretVersionExpiryModel) object() object {
	return object{region: m.Region.ValueString(), secret: m.SecretName.ValueString(), version: m.VersionID.ValueString()}
}
