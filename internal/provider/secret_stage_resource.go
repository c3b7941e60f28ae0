package provider

import (
	"context"

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

// secretStageResource is a stage of a secret, keyed by region, secret and name. Create and Update
// put the stage on a version, from wherever it was; Delete deletes a stage of one's own and leaves
// the built-in ones alone, which the API cannot delete.
type secretStageResource struct{ resourceBase }

func (r *secretStageResource) Metadata(
	_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_secret_stage"
}

const secretStageDescription = "Which version of a secret a stage points at: `SYSCURRENT`, `SYSPREVIOUS`, or a " +
	"stage of your own. A stage is on one version at a time; moving it to another one is what rotation and " +
	"roll-back are.\n\n" +
	"Before the stage is moved or deleted, the version it is on is compared with the one in the plan. If somebody " +
	"moved it in between, the apply stops and leaves it; a stage that was deleted in between is re-created. A new " +
	"resource takes the stage from wherever it is, with a warning, unless `expected_version_id` says from where.\n\n" +
	"Destroying the resource deletes a stage of your own, if it still is where the state has it. The service does " +
	"not delete built-in stages: they are dropped from the state, with a warning, and stay where they are. A " +
	"version without any stage may be deleted by the service."

func (r *secretStageResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: secretStageDescription,
		Attributes: map[string]schema.Attribute{
			"id":          idAttribute("Secret and stage, as in `db-password/SYSCURRENT`."),
			"region":      regionAttribute(),
			"secret_name": keyAttribute("Name of the secret.", secretNameValidators()),
			"name": keyAttribute("Name of the stage: `SYSCURRENT`, `SYSPREVIOUS` or a stage of your own. A secret has 12 "+
				"at most. With `lifecycle { create_before_destroy = true }` the stage with the new name is on the version "+
				"before the old one is deleted, so that the version is never without a stage.", stageNameValidators()),
			"version_id": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Id of the version that has the stage, such as `v3`.",
				Validators:          []validator.String{versionIDValidator{}},
			},
			"expected_version_id": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Id of the version that the stage may be moved from. If it is on another one when it is " +
					"to be moved, the apply stops and leaves it there. `\"\"` means that the stage must not exist yet. A stage " +
					"that is on `version_id` already is adopted, and one that does not exist is created. Use it for a new " +
					"resource, for which Terraform hands nothing from the plan to the apply: " +
					"`data.csms_secret_versions.db.stages[\"SYSCURRENT\"]` is read at plan and kept in it. It has a meaning only " +
					"while the stage is moved: changing it alone changes nothing. A value that is known only after apply is " +
					"compared at apply.",
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
				MarkdownDescription: "When the stage was last put on its version, in RFC 3339 and UTC.",
			},
			"timeouts": timeoutsAttribute(ctx),
		},
	}
}

func (r *secretStageResource) IdentitySchema(
	_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse,
) {
	resp.IdentitySchema = stageKind.identitySchema()
}

