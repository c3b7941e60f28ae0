package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

var _ list.ListResourceWithConfigure = (*secretVersionExpiryListResource)(nil)

func newSecretVersionExpiryListResource() list.ListResource {
	return &secretVersionExpiryListResource{}
}

// secretVersionExpiryListResource finds the versions that have an expiry. It has the type name and
// the Configure of the managed resource.
type secretVersionExpiryListResource struct{ secretVersionExpiryResource }

func (l *secretVersionExpiryListResource) ListResourceConfigSchema(
	_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse,
) {
	resp.Schema = listSchema("Lists the versions that have an expiry, of one secret or of every secret of the project.")
}

func (l *secretVersionExpiryListResource) List(
	ctx context.Context, req list.ListRequest, stream *list.ListResultsStream,
) {
	streamListed(ctx, l.data, req, stream, listedExpiries)
}

func listedExpiries(region string, v csms.Version) []listedObject {
	if v.ExpireTime.IsZero() {
		return nil
	}
	model := secretVersionExpiryModel{
		Region:     types.StringValue(region),
		SecretName: types.StringValue(v.SecretName),
		VersionID:  types.StringValue(v.ID),
		ExpireTime: newInstant(v.ExpireTime),
		Timeouts:   noTimeouts(),
	}
	model.complete(model.Region)
	return []listedObject{{
		identity: model.identity(),
		target:   model.target(model.Region),
		resource: func(context.Context, *csms.Client) (any, error) { return model, nil },
	}}
}
