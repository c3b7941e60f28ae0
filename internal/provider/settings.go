package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// setting is an attribute of the provider block and the environment variables that stand in for
// it. The schema, the documentation and the look-up of its value all go by this.
type setting struct {
	name string
	kind settingKind
	// block is the nested block that has the attribute; empty for the provider block itself.
	block string
	// variables are those that stand in for the attribute; the first one that is set wins.
	variables []string
	// alternative is another setting for the same thing. What the provider block says by one of
	// them, the environment does not contradict by the other.
	alternative string
	// least and most bound a number, defaultValue is what it is if nothing sets it.
	least, most, defaultValue int
	// description is what the documentation says, without the variables.
	description string
}

type settingKind int

const (
	textSetting settingKind = iota
	secretSetting
	boolSetting
	numberSetting
	// variableSetting has no attribute of its own: only the environment has it.
	variableSetting
)

// oidcBlockName is the block with an identity of OpenID Connect.
const oidcBlockName = "assume_role_with_oidc"

// defaultMaxRetries is what the main Huawei Cloud provider uses too.
const defaultMaxRetries = 5

// providerSettings are all there are. The variables are the main Huawei Cloud provider's, but for
// CSMS_*.
var providerSettings = []setting{
	{
		name: "region", variables: []string{"HW_REGION_NAME", "OS_REGION_NAME"},
		description: "Region of the secrets, such as `cn-north-4`; resources and data sources may name another.",
	},
	{
		name: "access_key", kind: secretSetting, variables: []string{"HW_ACCESS_KEY", "OS_ACCESS_KEY"},
		description: "Access key (AK). Goes with `secret_key`.",
	},
	{
		name: "secret_key", kind: secretSetting, variables: []string{"HW_SECRET_KEY", "OS_SECRET_KEY"},
		description: "Secret key (SK). Goes with `access_key`.",
	},
	{
		name: "security_token", kind: secretSetting, variables: []string{"HW_SECURITY_TOKEN"},
		description: "Security token of a temporary access key.",
	},
	{
		name: "token", kind: secretSetting, variables: []string{"HW_AUTH_TOKEN", "OS_AUTH_TOKEN"},
		description: "IAM token, sent as `X-Auth-Token`, instead of an access key.",
	},
	{
		name: "user_name", variables: []string{"HW_USER_NAME", "OS_USERNAME"}, alternative: "user_id",
		description: "Name of the IAM user that `password` belongs to. Needs `domain_name` or `domain_id`.",
	},
	{
		name: "user_id", variables: []string{"HW_USER_ID", "OS_USER_ID"}, alternative: "user_name",
		description: "Id of the IAM user that `password` belongs to, instead of `user_name`.",
	},
	{
		name: "password", kind: secretSetting, variables: []string{"HW_USER_PASSWORD", "OS_PASSWORD"},
		description: "Password of the IAM user, to get tokens with.",
	},
	{
		name: "domain_name", alternative: "domain_id",
		variables:   []string{"HW_DOMAIN_NAME", "OS_DOMAIN_NAME", "OS_USER_DOMAIN_NAME", "OS_PROJECT_DOMAIN_NAME"},
		description: "Name of the account that the IAM user belongs to.",
	},
	{
		name: "domain_id", alternative: "domain_name",
		variables:   []string{"HW_DOMAIN_ID", "OS_DOMAIN_ID", "OS_USER_DOMAIN_ID", "OS_PROJECT_DOMAIN_ID"},
		description: "Id of the account that the IAM user or the access key belongs to.",
	},
	{
		name: "project_name", alternative: "project_id",
		variables: []string{"HW_PROJECT_NAME", "OS_PROJECT_NAME", "OS_TENANT_NAME"},
		description: "Name of the project of the secrets in the provider's region. " +
			"By default the region's own project, which has the region's name.",
	},
	{
		name: "project_id", alternative: "project_name",
		variables: []string{"HW_PROJECT_ID", "OS_PROJECT_ID", "OS_TENANT_ID"},
		description: "Id of the project of the secrets in the provider's region. " +
			"By default `project_name` is looked up in IAM when it is first needed.",
	},
	{
		name: "shared_config_file", variables: []string{"HW_SHARED_CONFIG_FILE"},
		description: "Configuration file of KooCLI (`hcloud`) to take credentials from. " +
			"By default `~/.hcloud/config.json`, if `profile` is set.",
	},
	{
		name: "profile", variables: []string{"HW_PROFILE"},
		description: "Profile in `shared_config_file`. By default its current one.",
	},
	{
		name: "endpoint", variables: []string{"CSMS_ENDPOINT"},
		description: "Address of the service, instead of `https://kms.<region>.<cloud>`. " +
			"`{region}` in it is replaced by the region; without it, every resource must be in the provider's region.",
	},
	{
		name: "auth_url", variables: []string{"HW_AUTH_URL", "OS_AUTH_URL"},
		description: "Address of IAM, instead of `https://iam.<region>.<cloud>/v3`. " +
			"`{region}` in it is replaced by the region.",
	},
	{
		name: "metadata_url", variables: []string{"CSMS_METADATA_URL"},
		description: "Address of the metadata service of the cloud server, instead of `http://169.254.169.254`.",
	},
	{
		name: "cloud", variables: []string{"HW_CLOUD"},
		description: "Domain of the cloud, by default `myhuaweicloud.com`, " +
			"or `myhuaweicloud.eu` for regions that start with `eu-west-1`.",
	},
	{
		name: "insecure", kind: boolSetting, variables: []string{"HW_INSECURE", "OS_INSECURE"},
		description: "Skips the verification of TLS certificates. " +
			"Only for tests: whoever answers then gets the credentials.",
	},
	{
		name: "cacert_file", variables: []string{"OS_CACERT"},
		description: "File with certificate authorities (PEM) to trust besides the system's, or its contents.",
	},
	{
		name: "cert", variables: []string{"OS_CERT"},
		description: "File with the certificate (PEM) to present to the service, or its contents. Goes with `key`.",
	},
	{
		name: "key", kind: secretSetting, variables: []string{"OS_KEY"},
		description: "File with the private key (PEM) of `cert`, or its contents.",
	},
	{
		name: "max_retries", kind: numberSetting, variables: []string{"HW_MAX_RETRIES"},
		least: 0, most: 100, defaultValue: defaultMaxRetries,
		description: fmt.Sprintf("How often a call is tried again after a server error or a lost connection. "+
			"By default %d; 0 tries once. A call that is refused as one too many (status 429) is tried again until its "+
			"operation's time is over, and does not count.", defaultMaxRetries),
	},
	{
		name: "max_requests_per_second", kind: numberSetting, variables: []string{"CSMS_MAX_REQUESTS_PER_SECOND"},
		least: 1, most: 1000,
		description: "How many requests a second to send at most; more of them wait. " +
			"The service allows a user about 20. By default there is no limit until the service refuses a request as one too " +
			"many; from then on all calls slow down together, to what it takes.",
	},
	{
		name: "idp_id", block: oidcBlockName, variables: []string{"HW_ASSUME_ROLE_IDP_ID"},
		description: "Id of the identity provider in IAM.",
	},
	{
		name: "id_token", block: oidcBlockName, kind: secretSetting, alternative: "id_token_file",
		variables:   []string{"HW_ASSUME_ROLE_ID_TOKEN"},
		description: "Token of the identity provider.",
	},
	{
		name: "id_token_file", block: oidcBlockName, alternative: "id_token",
		variables: []string{"HW_ASSUME_ROLE_ID_TOKEN_FILE"},
		description: "File that holds the token of the identity provider, instead of `id_token`. " +
			"It is read anew whenever a token is needed.",
	},
	{
		name: "agency_name", kind: variableSetting,
		variables: []string{"HW_ASSUME_ROLE_AGENCY_NAME", "OS_AGENCY_NAME"},
	},
	{
		name: "agency_domain_name", kind: variableSetting, alternative: "agency_domain_id",
		variables: []string{"HW_ASSUME_ROLE_DOMAIN_NAME", "OS_AGENCY_DOMAIN_NAME"},
	},
	{
		name: "agency_domain_id", kind: variableSetting, alternative: "agency_domain_name",
		variables: []string{"HW_ASSUME_ROLE_DOMAIN_ID"},
	},
	{
		name: "agency_duration", kind: variableSetting, variables: []string{"HW_ASSUME_ROLE_DURATION"},
		least: minRoleSeconds, most: maxRoleSeconds,
	},
}

