package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

// listModel says what terraform query looks through.
type listModel struct {
	Region     types.String `tfsdk:"region"`
	SecretName types.String `tfsdk:"secret_name"`
}

func listSchema(description string) schema.Schema {
	return schema.Schema{
		MarkdownDescription: description,
		Attributes: map[string]schema.Attribute{
			"region": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Region to look in. By default the provider's.",
				Validators:          regionValidators(),
			},
			"secret_name": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Name of the only secret to look at. By default every secret of the project.",
				Validators:          secretNameValidators(),
			},
		},
	}
}

// listedObject is one remote object of a kind that is listed.
type listedObject struct {
	target   target
	identity any
	resource func(context.Context, *csms.Client) (any, error) // the whole resource, if it is asked for
}

// objectsOf returns the objects of the listed kind that a version has.
type objectsOf func(region string, v csms.Version) []listedObject

// streamListed lists the versions of one secret after the other and pushes the objects of each, up
// to the limit that Terraform sets.
func streamListed(
	ctx context.Context, data *providerData, req list.ListRequest, stream *list.ListResultsStream, objects objectsOf,
) {
	var model listModel
	if diags := req.Config.Get(ctx, &model); diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	client, secrets, err := listedSecrets(ctx, data, model)
	if err != nil {
		t := target{region: model.Region.ValueString(), secret: model.SecretName.ValueString()}
		if client != nil {
			t.region = client.Region()
		}
		stream.Results = list.ListResultsStreamDiagnostics(diag.Diagnostics{apiError("list CSMS secrets", t, err)})
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		l := listing{
			ctx: ctx, req: req, client: client, push: push, objects: objects,
			all: model.SecretName.IsNull(), left: req.Limit,
		}
		for _, secret := range secrets {
			if !l.listSecret(secret) {
				return
			}
		}
	}
}

// listedSecrets returns the client, and the names of the secrets to look at.
func listedSecrets(ctx context.Context, data *providerData, model listModel) (*csms.Client, []string, error) {
	client, err := data.clientIn(model.Region)
	if err != nil {
		return nil, nil, err
	}
	if !model.SecretName.IsNull() {
		return client, []string{model.SecretName.ValueString()}, nil
	}
	secrets, err := client.ListSecrets(ctx)
	names := make([]string, len(secrets))
	for i, secret := range secrets {
		names[i] = secret.Name
	}
	return client, names, err
}

// listing pushes results until the limit is reached or Terraform has had enough.
type listing struct {
	ctx     context.Context
	req     list.ListRequest
	client  *csms.Client
	push    func(list.ListResult) bool
	objects objectsOf
	all     bool // all secrets, of which some may refuse
	left    int64
}

// listSecret pushes what there is on one secret. It returns false when that is enough.
func (l *listing) listSecret(secret string) bool {
	t := target{region: l.client.Region(), secret: secret}
	versions, err := l.client.ListVersions(l.ctx, secret)
	switch {
	case err == nil:
	case l.all && csms.IsGone(err):
		return true // deleted since the secrets were listed
	case l.all && isInactive(err):
		return l.push(list.ListResult{Diagnostics: diag.Diagnostics{inactiveWarning(t, err)}})
	default:
		return l.push(list.ListResult{Diagnostics: diag.Diagnostics{apiError("list CSMS secret versions", t, err)}})
	}
	for _, v := range versions {
		for _, object := range l.objects(l.client.Region(), v) {
			if !l.push(l.result(object)) {
				return false
			}
			if l.left--; l.left == 0 {
				return false
			}
		}
	}
	return true
}

func (l *listing) result(object listedObject) list.ListResult {
	result := l.req.NewListResult(l.ctx)
	result.DisplayName = object.target.name()
	result.Diagnostics.Append(result.Identity.Set(l.ctx, object.identity)...)
	if !l.req.IncludeResource {
		return result
	}
	whole, err := object.resource(l.ctx, l.client)
	if err != nil {
		result.Diagnostics.Append(apiError("read listed CSMS object", object.target, err))
		return result
	}
	result.Diagnostics.Append(result.Resource.Set(l.ctx, whole)...)
	return result
}
