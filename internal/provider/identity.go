package provider

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

// objectKind says how one of the two resources names its remote object: a stage by its name, a
// version by its id.
type objectKind struct {
	attribute string // attribute of the second part of the id
	example   string // a valid second part
	describe  string // what the part is, for documentation
	valid     func(string) bool
}

// identitySchema names the remote object: region, secret, and the kind's own part.
func (k objectKind) identitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"region": identityschema.StringAttribute{
			OptionalForImport: true, Description: "Region of the secret. By default the provider's.",
		},
		"secret_name": identityschema.StringAttribute{RequiredForImport: true, Description: "Name of the secret."},
		k.attribute:   identityschema.StringAttribute{RequiredForImport: true, Description: k.describe},
	}}
}

// importState takes "secret/part", "region/secret/part" and an identity. It sets the key attributes
// only; the Read that follows fills in the rest.
func (k objectKind) importState(
	ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse,
) {
	var region, secret, part types.String
	if req.ID != "" || req.Identity == nil || req.Identity.Raw.IsNull() {
		region, secret, part = k.parseID(req.ID, &resp.Diagnostics)
	} else {
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("region"), &region)...)
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("secret_name"), &secret)...)
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root(k.attribute), &part)...)
		k.checkParts(region, secret.ValueString(), part.ValueString(), "identity", &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("region"), region)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("secret_name"), secret)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(k.attribute), part)...)
}

// parseID splits an import id.
func (k objectKind) parseID(id string, diags *diag.Diagnostics) (region, secret, part types.String) {
	parts := strings.Split(id, "/")
	if len(parts) == 3 {
		region, parts = types.StringValue(parts[0]), parts[1:]
	}
	if len(parts) != 2 {
		k.addInvalidID(strconv.Quote(id), "it has not two or three parts", diags)
		return region, secret, part
	}
	k.checkParts(region, parts[0], parts[1], strconv.Quote(id), diags)
	return region, types.StringValue(parts[0]), types.StringValue(parts[1])
}

func (k objectKind) checkParts(region types.String, secret, part, what string, diags *diag.Diagnostics) {
	switch {
	case !region.IsNull() && !huaweicloud.ValidRegion.MatchString(region.ValueString()):
		k.addInvalidID(what, fmt.Sprintf("%q is not a region", region.ValueString()), diags)
	case !csms.ValidSecretName.MatchString(secret):
		k.addInvalidID(what, fmt.Sprintf("%q is not a name of a secret", secret), diags)
	case !k.valid(part):
		k.addInvalidID(what, fmt.Sprintf("%q is not a valid %s", part, k.attribute), diags)
	}
}

func (k objectKind) addInvalidID(what, why string, diags *diag.Diagnostics) {
	diags.AddError("Invalid import id", fmt.Sprintf("Unable to import %s: %s. "+
		"Accepted forms, for example: db-password/%s, or cn-north-4/db-password/%s.", what, why, k.example, k.example))
}

// isIncomplete reports whether Read has to set the identity: it must not be null after Read, not
// even of an object that is gone, and it is null in an import by id, in states that are older than
// identities, and in every Terraform before 1.12. An import by identity, which has no id yet, may
// lack the region.
func isIncomplete(identity *tfsdk.ResourceIdentity, id types.String) bool {
	return identity == nil || identity.Raw.IsNull() || id.IsNull()
}

// objectID is the id of a resource, known as soon as its parts are.
func objectID(secret, part types.String) types.String {
	if anyUnknown(secret, part) {
		return types.StringUnknown()
	}
	return types.StringValue(secret.ValueString() + "/" + part.ValueString())
}

// anyUnknown reports whether Terraform does not know one of the values yet.
func anyUnknown(values ...types.String) bool {
	return slices.ContainsFunc(values, types.String.IsUnknown)
}