// ModifyPlan sets what follows from a change, and warns of what may be a surprise. Terraform plans
// again during apply and insists on the same result, so only what follows from configuration and
// state goes into the plan; what was looked up goes into warnings.
func (r *secretStageResource) ModifyPlan(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	if r.data == nil {
		return
	}
	instance := instanceOf(ctx, req, resp)
	if req.Plan.Raw.IsNull() {
		r.planDelete(ctx, req, instance, resp)
		return
	}
	var plan secretStageModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if req.State.Raw.IsNull() {
		resp.Diagnostics.Append(plannedRegion(ctx, req.Config, r.data, &plan.Region)...)
	}
	if plan.Region.IsNull() { // a state that was moved here and not refreshed since
		plan.Region = r.data.region
	}
	r.checkDeclaredOnce(plan, instance, &resp.Diagnostics)
	switch {
	case req.State.Raw.IsNull():
		r.planCreate(ctx, &plan, instance, resp)
	case req.Plan.Raw.Equal(req.State.Raw):
		r.checkPlanConflicts(plan.target(r.data.region), instance, planKeeps, &resp.Diagnostics)
		return // nothing to write into the plan
	default:
		r.planUpdate(ctx, req, &plan, instance, resp)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

func (r *secretStageResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan secretStageModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	ctx, cancel := withTimeout(ctx, plan.Timeouts.Create, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	r.data.journal.start()
	moved := r.put(ctx, plan, r.createGuard(plan), &resp.Diagnostics)
	if moved == nil {
		return
	}
	r.data.journal.recordCreated()
	r.warnStageMoved(plan, *moved, &resp.Diagnostics)
	if plan.PreviousVersionID = types.StringNull(); moved.From != "" {
		plan.PreviousVersionID = types.StringValue(moved.From)
	}
	plan.update(moved.Stage, r.data.region)
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
		state.Region = r.data.region
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, regionAssumedKey, []byte("true"))...)
	}
	if isIncomplete(req.Identity, state.ID) {
		resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	}
	stage, err := r.read(ctx, state)
	switch {
	case csms.IsGone(err):
		resp.Diagnostics.Append(goneWarning(state.ID, state.target(r.data.region), regionAssumed)...)
		resp.State.RemoveResource(ctx)
		return
	case isInactive(err) && !state.VersionID.IsNull(): // null in an import, which has nothing to keep
		resp.Diagnostics.Append(inactiveWarning(state.target(r.data.region), err))
	case err != nil:
		resp.Diagnostics.Append(apiError("read CSMS secret stage", state.target(r.data.region), err))
		return
	case stage == nil:
		return // as the state has it
	default:
		resp.Diagnostics.Append(movedOutsideWarning(state.target(r.data.region), state.VersionID, *stage)...)
		if !state.VersionID.IsNull() && state.VersionID.ValueString() != stage.VersionID {
			state.PreviousVersionID = state.VersionID
		}
		state.update(*stage, r.data.region)
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
	r.data.journal.start()
	if !plan.VersionID.Equal(state.VersionID) {
		moved := r.put(ctx, plan, r.updateGuard(plan, state), &resp.Diagnostics)
		if moved == nil {
			return
		}
		plan.update(moved.Stage, r.data.region)
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
	r.data.journal.start()
	leftover, diags := r.data.isLeftover(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	switch {
	case csms.IsBuiltInStage(state.Name.ValueString()):
		r.data.journal.recordDeleted(state.target(r.data.region), state.VersionID.ValueString())
		resp.Diagnostics.Append(builtInNotDeletedWarning(state.target(r.data.region)))
	case leftover:
		resp.Diagnostics.Append(deposedNotDeletedWarning(state.target(r.data.region), state.VersionID.ValueString()))
	default:
		r.deleteStage(ctx, state, &resp.Diagnostics)
	}
}

func (r *secretStageResource) ImportState(
	ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse,
) {
	stageKind.importState(ctx, req, resp)
}

// MoveState takes over the state of huaweicloud_csms_secret_version_state, without a call.
func (r *secretStageResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{SourceSchema: &versionStateSchema, StateMover: moveFromVersionState}}
}

// read returns the stage if it is not as the state has it, and nil if nothing changed. The stage's
// version comes from the list that all resources of the secret share; only a stage that is not
// where the state has it costs a call of its own.
func (r *secretStageResource) read(ctx context.Context, state secretStageModel) (*csms.Stage, error) {
	client, err := r.data.clientIn(state.Region)
	if err != nil {
		return nil, err
	}
	// Without a time it was imported or moved here a moment ago.
	if !state.UpdateTime.IsNull() {
		versions, err := client.CachedVersions(ctx, state.SecretName.ValueString())
		if err != nil {
			return nil, err
		}
		if state.matches(versions) {
			return nil, nil
		}
	}
	return client.GetStage(ctx, state.SecretName.ValueString(), state.Name.ValueString())
}

// movedOutsideWarning says that somebody else moved the stage, which the plan may move back.
func movedOutsideWarning(t target, stored types.String, stage csms.Stage) diag.Diagnostics {
	if stored.IsNull() || stored.ValueString() == stage.VersionID {
		return nil
	}
	return diag.Diagnostics{warning("CSMS secret stage was moved outside Terraform", t,
		"it was moved from version %q to %q at %s. Unless the configuration follows, the plan moves it back; "+
			"if the change was meant, set version_id = %q.",
		stored.ValueString(), stage.VersionID, formatTime(stage.UpdateTime), stage.VersionID)}
}
