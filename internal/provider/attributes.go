package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

// defaultTimeout bounds a whole operation, the waits between retries included. A call takes well
// under a second; five retries with their waits take about a minute.
const defaultTimeout = 2 * time.Minute

// lookUpTimeout bounds a call at plan that only serves a warning: a plan must not hang for it.
const lookUpTimeout = 20 * time.Second

func secretNameValidators() []validator.String {
	return []validator.String{stringvalidator.RegexMatches(csms.ValidSecretName,
		"must have 1 to 64 letters, digits, hyphens, underscores or dots, such as db-password")}
}

func stageNameValidators() []validator.String {
	return []validator.String{stringvalidator.RegexMatches(csms.ValidStageName,
		"must have 1 to 64 letters, digits, hyphens or underscores, such as SYSCURRENT or blue")}
}

// isVersionID reports whether a string is the id of a version. The alias "latest" is none: the API
// takes it only where it returns a value, and it would be another version tomorrow.
func isVersionID(id string) bool {
	return id != "latest" && csms.ValidVersionID.MatchString(id)
}

// versionIDValidator refuses what is no id of a version.
type versionIDValidator struct{}

func (versionIDValidator) Description(context.Context) string {
	return "must be the id of a version, such as v3"
}

func (v versionIDValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (v versionIDValidator) ValidateString(
	ctx context.Context, req validator.StringRequest, resp *validator.StringResponse,
) {
	id := req.ConfigValue.ValueString()
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || isVersionID(id) {
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Invalid version id", fmt.Sprintf("%q is not an id: it %s. "+
		"For the newest version, use latest_version_id of the data source csms_secret_versions.", id, v.Description(ctx)))
}

// expectedVersionIDValidator also takes the empty string, which stands for no version.
type expectedVersionIDValidator struct{ versionIDValidator }

func (v expectedVersionIDValidator) ValidateString(
	ctx context.Context, req validator.StringRequest, resp *validator.StringResponse,
) {
	if req.ConfigValue.ValueString() != "" {
		v.versionIDValidator.ValidateString(ctx, req, resp)
	}
}

func regionValidators() []validator.String {
	return []validator.String{stringvalidator.RegexMatches(huaweicloud.ValidRegion,
		"must be the id of a region, such as cn-north-4")}
}

// regionAttribute is the region of a resource. What the state has stays when the configuration
// names none: another default region must not move a stage.
func regionAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true,
		Computed: true,
		MarkdownDescription: "Region of the secret. By default the provider's at the time of creation or import. " +
			"Changing it replaces the resource.",
		PlanModifiers: []planmodifier.String{
			stringplanmodifier.UseStateForUnknown(),
			stringplanmodifier.RequiresReplaceIf(isOtherRegion, otherRegion, otherRegion),
		},
		Validators: regionValidators(),
	}
}

const otherRegion = "Another region replaces the resource."

// isOtherRegion is false for a state that was moved here without a region: the region that the
// configuration names is where the object has been all along.
func isOtherRegion(
	_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse,
) {
	resp.RequiresReplace = !req.ConfigValue.IsNull() && !req.StateValue.IsNull()
}

func idAttribute(description string) schema.StringAttribute {
	return schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: description,
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
}

func keyAttribute(description string, validators []validator.String) schema.StringAttribute {
	return schema.StringAttribute{
		Required:            true,
		MarkdownDescription: description + " Changing it replaces the resource.",
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		Validators:          validators,
	}
}

func timeoutsAttribute(ctx context.Context) schema.Attribute {
	limit := func(operation string) string {
		return "How long " + operation + " may take, waits between retries included, such as `30s` or `5m`. By default `2m`."
	}
	return timeouts.Attributes(ctx, timeouts.Opts{
		Create: true, CreateDescription: limit("a creation"),
		Read: true, ReadDescription: limit("a refresh"),
		Update: true, UpdateDescription: limit("an update"),
		Delete: true, DeleteDescription: limit("a deletion"),
	})
}

// noTimeouts is a null timeouts attribute: the zero value of timeouts.Value has no type.
func noTimeouts() timeouts.Value {
	return timeouts.Value{Object: types.ObjectNull(map[string]attr.Type{
		"create": types.StringType, "read": types.StringType, "update": types.StringType, "delete": types.StringType,
	})}
}

// withTimeout bounds ctx by the limit that the configuration sets for an operation, given as one of
// the methods of timeouts.Value.
func withTimeout(
	ctx context.Context, limit func(context.Context, time.Duration) (time.Duration, diag.Diagnostics),
	diags *diag.Diagnostics,
) (context.Context, context.CancelFunc) {
	d, more := limit(ctx, defaultTimeout)
	diags.Append(more...)
	return context.WithTimeout(ctx, d)
}
