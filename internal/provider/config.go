package provider

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

// defaultMaxRetries is what the main Huawei Cloud provider uses too.
const defaultMaxRetries = 5

// providerModel is the provider block. Every attribute may be left out: its
// environment variables, then its default, take its place.
type providerModel struct {
	Region        types.String `tfsdk:"region"`
	AccessKey     types.String `tfsdk:"access_key"`
	SecretKey     types.String `tfsdk:"secret_key"`
	SecurityToken types.String `tfsdk:"security_token"`
	Token         types.String `tfsdk:"token"`
	ProjectID     types.String `tfsdk:"project_id"`
	Endpoint      types.String `tfsdk:"endpoint"`
	AuthURL       types.String `tfsdk:"auth_url"`
	Cloud         types.String `tfsdk:"cloud"`
	Insecure      types.Bool   `tfsdk:"insecure"`
	CACertFile    types.String `tfsdk:"cacert_file"`
	MaxRetries    types.Int64  `tfsdk:"max_retries"`
}

// environment names, for each attribute, the variables that stand in for it; the
// first one that is set wins. The names are the main Huawei Cloud provider's.
var environment = map[string][]string{
	"region":         {"HW_REGION_NAME", "OS_REGION_NAME"},
	"access_key":     {"HW_ACCESS_KEY", "OS_ACCESS_KEY"},
	"secret_key":     {"HW_SECRET_KEY", "OS_SECRET_KEY"},
	"security_token": {"HW_SECURITY_TOKEN"},
	"token":          {"HW_AUTH_TOKEN", "OS_AUTH_TOKEN"},
	"project_id":     {"HW_PROJECT_ID", "OS_PROJECT_ID"},
	"endpoint":       {"CSMS_ENDPOINT"},
	"auth_url":       {"HW_AUTH_URL", "OS_AUTH_URL"},
	"cloud":          {"HW_CLOUD"},
	"insecure":       {"HW_INSECURE", "OS_INSECURE"},
	"cacert_file":    {"OS_CACERT"},
	"max_retries":    {"HW_MAX_RETRIES"},
}

func providerSchema() schema.Schema {
	text := func(attribute, description string) schema.StringAttribute {
		return schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: description + fromEnvironment(attribute),
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		}
	}
	secret := func(attribute, description string) schema.StringAttribute {
		a := text(attribute, description)
		a.Sensitive = true
		return a
	}
	return schema.Schema{
		MarkdownDescription: "Manages what rotation of a secret in Huawei Cloud's Cloud Secret Management Service (CSMS) is made of: " +
			"which version a stage label points at, and when a version expires. It never reads a secret's value.",
		Attributes: map[string]schema.Attribute{
			"region":         text("region", "Region of the secrets, such as `cn-north-4`; resources and data sources may name another."),
			"access_key":     secret("access_key", "Access key (AK). Goes with `secret_key`."),
			"secret_key":     secret("secret_key", "Secret key (SK). Goes with `access_key`."),
			"security_token": secret("security_token", "Security token of a temporary access key."),
			"token":          secret("token", "IAM token, sent as `X-Auth-Token`, instead of an access key."),
			"project_id":     text("project_id", "Project of the secrets in the provider's region. By default the region's own project, looked up in IAM when it is first needed."),
			"endpoint": text("endpoint", "Address of the service, instead of `https://kms.<region>.<cloud>`. "+
				"`{region}` in it is replaced by the region; without it, every resource must be in the provider's region."),
			"auth_url": text("auth_url", "Address of IAM, instead of `https://iam.<region>.<cloud>/v3`."),
			"cloud":    text("cloud", "Domain of the cloud, by default `myhuaweicloud.com`, or `myhuaweicloud.eu` for regions that start with `eu-west-1`."),
			"insecure": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Skips the verification of TLS certificates. Only for tests: whoever answers then gets the credentials." + fromEnvironment("insecure"),
			},
			"cacert_file": text("cacert_file", "File with certificate authorities (PEM) to trust besides the system's."),
			"max_retries": schema.Int64Attribute{
				Optional: true,
				MarkdownDescription: fmt.Sprintf("How often a call is tried again after throttling, a server error or a lost connection. By default %d; 0 tries once.",
					defaultMaxRetries) + fromEnvironment("max_retries"),
				Validators: []validator.Int64{int64validator.Between(0, 100)},
			},
		},
	}
}

func fromEnvironment(attribute string) string {
	return " May come from " + "`" + strings.Join(environment[attribute], "` or `") + "`."
}

// unknown returns the names of the attributes whose values Terraform does not know yet.
func (m *providerModel) unknown() []string {
	var names []string
	for name, value := range m.texts() {
		if value.IsUnknown() {
			names = append(names, name)
		}
	}
	if m.Insecure.IsUnknown() {
		names = append(names, "insecure")
	}
	if m.MaxRetries.IsUnknown() {
		names = append(names, "max_retries")
	}
	return names
}

