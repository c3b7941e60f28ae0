package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

type assumeRoleModel struct {
	AgencyName types.String `tfsdk:"agency_name"`
	DomainName types.String `tfsdk:"domain_name"`
	DomainID   types.String `tfsdk:"domain_id"`
	Duration   types.Int64  `tfsdk:"duration"`
}

// settings are the values that the provider goes by.
type settings struct {
	configured map[string]string
	diags      *diag.Diagnostics
}

// boolValue returns a setting that is true or false.
func (s settings) boolValue(name string) bool {
	value, err := strconv.ParseBool(cmp.Or(s.get(name), "false"))
	if err != nil {
		s.refuse(name, "it must be true or false")
	}
	return value
}

// number returns a setting that is a whole number.
func (s settings) number(name string) int {
	bounds, text := settingNamed(name), s.get(name)
	if text == "" {
		return bounds.defaultValue
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < bounds.least || n > bounds.most {
		s.refuse(name, fmt.Sprintf("it must be a whole number from %d to %d", bounds.least, bounds.most))
	}
	return n
}

// refuse is for a value of the environment: the schema has refused those of attributes.
func (s settings) refuse(name, why string) {
	value, variable := lookupEnv(name)
	s.diags.AddError("Invalid environment variable", fmt.Sprintf("%s is %q; %s.", variable, value, why))
}

// clientConfig resolves the provider block to what the client needs.
func clientConfig(
	ctx context.Context, block tfsdk.Config, userAgent string, diags *diag.Diagnostics,
) huaweicloud.Config {
	s := settings{configured: configuredSettings(ctx, block, diags), diags: diags}
	cfg := huaweicloud.Config{
		Region: s.get("region"), Cloud: s.get("cloud"),
		Endpoint: s.get("endpoint"), AuthURL: s.get("auth_url"), MetadataURL: s.get("metadata_url"),
		ProjectID: s.get("project_id"), ProjectName: s.get("project_name"),
		Insecure: s.boolValue("insecure"), CACertFile: s.get("cacert_file"),
		ClientCertFile: s.get("cert"), ClientKeyFile: s.get("key"),
		MaxRetries:           s.number("max_retries"),
		MaxRequestsPerSecond: float64(s.number("max_requests_per_second")),
		UserAgent:            userAgent, OnAttempt: logAttempt,
	}
	var blocks []assumeRoleModel
	diags.Append(block.GetAttribute(ctx, path.Root("assume_role"), &blocks)...)
	var agencyFrom string
	cfg.AssumeRole, agencyFrom = s.agencies(blocks)
	cfg = s.signIn(cfg)
	cfg.CredentialsFrom += agencyFrom
	if cfg.Region == "" && !diags.HasError() {
		diags.AddAttributeError(path.Root("region"), "Missing region",
			"The provider needs to know the region of the secrets. "+
				`Set region = "cn-north-4" (for example) in the provider block, `+
				"or the environment variable HW_REGION_NAME.")
	}
	return cfg
}

// agencies returns what is assumed with the credentials: the blocks in their order, or
// else what the environment has, and then where from.
func (s settings) agencies(blocks []assumeRoleModel) (roles []huaweicloud.AssumeRole, from string) {
	for _, block := range blocks {
		roles = append(roles, huaweicloud.AssumeRole{
			AgencyName: block.AgencyName.ValueString(),
			DomainName: block.DomainName.ValueString(), DomainID: block.DomainID.ValueString(),
			Duration: time.Duration(block.Duration.ValueInt64()) * time.Second,
		})
	}
	agency, variable := lookupEnv("agency_name")
	if len(roles) > 0 || agency == "" {
		return roles, ""
	}
	return []huaweicloud.AssumeRole{{
		AgencyName: agency,
		DomainName: s.ofAgency("agency_domain_name", variable), DomainID: s.ofAgency("agency_domain_id", variable),
		Duration: time.Duration(s.number("agency_duration")) * time.Second,
	}}, "; the agency is from " + variable
}

// ofAgency returns a setting of the agency that a variable names, unless it stands beside
// the name of another one.
func (s settings) ofAgency(name, agencyVariable string) string {
	family := variableFamily(agencyVariable)
	value, variable := s.lookup(name, family)
	if s.ownerOf(authMethod{identity: []string{"agency_name"}}, variable, family) != "" {
		return ""
	}
	return value
}

// warnOfRisks warns of settings that expose credentials.
func warnOfRisks(client *csms.Client, insecure bool, diags *diag.Diagnostics) {
	if insecure {
		diags.AddAttributeWarning(path.Root("insecure"), "TLS certificates are not verified",
			"Whoever answers instead of the service gets the credentials. "+
				"Trust its certificate with cacert_file (OS_CACERT) instead.")
	}
	for _, plain := range client.PlainAddresses() {
		diags.AddAttributeWarning(path.Root(plain.Setting), "Credentials are sent unencrypted",
			fmt.Sprintf("%s is plain http to %s: everybody on the way can read tokens, keys and answers. Use https.",
				plain.Setting, plain.Host))
	}
}

// unknownAttributes returns the attributes of the provider block whose values
// Terraform does not know yet.
func unknownAttributes(block tftypes.Value) []string {
	var attributes map[string]tftypes.Value
	if block.As(&attributes) != nil {
		return nil
	}
	var unknown []string
	for name, value := range attributes {
		if !value.IsFullyKnown() {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return unknown
}

// unknownConfigError is the session's error while the provider block is unknown.
func unknownConfigError(attributes []string) error {
	names := strings.Join(attributes, ", ")
	return errors.New("the provider's configuration is not known yet: " + names +
		" depends on something that is not applied. Apply that first with -target, or set " + names +
		" to values that are known at plan")
}

// userAgent names provider and Terraform to the service.
func userAgent(version, terraformVersion string) string {
	return strings.TrimSpace(fmt.Sprintf("terraform-provider-csms/%s terraform/%s %s",
		version, terraformVersion, os.Getenv("HW_TF_CUSTOM_UA")))
}
