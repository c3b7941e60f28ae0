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

// found is one remote object of a kind that is listed.
type found struct {
	identity any
	resource func(context.Context, *csms.Client) (any, error) // the whole resource, if it is asked for
	on       object
}

// streamFound lists the versions of one secret after the other and pushes what
// findIn finds there, up to the limit that Terraform sets.
func streamFound(ctx context.Context, s *session, req list.ListRequest, stream *list.ListResultsStream, findIn func(region string, v csms.Version) []found) {
	var model listModel
	if diags := req.Config.Get(ctx, &model); diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	client, secrets, err := listedSecrets(ctx, s, model)
	if err != nil {
		on := object{region: model.Region.ValueString(), secret: model.SecretName.ValueString()}
		if client != nil {
			on.region = client.Region()
		}
		stream.Results = list.ListResultsStreamDiagnostics(diag.Diagnostics{apiError("list CSMS secrets", on, err)})
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		l := lister{ctx: ctx, req: req, client: client, push: push, all: model.SecretName.IsNull(), left: req.Limit}
		for _, secret := range secrets {
			if !l.listSecret(secret, findIn) {
				return
			}
		}
	}
}

// listedSecrets returns the client, and the names of the secrets to look at.
func listedSecrets(ctx context.Context, s *session, model listModel) (*csms.Client, []string, error) {
	client, err := s.clientIn(model.Region)
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

// lister pushes results until the limit is reached or Terraform has had enough.
type lister struct {
	ctx    context.Context
	req    list.ListRequest
	client *csms.Client
	push   func(list.ListResult) bool
	all    bool // all secrets, of which some may refuse
	left   int64
}

// listSecret pushes what there is on one secret. It returns false when that is enough.
func (l *lister) listSecret(secret string, findIn func(region string, v csms.Version) []found) bool {
	on := object{region: l.client.Region(), secret: secret}
	versions, err := l.client.ListVersions(l.ctx, secret)
	switch {
	case err == nil:
	case l.all && csms.IsGone(err):
		return true // deleted since the secrets were listed
	case l.all && isInactive(err):
		return l.push(list.ListResult{Diagnostics: diag.Diagnostics{inactiveWarning(on, err)}})
	default:
		return l.push(list.ListResult{Diagnostics: diag.Diagnostics{apiError("list CSMS secret versions", on, err)}})
	}
	for _, v := range versions {
		for _, f := range findIn(l.client.Region(), v) {
			if !l.push(l.result(f)) {
				return false
			}
			if l.left--; l.left == 0 {
				return false
			}
		}
	}
	return true
}

func (l *lister) result(f found) list.ListResult {
	result := l.req.NewListResult(l.ctx)
	result.DisplayName = f.on.name()
	result.Diagnostics.Append(result.Identity.Set(l.ctx, f.identity)...)
	if !l.req.IncludeResource {
		return result
	}
	whole, err := f.resource(l.ctx, l.client)
	if err != nil {
		result.Diagnostics.Append(apiError("read listed CSMS object", f.on, err))
		return result
	}
	result.Diagnostics.Append(result.Resource.Set(l.ctx, whole)...)
	return result
}
