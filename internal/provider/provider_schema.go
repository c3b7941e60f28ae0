package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

func providerSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Manages what rotation of a secret in Huawei Cloud's Cloud Secret Management Service (CSMS) is made of: " +
			"which version a stage points at, and when a version expires. It never reads a secret's value.",
		Attributes: map[string]schema.Attribute{
			"region":         text("region", "Region of the secrets, such as `cn-north-4`; resources and data sources may name another."),
			"access_key":     sensitive("access_key", "Access key (AK). Goes with `secret_key`."),
			"secret_key":     sensitive("secret_key", "Secret key (SK). Goes with `access_key`."),
			"security_token": sensitive("security_token", "Security token of a temporary access key."),
			"token":          sensitive("token", "IAM token, sent as `X-Auth-Token`, instead of an access key."),
			"user_name":      text("user_name", "Name of the IAM user that `password` belongs to. Needs `domain_name` or `domain_id`."),
			"user_id":        text("user_id", "Id of the IAM user that `password` belongs to, instead of `user_name`."),
			"password":       sensitive("password", "Password of the IAM user, to get tokens with."),
			"domain_name":    text("domain_name", "Name of the account that the IAM user belongs to."),
			"domain_id":      text("domain_id", "Id of the account that the IAM user or the access key belongs to."),
			"project_name":   text("project_name", "Name of the project of the secrets in the provider's region. By default the region's own project, which has the region's name."),
			"project_id":     text("project_id", "Id of the project of the secrets in the provider's region. By default `project_name` is looked up in IAM when it is first needed."),
			"shared_config_file": text("shared_config_file", "Configuration file of KooCLI (`hcloud`) to take credentials from. "+
				"By default `~/.hcloud/config.json`, if `profile` is set."),
			"profile": text("profile", "Profile in `shared_config_file`. By default its current one."),
			"endpoint": text("endpoint", "Address of the service, instead of `https://kms.<region>.<cloud>`. "+
				"`{region}` in it is replaced by the region; without it, every resource must be in the provider's region."),
			"auth_url":     text("auth_url", "Address of IAM, instead of `https://iam.<region>.<cloud>/v3`. `{region}` in it is replaced by the region."),
			"metadata_url": text("metadata_url", "Address of the metadata service of the cloud server, instead of `http://169.254.169.254`."),
			"cloud":        text("cloud", "Domain of the cloud, by default `myhuaweicloud.com`, or `myhuaweicloud.eu` for regions that start with `eu-west-1`."),
			"insecure": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Skips the verification of TLS certificates. Only for tests: whoever answers then gets the credentials." + fromEnvironment("insecure"),
			},
			"cacert_file": text("cacert_file", "File with certificate authorities (PEM) to trust besides the system's, or its contents."),
			"cert":        text("cert", "File with the certificate (PEM) to present to the service, or its contents. Goes with `key`."),
			"key":         sensitive("key", "File with the private key (PEM) of `cert`, or its contents."),
			"max_retries": number("max_retries", 0, 100, fmt.Sprintf(
				"How often a call is tried again after a server error or a lost connection. By default %d; 0 tries once. "+
					"A call that is refused as one too many (status 429) is tried again until its operation's time is over, and does not count.", defaultMaxRetries)),
			"max_requests_per_second": number("max_requests_per_second", 1, 1000,
				"How many requests a second to send at most; more of them wait. The service allows a user about 20. "+
					"By default there is no limit until the service refuses a request as one too many; from then on all calls slow down together, to what it takes."),
		},
		Blocks: map[string]schema.Block{
			"assume_role":           assumeRoleBlock(),
			"assume_role_with_oidc": oidcBlock(),
		},
	}
}

func assumeRoleBlock() schema.ListNestedBlock {
	return schema.ListNestedBlock{
		MarkdownDescription: "Agency to assume with the credentials; of several, each with the credentials of the one before it. " +
			"Without such a block, it may come from `HW_ASSUME_ROLE_AGENCY_NAME`, `HW_ASSUME_ROLE_DOMAIN_NAME`, `HW_ASSUME_ROLE_DOMAIN_ID` and `HW_ASSUME_ROLE_DURATION`.",
		NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
			"agency_name": schema.StringAttribute{Required: true, MarkdownDescription: "Name of the agency."},
			"domain_name": schema.StringAttribute{Optional: true, MarkdownDescription: "Name of the account that has the agency."},
			"domain_id":   schema.StringAttribute{Optional: true, MarkdownDescription: "Id of the account that has the agency, instead of `domain_name`."},
			"duration": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "How long the temporary credentials are valid, in seconds; they are renewed before. By default 3600.",
				Validators:          []validator.Int64{int64validator.Between(900, 86400)},
			},
		}},
	}
}

func oidcBlock() schema.SingleNestedBlock {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Signs in with a token of an OpenID Connect identity provider.",
		Attributes: map[string]schema.Attribute{
			"idp_id":        text("idp_id", "Id of the identity provider in IAM."),
			"id_token":      sensitive("id_token", "Token of the identity provider."),
			"id_token_file": text("id_token_file", "File that holds the token of the identity provider, instead of `id_token`. It is read anew whenever a token is needed."),
		},
	}
}

func text(name, description string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: description + fromEnvironment(name),
		Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
	}
}

func sensitive(name, description string) schema.StringAttribute {
	attribute := text(name, description)
	attribute.Sensitive = true
	return attribute
}

func number(name string, least, most int64, description string) schema.Int64Attribute {
	return schema.Int64Attribute{
		Optional:            true,
		MarkdownDescription: description + fromEnvironment(name),
		Validators:          []validator.Int64{int64validator.Between(least, most)},
	}
}

func fromEnvironment(name string) string {
	return " May come from `" + strings.Join(environment[name], "` or `") + "`."
}
