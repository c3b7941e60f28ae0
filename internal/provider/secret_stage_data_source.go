package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

var _ datasource.DataSourceWithConfigure = (*secretStageDataSource)(nil)

func newSecretStageDataSource() datasource.DataSource { return &secretStageDataSource{} }

// secretStageDataSource is the version that has a stage right now.
type secretStageDataSource struct{ dataSourceBase }

type secretStageDataModel struct {
	Region     types.String `tfsdk:"region"`
	SecretName types.String `tfsdk:"secret_name"`
	Name       types.String `tfsdk:"name"`
	VersionID  types.String `tfsdk:"version_id"`
	UpdateTime instant      `tfsdk:"update_time"`
}

func (d *secretStageDataSource) Metadata(
	_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_secret_stage"
}

func (d *secretStageDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Which version of a secret has a stage, and since when.",
		Attributes: map[string]schema.Attribute{
			"region":      regionDataAttribute(),
			"secret_name": secretNameDataAttribute(),
			"name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Name of the stage, such as `SYSCURRENT`.",
				Validators:          stageNameValidators(),
			},
			"version_id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "Id of the version that has the stage.",
			},
			"update_time": schema.StringAttribute{
				Computed:            true,
				CustomType:          instantType{},
				MarkdownDescription: "When the stage was last put on its version, in RFC 3339 and UTC.",
			},
		},
	}
}

func (d *secretStageDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model secretStageDataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const action = "read CSMS secret stage"
	t := target{
		region: model.Region.ValueString(), secret: model.SecretName.ValueString(), stage: model.Name.ValueString(),
	}
	client := d.client(action, model.Region, &t, &resp.Diagnostics)
	if client == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, defaultTimeout)
	defer cancel()
	stage, err := client.GetStage(ctx, t.secret, t.stage)
	if csms.IsGone(err) {
		resp.Diagnostics.Append(apiError(action, t, err, missingStageRemedy(ctx, client, t)))
		return
	}
	if err != nil {
		resp.Diagnostics.Append(apiError(action, t, err))
		return
	}
	model.Region = types.StringValue(client.Region())
	model.VersionID = types.StringValue(stage.VersionID)
	model.UpdateTime = newInstant(stage.UpdateTime)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}
