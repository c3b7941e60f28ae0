package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

var (
	_ resource.ResourceWithConfigure   = (*secretStageResource)(nil)
	_ resource.ResourceWithIdentity    = (*secretStageResource)(nil)
	_ resource.ResourceWithImportState = (*secretStageResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*secretStageResource)(nil)
	_ resource.ResourceWithMoveState   = (*secretStageResource)(nil)
)

func newSecretStageResource() resource.Resource { return &secretStageResource{} }

// secretStageResource is a stage label of a secret, keyed by region, secret and name.
// Create and Update put the label on a version, from wherever it was; Delete removes a
// label of one's own and leaves the built-in ones alone, which the API cannot delete.
type secretStageResource struct{ resourceBase }

type secretStageModel struct {
	ID                types.String   `tfsdk:"id"`
	Region            types.String   `tfsdk:"region"`
	SecretName        types.String   `tfsdk:"secret_name"`
	Name              types.String   `tfsdk:"name"`
	VersionID         types.String   `tfsdk:"version_id"`
	ExpectedVersionID types.String   `tfsdk:"expected_version_id"`
	PreviousVersionID types.String   `tfsdk:"previous_version_id"`
	UpdateTime        instant        `tfsdk:"update_time"`
	Timeouts          timeouts.Value `tfsdk:"timeouts"`
}

type secretStageIdentity struct {
	Region     types.String `tfsdk:"region"`
	SecretName types.String `tfsdk:"secret_name"`
	Name       types.String `tfsdk:"name"`
}

// stageKind names a stage in ids and identities.
var stageKind = objectKind{
	attribute: "name",
	example:   "SYSCURRENT",
	describe:  "Name of the stage.",
	valid:     csms.ValidStageName.MatchString,
}

func (r *secretStageResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_secret_stage"
}

func (r *secretStageResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Which version of a secret a stage label points at: `SYSCURRENT`, `SYSPREVIOUS`, or a label of your own. " +
			"A label is on one version at a time; putting it on another one is what rotation and roll-back are.\n\n" +
			"Before the label is moved or deleted, its place is compared with what the plan was made from. If somebody moved it in between, " +
			"the apply stops and leaves it; a label that was deleted in between is made anew. A new resource takes the label from wherever it is, with a warning, unless `expected_version_id` says from where.\n\n" +
			"Destroying the resource deletes a label of your own, if it still is where the state has it. The service does not delete built-in labels: " +
			"they are dropped from the state, with a warning, and stay where they are. A version without any label may be deleted by the service.",
		Attributes: map[string]schema.Attribute{
			"id":          idAttribute("Secret and stage, as in `db-password/SYSCURRENT`."),
			"region":      regionAttribute(),
			"secret_name": keyAttribute("Name of the secret.", secretNameValidators()),
			"name": keyAttribute("Name of the stage: `SYSCURRENT`, `SYSPREVIOUS` or a label of your own. A secret carries 12 at most. "+
				"With `lifecycle { create_before_destroy = true }` a renamed label is on its version before the old one goes, so that the version is never without a label.", stageNameValidators()),
			"version_id": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Id of the version that carries the label, such as `v3`.",
				Validators:          []validator.String{versionIDValidator{}},
			},
			"expected_version_id": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Id of the version that the stage may be moved from. If it is on another one when it is to be moved, the apply stops and leaves it there. " +
					"`\"\"` means that the stage must not exist yet. A stage that is on `version_id` already is adopted, and one that does not exist is created. " +
					"Use it for a new resource, which Terraform tells nothing of what its plan was made from: `data.csms_secret_versions.db.stages[\"SYSCURRENT\"]` is read at plan and kept in it. " +
					"It has a meaning only while the stage is moved: changing it alone changes nothing. A value that is known only after apply is compared at apply.",
				Validators: []validator.String{expectedVersionIDValidator{}},
			},
			"previous_version_id": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "Id of the version that the stage was on before, whoever moved it: where a roll-back leads. " +
					"Null if there was none. A move by others is noticed by the next refresh.",
			},
			"update_time": schema.StringAttribute{
				Computed:            true,
				CustomType:          instantType{},
				MarkdownDescription: "When the label was last put on its version, in RFC 3339 and UTC.",
			},
			"timeouts": timeoutsAttribute(ctx),
		},
	}
}

func (r *secretStageResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = stageKind.identitySchema()
}

