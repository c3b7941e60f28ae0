package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

var (
	_ datasource.DataSourceWithConfigure        = (*secretVersionDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*secretVersionDataSource)(nil)
)

func newSecretVersionDataSource() datasource.DataSource { return &secretVersionDataSource{} }

// secretVersionDataSource is the metadata of one version, found by id or by stage. It comes from
// the list of versions: the call for one version returns the secret's value.
type secretVersionDataSource struct{ dataSourceBase }

type secretVersionDataModel struct {
	Region     types.String `tfsdk:"region"`
	SecretName types.String `tfsdk:"secret_name"`
	Stage      types.String `tfsdk:"stage"`
	secretVersionMetadata
}

func (d *secretVersionDataSource) Metadata(
	_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_secret_version"
}

func (d *secretVersionDataSource) Schema(
	_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Metadata of one version of a secret, by its id or by a stage. The secret's value is not read.",
		Attributes: secretVersionAttributes(map[string]schema.Attribute{
			"region":      regionDataAttribute(),
			"secret_name": secretNameDataAttribute(),
			"version_id": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "Id of the version, such as `v3`. Conflicts with `stage`.",
				Validators:          []validator.String{versionIDValidator{}},
			},
			"stage": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "Stage of the version. By default `SYSCURRENT`, unless `version_id` is set.",
				Validators:          stageNameValidators(),
			},
		}),
	}
}

func (d *secretVersionDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		datasourcevalidator.Conflicting(path.MatchRoot("version_id"), path.MatchRoot("stage")),
	}
}

func (d *secretVersionDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model secretVersionDataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if model.VersionID.IsNull() && model.Stage.IsNull() {
		model.Stage = types.StringValue(csms.StageCurrent)
	}
	const action = "read CSMS secret version"
	t := target{
		region: model.Region.ValueString(), secret: model.SecretName.ValueString(),
		stage: model.Stage.ValueString(), version: model.VersionID.ValueString(),
	}
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
	version, err := chooseVersion(versions, t)
	if err != nil {
		resp.Diagnostics.Append(apiError(action, t, err))
		return
	}
	model.Region = types.StringValue(client.Region())
	model.secretVersionMetadata = newSecretVersionMetadata(*version, d.data.now())
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

// chooseVersion finds a version by its id, or by a stage of it. Its error names those that there
// are.
func chooseVersion(versions []csms.Version, t target) (*csms.Version, error) {
	if t.version != "" {
		if version := findVersion(versions, t.version); version != nil {
			return version, nil
		}
		return nil, fmt.Errorf("there is no such version: %s", versionIDs(versions))
	}
	if version := findVersion(versions, holderOf(versions, t.stage)); version != nil {
		return version, nil
	}
	return nil, fmt.Errorf("there is no such stage: %s", stageNames(versions))
}
