package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

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

// matches reports whether the versions of the secret have the stage where the model has it.
func (m *secretStageModel) matches(versions []csms.Version) bool {
	return holderOf(versions, m.Name.ValueString()) == m.VersionID.ValueString()
}

// update takes over what the service has. ownRegion is the provider's.
func (m *secretStageModel) update(stage csms.Stage, ownRegion types.String) {
	m.Region = regionOr(m.Region, ownRegion)
	m.ID = objectID(m.SecretName, m.Name)
	m.VersionID = types.StringValue(stage.VersionID)
	m.UpdateTime = newInstant(stage.UpdateTime)
}

func (m *secretStageModel) identity() secretStageIdentity {
	return secretStageIdentity{Region: m.Region, SecretName: m.SecretName, Name: m.Name}
}

// target is the stage, on whatever version it is. ownRegion is the provider's.
func (m *secretStageModel) target(ownRegion types.String) target {
	return target{
		region: regionOr(m.Region, ownRegion).ValueString(),
		secret: m.SecretName.ValueString(),
		stage:  m.Name.ValueString(),
	}
}

// versionStateSchema has the attributes of the huaweicloud provider's resource
// huaweicloud_csms_secret_version_state that csms_secret_stage has by the same names.
var versionStateSchema = schema.Schema{Attributes: map[string]schema.Attribute{
	"region":      schema.StringAttribute{Optional: true, Computed: true},
	"secret_name": schema.StringAttribute{Required: true},
	"name":        schema.StringAttribute{Required: true},
	"version_id":  schema.StringAttribute{Required: true},
}}

// moveFromVersionState takes over the attributes of the other resource, and leaves the rest to the
// Read that follows.
func moveFromVersionState(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	if req.SourceState == nil || !isVersionState(req.SourceTypeName, req.SourceProviderAddress) {
		return
	}
	values := make(map[string]types.String)
	for name := range versionStateSchema.Attributes {
		var value types.String
		resp.Diagnostics.Append(req.SourceState.GetAttribute(ctx, path.Root(name), &value)...)
		resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root(name), value)...)
		values[name] = value
	}
	id := objectID(values["secret_name"], values["name"])
	resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root("id"), id)...)
}

// isVersionState reports whether a state is one of the huaweicloud provider's resource. From the
// second moved block of one resource on, Terraform names either its type or its provider as this
// one's.
func isVersionState(typeName, address string) bool {
	fromHuaweiCloud := strings.HasSuffix(address, "/huaweicloud/huaweicloud")
	switch typeName {
	case "huaweicloud_csms_secret_version_state":
		return fromHuaweiCloud || strings.HasSuffix(address, "/"+providerName+"/"+providerName)
	case providerName + "_secret_stage":
		return fromHuaweiCloud
	default:
		return false
	}
}