// settingNamed returns the zero setting for a name that is none.
func settingNamed(name string) setting {
	for _, s := range providerSettings {
		if s.name == name {
			return s
		}
	}
	return setting{}
}

// path is where the provider block has the setting.
func (s setting) path() path.Path {
	if s.block != "" {
		return path.Root(s.block).AtName(s.name)
	}
	return path.Root(s.name)
}

// attributesOf returns the attributes of a block, or of the provider block itself.
func attributesOf(block string) map[string]schema.Attribute {
	attributes := make(map[string]schema.Attribute)
	for _, s := range providerSettings {
		if s.block == block && s.kind != variableSetting {
			attributes[s.name] = s.attribute()
		}
	}
	return attributes
}

func (s setting) attribute() schema.Attribute {
	description := s.description + " May come from `" + strings.Join(s.variables, "` or `") + "`."
	switch s.kind {
	case boolSetting:
		return schema.BoolAttribute{Optional: true, MarkdownDescription: description}
	case numberSetting:
		return schema.Int64Attribute{
			Optional: true, MarkdownDescription: description,
			Validators: []validator.Int64{int64validator.Between(int64(s.least), int64(s.most))},
		}
	default:
		return schema.StringAttribute{
			Optional: true, Sensitive: s.kind == secretSetting, MarkdownDescription: description,
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		}
	}
}

// configuredSettings returns what the provider block sets, as text.
func configuredSettings(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) map[string]string {
	configured := make(map[string]string)
	for _, s := range providerSettings {
		if s.kind == variableSetting {
			continue
		}
		if value := s.valueIn(ctx, config, diags); !value.IsNull() {
			configured[s.name] = value.ValueString()
		}
	}
	return configured
}

// valueIn returns the value of the attribute as text.
func (s setting) valueIn(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) types.String {
	switch s.kind {
	case boolSetting:
		var value types.Bool
		diags.Append(config.GetAttribute(ctx, s.path(), &value)...)
		return asText(value)
	case numberSetting:
		var value types.Int64
		diags.Append(config.GetAttribute(ctx, s.path(), &value)...)
		return asText(value)
	default:
		var value types.String
		diags.Append(config.GetAttribute(ctx, s.path(), &value)...)
		return value
	}
}

func asText(value interface {
	IsNull() bool
	String() string
}) types.String {
	if value.IsNull() {
		return types.StringNull()
	}
	return types.StringValue(value.String())
}
