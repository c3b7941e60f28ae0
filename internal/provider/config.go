package provider

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

// defaultMaxRetries is what the main Huawei Cloud provider uses too.
const defaultMaxRetries = 5

// providerModel is the provider block. Every attribute may be left out: its
// environment variables, then its default, take its place.
type providerModel struct {
	Region               types.String      `tfsdk:"region"`
	AccessKey            types.String      `tfsdk:"access_key"`
	SecretKey            types.String      `tfsdk:"secret_key"`
	SecurityToken        types.String      `tfsdk:"security_token"`
	Token                types.String      `tfsdk:"token"`
	UserName             types.String      `tfsdk:"user_name"`
	UserID               types.String      `tfsdk:"user_id"`
	Password             types.String      `tfsdk:"password"`
	DomainName           types.String      `tfsdk:"domain_name"`
	DomainID             types.String      `tfsdk:"domain_id"`
	ProjectName          types.String      `tfsdk:"project_name"`
	ProjectID            types.String      `tfsdk:"project_id"`
	SharedConfigFile     types.String      `tfsdk:"shared_config_file"`
	Profile              types.String      `tfsdk:"profile"`
	Endpoint             types.String      `tfsdk:"endpoint"`
	AuthURL              types.String      `tfsdk:"auth_url"`
	MetadataURL          types.String      `tfsdk:"metadata_url"`
	Cloud                types.String      `tfsdk:"cloud"`
	Insecure             types.Bool        `tfsdk:"insecure"`
	CACertFile           types.String      `tfsdk:"cacert_file"`
	Cert                 types.String      `tfsdk:"cert"`
	Key                  types.String      `tfsdk:"key"`
	MaxRetries           types.Int64       `tfsdk:"max_retries"`
	MaxRequestsPerSecond types.Int64       `tfsdk:"max_requests_per_second"`
	AssumeRole           []assumeRoleModel `tfsdk:"assume_role"`
	AssumeRoleWithOIDC   *oidcModel        `tfsdk:"assume_role_with_oidc"`
}

type assumeRoleModel struct {
	AgencyName types.String `tfsdk:"agency_name"`
	DomainName types.String `tfsdk:"domain_name"`
	DomainID   types.String `tfsdk:"domain_id"`
	Duration   types.Int64  `tfsdk:"duration"`
}

type oidcModel struct {
	IdpID       types.String `tfsdk:"idp_id"`
	IDToken     types.String `tfsdk:"id_token"`
	IDTokenFile types.String `tfsdk:"id_token_file"`
}

// configured returns the attributes that the provider block sets, as text.
func (m *providerModel) configured() map[string]string {
	values := map[string]attrText{
		"region": m.Region, "access_key": m.AccessKey, "secret_key": m.SecretKey, "security_token": m.SecurityToken,
		"token": m.Token, "user_name": m.UserName, "user_id": m.UserID, "password": m.Password, "domain_name": m.DomainName,
		"domain_id": m.DomainID, "project_name": m.ProjectName, "project_id": m.ProjectID,
		"shared_config_file": m.SharedConfigFile, "profile": m.Profile, "endpoint": m.Endpoint, "auth_url": m.AuthURL,
		"metadata_url": m.MetadataURL, "cloud": m.Cloud, "cacert_file": m.CACertFile, "cert": m.Cert, "key": m.Key,
		"insecure": m.Insecure, "max_retries": m.MaxRetries, "max_requests_per_second": m.MaxRequestsPerSecond,
	}
	if m.AssumeRoleWithOIDC != nil {
		values["idp_id"], values["id_token"], values["id_token_file"] = m.AssumeRoleWithOIDC.IdpID, m.AssumeRoleWithOIDC.IDToken, m.AssumeRoleWithOIDC.IDTokenFile
	}
	configured := make(map[string]string)
	for name, value := range values {
		if !value.IsNull() {
			configured[name] = textOf(value)
		}
	}
	return configured
}

// attrText is a value that text can be made of.
type attrText interface {
	IsNull() bool
	String() string
}

func textOf(value attrText) string {
	if s, ok := value.(types.String); ok {
		return s.ValueString()
	}
	return value.String()
}

// settings are the values that the provider goes by.
type settings struct {
	configured map[string]string
	diags      *diag.Diagnostics
}