func (r *secretStageResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan secretStageModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	ctx, cancel := withTimeout(ctx, plan.Timeouts.Create, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	r.session.journal.start()
	moved := r.put(ctx, plan, r.createGuard(plan), &resp.Diagnostics)
	if moved == nil {
		return
	}
	r.session.journal.recordCreated(plan.key(r.session.region))
	r.warnOfTaken(plan, *moved, &resp.Diagnostics)
	if plan.PreviousVersionID = types.StringNull(); moved.From != "" {
		plan.PreviousVersionID = types.StringValue(moved.From)
	}
	plan.update(moved.Stage, r.session.region)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

func (r *secretStageResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state secretStageModel
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
	if isIncomplete(req.Identity, state.ID) {
		resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	}
	stage, err := r.read(ctx, state)
	switch {
	case csms.IsGone(err):
		resp.Diagnostics.Append(goneWarning(state.ID, state.object(), regionAssumed)...)
		resp.State.RemoveResource(ctx)
		return
	case isInactive(err) && !state.VersionID.IsNull(): // null in an import, which has nothing to keep
		resp.Diagnostics.Append(inactiveWarning(state.object(), err))
	case err != nil:
		resp.Diagnostics.Append(apiError("read CSMS secret stage", state.object(), err))
		return
	case stage == nil:
		return // as the state has it
	default:
		resp.Diagnostics.Append(movedOutsideWarning(state, *stage)...)
		if !state.VersionID.IsNull() && state.VersionID.ValueString() != stage.VersionID {
			state.PreviousVersionID = state.VersionID
		}
		state.update(*stage, r.session.region)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

func (r *secretStageResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state secretStageModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	ctx, cancel := withTimeout(ctx, plan.Timeouts.Update, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	r.session.journal.start()
	if !plan.VersionID.Equal(state.VersionID) {
		moved := r.put(ctx, plan, r.updateGuard(plan, state), &resp.Diagnostics)
		if moved == nil {
			return
		}
		plan.update(moved.Stage, r.session.region)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

func (r *secretStageResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state secretStageModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	ctx, cancel := withTimeout(ctx, state.Timeouts.Delete, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	r.session.journal.start()
	leftover, diags := r.session.isLeftover(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	switch {
	case csms.IsBuiltInStage(state.Name.ValueString()):
		r.session.journal.recordDeleted(state.key(r.session.region), state.VersionID.ValueString())
		resp.Diagnostics.Append(builtInStaysWarning(state.object()))
	case leftover:
		resp.Diagnostics.Append(deposedStaysWarning(state.object(), state.VersionID.ValueString()))
	case !r.remove(ctx, state, &resp.Diagnostics):
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, deleteFailedKey, []byte("true"))...)
	}
}

func (r *secretStageResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	stageKind.importState(ctx, req, resp)
}

// read returns the stage where it is not as the state has it, and nil where nothing
// changed. The label's version comes from the list that all resources of the secret
// share; only a label that is not where the state has it is asked for by itself.
func (r *secretStageResource) read(ctx context.Context, state secretStageModel) (*csms.Stage, error) {
	client, err := r.session.clientIn(state.Region)
	if err != nil {
		return nil, err
	}
	// Without a time it was imported or moved here a moment ago.
	if !state.UpdateTime.IsNull() {
		versions, err := client.CachedVersions(ctx, state.SecretName.ValueString())
		if err != nil {
			return nil, err
		}
		if state.isIn(versions) {
			return nil, nil
		}
	}
	return client.GetStage(ctx, state.SecretName.ValueString(), state.Name.ValueString())
}

// holderOf returns the id of the version that carries a label, or "".
func holderOf(versions []csms.Version, stage string) string {
	for _, v := range versions {
		if slices.Contains(v.Stages, stage) {
			return v.ID
		}
	}
	return ""
}

// movedOutsideWarning tells that somebody else moved the label: the plan that follows
// may move it back.
func movedOutsideWarning(state secretStageModel, stage csms.Stage) diag.Diagnostics {
	if state.VersionID.IsNull() || state.VersionID.ValueString() == stage.VersionID {
		return nil
	}
	return diag.Diagnostics{warning("CSMS secret stage was moved outside Terraform", state.object(),
		"it was moved from version %q to %q at %s. Unless the configuration follows, the plan moves it back; if the change was meant, set version_id = %q.",
		state.VersionID.ValueString(), stage.VersionID, formatTime(stage.UpdateTime), stage.VersionID)}
}

// goneWarning tells that a refresh did not find the remote object. There is none for an
// import, which has no id yet and fails with Terraform's own words. If its region was
// assumed, it may be in another one.
func goneWarning(id types.String, on object, regionAssumed bool) diag.Diagnostics {
	var diags diag.Diagnostics
	switch {
	case id.IsNull():
	case regionAssumed:
		diags.Append(warning("CSMS object was not found", on,
			"the state came without a region, so it was looked for in %s, the provider's region, and it is not there. It is removed from the state. "+
				"If it is in another region, import it with an id that names the region, such as %q, or let the plan create it: a stage or an expiry that is as configured is adopted.",
			on.region, "<region>/"+on.name()))
	default:
		diags.Append(warning("CSMS object was not found", on,
			"it does not exist any more, so it is removed from the state. If the configuration still has it, the plan creates it again, for which its secret and its version must exist."))
	}
	return diags
}

// isIn tells whether the versions of the secret have the label where the model has it.
func (m *secretStageModel) isIn(versions []csms.Version) bool {
	return holderOf(versions, m.Name.ValueString()) == m.VersionID.ValueString()
}

// update takes over what the service has. ownRegion is the provider's.
func (m *secretStageModel) update(stage csms.Stage, ownRegion types.String) {
	if m.Region.IsNull() || m.Region.IsUnknown() {
		m.Region = ownRegion
	}
	m.ID = objectID(m.SecretName, m.Name)
	m.VersionID = types.StringValue(stage.VersionID)
	m.UpdateTime = newInstant(stage.UpdateTime)
}

func (m *secretStageModel) identity() secretStageIdentity {
	return secretStageIdentity{Region: m.Region, SecretName: m.SecretName, Name: m.Name}
}

func (m *secretStageModel) object() object {
	return object{region: m.Region.ValueString(), secret: m.SecretName.ValueString(), stage: m.Name.ValueString()}
}

func (m *secretStageModel) key(ownRegion types.String) objectKey {
	region := m.Region
	if region.IsNull() || region.IsUnknown() {
		region = ownRegion
	}
	return objectKey{region: region.ValueString(), secret: m.SecretName.ValueString(), stage: m.Name.ValueString()}
}
