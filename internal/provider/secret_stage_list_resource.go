package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

var _ list.ListResourceWithConfigure = (*secretStageListResource)(nil)

func newSecretStageListResource() list.ListResource { return &secretStageListResource{} }

// secretStageListResource finds the stages that there are. It has the type name and the Configure
// of the managed resource.
type secretStageListResource struct{ secretStageResource }

func (l *secretStageListResource) ListResourceConfigSchema(
	_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse,
) {
	resp.Schema = listSchema("Lists the stages of one secret, or of every secret of the project, the built-in ones " +
		"included.")
}

func (l *secretStageListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	streamListed(ctx, l.data, req, stream, listedStages)
}

// listedStages returns the stages of a version. When a stage was put there is not part of the
// version, so the whole resource costs a call.
func listedStages(region string, v csms.Version) []listedObject {
	stages := make([]listedObject, len(v.Stages))
	for i, name := range v.Stages {
		model := secretStageModel{
			Region:     types.StringValue(region),
			SecretName: types.StringValue(v.SecretName),
			Name:       types.StringValue(name),
			Timeouts:   noTimeouts(),
		}
		stages[i] = listedObject{
			identity: model.identity(),
			target:   model.target(model.Region),
			resource: func(ctx context.Context, client *csms.Client) (any, error) {
				stage, err := client.GetStage(ctx, v.SecretName, name)
				if err == nil {
					model.update(*stage, model.Region)
				}
				return model, err
			},
		}
	}
	return stages
}