// truth returns a setting that is true or false.
func (s settings) truth(name string) bool {
	text := s.get(name)
	value, err := strconv.ParseBool(cmp.Or(text, "false"))
	if err != nil {
		s.refuse(name, "it must be true or false")
	}
	return value
}

// number returns a setting that is a whole number.
func (s settings) number(name string, least, most, standard int) int {
	text := s.get(name)
	if text == "" {
		return standard
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		s.refuse(name, fmt.Sprintf("it must be a whole number from %d to %d", least, most))
		return standard
	}
	return n
}

// refuse is for a value of the environment: the schema has refused those of attributes.
func (s settings) refuse(name, why string) {
	value, variable := lookupEnv(name)
	s.diags.AddError("Invalid environment variable", fmt.Sprintf("%s is %q; %s.", variable, value, why))
}

// config resolves the provider block to what the client needs.
func (m *providerModel) config(userAgent string, diags *diag.Diagnostics) huaweicloud.Config {
	s := settings{configured: m.configured(), diags: diags}
	cfg := huaweicloud.Config{
		Region: s.get("region"), Cloud: s.get("cloud"), Endpoint: s.get("endpoint"), AuthURL: s.get("auth_url"), MetadataURL: s.get("metadata_url"),
		ProjectID: s.get("project_id"), ProjectName: s.get("project_name"),
		Insecure: s.truth("insecure"), CACertFile: s.get("cacert_file"), ClientCertFile: s.get("cert"), ClientKeyFile: s.get("key"),
		MaxRetries:           s.number("max_retries", 0, 100, defaultMaxRetries),
		MaxRequestsPerSecond: float64(s.number("max_requests_per_second", 1, 1000, 0)),
		UserAgent:            userAgent, OnAttempt: logAttempt,
	}
	var agencyFrom string
	cfg.AssumeRole, agencyFrom = m.agencies(s)
	cfg = s.signIn(cfg)
	cfg.CredentialsFrom += agencyFrom
	if cfg.Region == "" && !diags.HasError() {
		diags.AddAttributeError(path.Root("region"), "Missing region",
			`The provider needs to know the region of the secrets. Set region = "cn-north-4" (for example) in the provider block, `+
				"or the environment variable HW_REGION_NAME.")
	}
	return cfg
}

// agencies returns what is assumed with the credentials: the blocks in their order, or
// else what the environment has, and then where from.
func (m *providerModel) agencies(s settings) (roles []huaweicloud.AssumeRole, from string) {
	for _, block := range m.AssumeRole {
		roles = append(roles, huaweicloud.AssumeRole{
			AgencyName: block.AgencyName.ValueString(), DomainName: block.DomainName.ValueString(), DomainID: block.DomainID.ValueString(),
			Duration: time.Duration(block.Duration.ValueInt64()) * time.Second,
		})
	}
	agency, variable := lookupEnv("agency_name")
	if len(roles) > 0 || agency == "" {
		return roles, ""
	}
	role := huaweicloud.AssumeRole{AgencyName: agency, Duration: time.Duration(s.number("agency_duration", 900, 86400, 0)) * time.Second}
	role.DomainName, role.DomainID = s.ofAgency("agency_domain_name", variable), s.ofAgency("agency_domain_id", variable)
	return []huaweicloud.AssumeRole{role}, "; the agency is from " + variable
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
			"Whoever answers instead of the service gets the credentials. Trust its certificate with cacert_file (OS_CACERT) instead.")
	}
	for _, plain := range client.PlainAddresses() {
		diags.AddAttributeWarning(path.Root(plain.Setting), "Credentials are sent unencrypted",
			fmt.Sprintf("%s is plain http to %s: everybody on the way can read tokens, keys and answers. Use https.", plain.Setting, plain.Host))
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
	return errors.New("the provider's configuration is not known yet: " + names + " depends on something that is not applied. " +
		"Apply that first with -target, or set " + names + " to values that are known at plan")
}

// userAgent names provider and Terraform to the service.
func userAgent(version, terraformVersion string) string {
	return strings.TrimSpace(fmt.Sprintf("terraform-provider-csms/%s terraform/%s %s", version, terraformVersion, os.Getenv("HW_TF_CUSTOM_UA")))
}
