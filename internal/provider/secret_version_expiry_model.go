package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

type secretVersionExpiryModel struct {
	ID         types.String   `tfsdk:"id"`
	Region     types.String   `tfsdk:"region"`
	SecretName types.String   `tfsdk:"secret_name"`
	VersionID  types.String   `tfsdk:"version_id"`
	ExpireTime instant        `tfsdk:"expire_time"`
	Timeouts   timeouts.Value `tfsdk:"timeouts"`
}

type secretVersionExpiryIdentity struct {
	Region     types.String `tfsdk:"region"`
	SecretName types.String `tfsdk:"secret_name"`
	VersionID  types.String `tfsdk:"version_id"`
}

// versionKind names a version in ids and identities.
var versionKind = objectKind{
	attribute: "version_id",
	example:   "v3",
	describe:  "Id of the version.",
	valid:     isVersionID,
}

// matches reports whether a version has the expiry that the model has.
func (m *secretVersionExpiryModel) matches(version *csms.Version) bool {
	return newInstant(version.ExpireTime).isSame(m.ExpireTime)
}

// complete fills in what follows from the key. ownRegion is the provider's.
func (m *secretVersionExpiryModel) complete(ownRegion types.String) {
	m.Region = regionOr(m.Region, ownRegion)
	m.ID = objectID(m.SecretName, m.VersionID)
}

func (m *secretVersionExpiryModel) identity() secretVersionExpiryIdentity {
	return secretVersionExpiryIdentity{Region: m.Region, SecretName: m.SecretName, VersionID: m.VersionID}
}

// target is the version. ownRegion is the provider's.
func (m *secretVersionExpiryModel) target(ownRegion types.String) target {
	return target{
		region:  regionOr(m.Region, ownRegion).ValueString(),
		secret:  m.SecretName.ValueString(),
		version: m.VersionID.ValueString(),
	}
}
