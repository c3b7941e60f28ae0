package provider

import (
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

// secretVersionMetadata is what the data sources say about a version. A secret's value is not part of
// it.
type secretVersionMetadata struct {
	VersionID     types.String `tfsdk:"version_id"`
	CreateTime    instant      `tfsdk:"create_time"`
	ExpireTime    instant      `tfsdk:"expire_time"`
	Expired       types.Bool   `tfsdk:"expired"`
	KMSKeyID      types.String `tfsdk:"kms_key_id"`
	VersionStages []string     `tfsdk:"version_stages"`
}

// secretVersionAttributes are the attributes of secretVersionMetadata, and others.
func secretVersionAttributes(others map[string]schema.Attribute) map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		"version_id": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "Id of the version, such as `v3`.",
		},
		"create_time": schema.StringAttribute{
			Computed:            true,
			CustomType:          instantType{},
			MarkdownDescription: "When the version was created, in RFC 3339 and UTC.",
		},
		"expire_time": schema.StringAttribute{
			Computed:            true,
			CustomType:          instantType{},
			MarkdownDescription: "When the version expires, in RFC 3339 and UTC. Null if it does not.",
		},
		"expired": schema.BoolAttribute{
			Computed:            true,
			MarkdownDescription: "Whether `expire_time` has passed. The service goes on serving an expired version.",
		},
		"kms_key_id": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "Id of the KMS key that encrypts the version. Null if the service does not say.",
		},
		"version_stages": schema.ListAttribute{
			Computed:    true,
			ElementType: types.StringType,
			MarkdownDescription: "Stages of the version, in alphabetical order. Empty if there are none: the service may " +
				"then delete the version.",
		},
	}
	maps.Copy(attributes, others)
	return attributes
}

func newSecretVersionMetadata(v csms.Version, now time.Time) secretVersionMetadata {
	return secretVersionMetadata{
		VersionID:     types.StringValue(v.ID),
		CreateTime:    newInstant(v.CreateTime),
		ExpireTime:    newInstant(v.ExpireTime),
		Expired:       types.BoolValue(!v.ExpireTime.IsZero() && !v.ExpireTime.After(now)),
		KMSKeyID:      textOrNull(v.KMSKeyID),
		VersionStages: append([]string{}, v.Stages...),
	}
}

// textOrNull is null for what the service did not send.
func textOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

// secretNameDataAttribute and regionDataAttribute are the arguments that all data sources have.
func secretNameDataAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "Name of the secret.",
		Validators:          secretNameValidators(),
	}
}

func regionDataAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		Optional:            true,
		Computed:            true,
		MarkdownDescription: "Region of the secret. By default the provider's.",
		Validators:          regionValidators(),
	}
}
