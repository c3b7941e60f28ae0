package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

var _ datasource.DataSourceWithConfigure = (*secretVersionsDataSource)(nil)

func newSecretVersionsDataSource() datasource.DataSource { return &secretVersionsDataSource{} }

// secretVersionsDataSource is the metadata of all versions of a secret.
type secretVersionsDataSource struct{ dataSourceBase }

type secretVersionsDataModel struct {
	Region          types.String            `tfsdk:"region"`
	SecretName      types.String            `tfsdk:"secret_name"`
	LatestVersionID types.String            `tfsdk:"latest_version_id"`
	Stages          map[string]string       `tfsdk:"stages"`
	Versions        []secretVersionMetadata `tfsdk:"versions"`
}

func (d *secretVersionsDataSource) Metadata(
	_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_secret_versions"
}

func (d *secretVersionsDataSource) Schema(
	_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Metadata of all versions of a secret, and which version has which stage. The secret's " +
			"value is not read.",
		Attributes: map[string]schema.Attribute{
			"region":      regionDataAttribute(),
			"secret_name": secretNameDataAttribute(),
			"latest_version_id": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "Id of the newest version: the one with the highest number, whatever stages it has. Null " +
					"if there are no versions.",
			},
			"stages": schema.MapAttribute{
				Computed:            true,
				ElementType:         types.StringType,
				MarkdownDescription: "Id of the version that has each stage, by the stage's name.",
			},
			"versions": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "All versions, oldest first: by number, `v2` before `v10`.",
				NestedObject:        schema.NestedAttributeObject{Attributes: secretVersionAttributes(nil)},
			},
		},
	}
}

func (d *secretVersionsDataSource) Read(
	ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse,
) {
	var model secretVersionsDataModel
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("region"), &model.Region)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("secret_name"), &model.SecretName)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const action = "read CSMS secret versions"
	t := target{region: model.Region.ValueString(), secret: model.SecretName.ValueString()}
	client := d.client(action, model.Region, &t, &resp.Diagnostics)
	if client == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, defaultTimeout)
	defer cancel()
	versions, err := client.ListVersions(ctx, t.secret)
	if err != nil {
		resp.Diagnostics.Append(apiError(action, t, err))
		return
	}
	model.Region = types.StringValue(client.Region())
	model.Stages = make(map[string]string)
	model.Versions = make([]secretVersionMetadata, len(versions))
	for i, v := range versions {
		if _, numbered := csms.VersionNumber(v.ID); numbered || model.LatestVersionID.IsNull() {
			model.LatestVersionID = types.StringValue(v.ID)
		}
		model.Versions[i] = newSecretVersionMetadata(v, d.data.now())
		for _, stage := range v.Stages {
			model.Stages[stage] = v.ID
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}