func (m *providerModel) texts() map[string]types.String {
	return map[string]types.String{
		"region": m.Region, "access_key": m.AccessKey, "secret_key": m.SecretKey, "security_token": m.SecurityToken,
		"token": m.Token, "project_id": m.ProjectID, "endpoint": m.Endpoint, "auth_url": m.AuthURL, "cloud": m.Cloud,
		"cacert_file": m.CACertFile,
	}
}

// config resolves the provider block to what the client needs: attribute, then
// environment, then default.
func (m *providerModel) config(userAgent string, diags *diag.Diagnostics) csms.Config {
	text := make(map[string]string)
	for name, value := range m.texts() {
		text[name] = value.ValueString()
		if value.IsNull() {
			text[name], _ = lookupEnv(name)
		}
	}
	cfg := csms.Config{
		Region:        text["region"],
		Cloud:         text["cloud"],
		Endpoint:      text["endpoint"],
		AuthURL:       text["auth_url"],
		ProjectID:     text["project_id"],
		AccessKey:     text["access_key"],
		SecretKey:     text["secret_key"],
		SecurityToken: text["security_token"],
		Token:         text["token"],
		CACertFile:    text["cacert_file"],
		Insecure:      m.insecure(diags),
		MaxRetries:    m.maxRetries(diags),
		UserAgent:     userAgent,
		OnAttempt:     logAttempt,
	}
	requireRegion(cfg, diags)
	requireCredentials(cfg, diags)
	return cfg
}

func (m *providerModel) insecure(diags *diag.Diagnostics) bool {
	text, variable := lookupEnv("insecure")
	if !m.Insecure.IsNull() || text == "" {
		return m.Insecure.ValueBool()
	}
	insecure, err := strconv.ParseBool(text)
	if err != nil {
		diags.AddAttributeError(path.Root("insecure"), "Invalid environment variable",
			fmt.Sprintf("%s is %q; it must be true or false.", variable, text))
	}
	return insecure
}

func (m *providerModel) maxRetries(diags *diag.Diagnostics) int {
	if !m.MaxRetries.IsNull() {
		return int(m.MaxRetries.ValueInt64())
	}
	text, variable := lookupEnv("max_retries")
	if text == "" {
		return defaultMaxRetries
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 100 {
		diags.AddAttributeError(path.Root("max_retries"), "Invalid environment variable",
			fmt.Sprintf("%s is %q; it must be a whole number from 0 to 100, such as %d.", variable, text, defaultMaxRetries))
	}
	return n
}

// lookupEnv returns the value that the environment gives an attribute, and the
// variable that it comes from.
func lookupEnv(attribute string) (value, variable string) {
	for _, variable := range environment[attribute] {
		if value := os.Getenv(variable); value != "" {
			return value, variable
		}
	}
	return "", ""
}

func requireRegion(cfg csms.Config, diags *diag.Diagnostics) {
	if cfg.Region == "" {
		diags.AddAttributeError(path.Root("region"), "Missing region",
			`The provider needs to know the region of the secrets. Set region = "cn-north-4" (for example) in the provider block, `+
				"or the environment variable HW_REGION_NAME.")
	}
}

// requireCredentials refuses a configuration that cannot sign in, before a plan is
// made with it. It names the missing part only: the parts are secrets.
func requireCredentials(cfg csms.Config, diags *diag.Diagnostics) {
	missing := func(attribute, why string) {
		diags.AddAttributeError(path.Root(attribute), "Missing credentials", fmt.Sprintf("%s Set %s in the provider block, or the environment variable %s.",
			why, attribute, environment[attribute][0]))
	}
	switch {
	case cfg.Token != "" && cfg.AccessKey == "" && cfg.SecretKey == "":
	case cfg.AccessKey != "" && cfg.SecretKey == "":
		missing("secret_key", "There is an access key, but no secret key.")
	case cfg.AccessKey == "" && cfg.SecretKey != "":
		missing("access_key", "There is a secret key, but no access key.")
	case cfg.AccessKey == "":
		diags.AddAttributeError(path.Root("access_key"), "Missing credentials", "The provider has nothing to sign in with. "+
			"Set access_key and secret_key in the provider block, or the environment variables HW_ACCESS_KEY and HW_SECRET_KEY; "+
			"or a token (token, HW_AUTH_TOKEN).")
	}
}

// unknownConfigError is the session's error while the provider block is unknown.
func unknownConfigError(attributes []string) error {
	return errors.New("the provider's configuration is not known yet: " + strings.Join(attributes, ", ") +
		" depends on something that is not applied. Apply that first with -target, or set " + strings.Join(attributes, ", ") +
		" to values that are known at plan")
}

// userAgent names provider and Terraform to the service.
func userAgent(version, terraformVersion string) string {
	return strings.TrimSpace(fmt.Sprintf("terraform-provider-csms/%s terraform/%s %s", version, terraformVersion, os.Getenv("HW_TF_CUSTOM_UA")))
}
