package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

func providerSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Manages what rotation of a secret in Huawei Cloud's " +
			"Cloud Secret Management Service (CSMS) is made of: " +
			"which version a stage points at, and when a version expires. It never reads a secret's value.",
		Attributes: attributesOf(""),
		Blocks: map[string]schema.Block{
			"assume_role": assumeRoleBlock(),
			oidcBlockName: oidcBlock(),
		},
	}
}

// How long the credentials of an agency can be asked for, in seconds.
const minRoleSeconds, maxRoleSeconds = 900, 86400

func assumeRoleBlock() schema.ListNestedBlock {
	return schema.ListNestedBlock{
		MarkdownDescription: "Agency to assume with the credentials; " +
			"of several, each with the credentials of the one before it. " +
			"Without such a block, it may come from `HW_ASSUME_ROLE_AGENCY_NAME`, `HW_ASSUME_ROLE_DOMAIN_NAME`, " +
			"`HW_ASSUME_ROLE_DOMAIN_ID` and `HW_ASSUME_ROLE_DURATION`.",
		NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
			"agency_name": schema.StringAttribute{Required: true, MarkdownDescription: "Name of the agency."},
			"domain_name": schema.StringAttribute{
				Optional: true, MarkdownDescription: "Name of the account that has the agency.",
			},
			"domain_id": schema.StringAttribute{
				Optional: true, MarkdownDescription: "Id of the account that has the agency, instead of `domain_name`.",
			},
			"duration": schema.Int64Attribute{
				Optional: true,
				MarkdownDescription: "How long the temporary credentials are valid, in seconds; they are renewed before. " +
					"By default 3600.",
				Validators: []validator.Int64{int64validator.Between(minRoleSeconds, maxRoleSeconds)},
			},
		}},
	}
}

func oidcBlock() schema.SingleNestedBlock {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Signs in with a token of an OpenID Connect identity provider.",
		Attributes:          attributesOf(oidcBlockName),
	}
}
