package provider

import (
	"os"
	"strings"
)

// environment names, for each setting, the variables that stand in for it; the first
// one that is set wins. The names are the main Huawei Cloud provider's, but for CSMS_*.
var environment = map[string][]string{
	"region":                  {"HW_REGION_NAME", "OS_REGION_NAME"},
	"access_key":              {"HW_ACCESS_KEY", "OS_ACCESS_KEY"},
	"secret_key":              {"HW_SECRET_KEY", "OS_SECRET_KEY"},
	"security_token":          {"HW_SECURITY_TOKEN"},
	"token":                   {"HW_AUTH_TOKEN", "OS_AUTH_TOKEN"},
	"user_name":               {"HW_USER_NAME", "OS_USERNAME"},
	"user_id":                 {"HW_USER_ID", "OS_USER_ID"},
	"password":                {"HW_USER_PASSWORD", "OS_PASSWORD"},
	"domain_name":             {"HW_DOMAIN_NAME", "OS_DOMAIN_NAME", "OS_USER_DOMAIN_NAME", "OS_PROJECT_DOMAIN_NAME"},
	"domain_id":               {"HW_DOMAIN_ID", "OS_DOMAIN_ID", "OS_USER_DOMAIN_ID", "OS_PROJECT_DOMAIN_ID"},
	"project_name":            {"HW_PROJECT_NAME", "OS_PROJECT_NAME", "OS_TENANT_NAME"},
	"project_id":              {"HW_PROJECT_ID", "OS_PROJECT_ID", "OS_TENANT_ID"},
	"shared_config_file":      {"HW_SHARED_CONFIG_FILE"},
	"profile":                 {"HW_PROFILE"},
	"endpoint":                {"CSMS_ENDPOINT"},
	"auth_url":                {"HW_AUTH_URL", "OS_AUTH_URL"},
	"metadata_url":            {"CSMS_METADATA_URL"},
	"cloud":                   {"HW_CLOUD"},
	"insecure":                {"HW_INSECURE", "OS_INSECURE"},
	"cacert_file":             {"OS_CACERT"},
	"cert":                    {"OS_CERT"},
	"key":                     {"OS_KEY"},
	"max_retries":             {"HW_MAX_RETRIES"},
	"max_requests_per_second": {"CSMS_MAX_REQUESTS_PER_SECOND"},
	"agency_name":             {"HW_ASSUME_ROLE_AGENCY_NAME", "OS_AGENCY_NAME"},
	"agency_domain_name":      {"HW_ASSUME_ROLE_DOMAIN_NAME", "OS_AGENCY_DOMAIN_NAME"},
	"agency_domain_id":        {"HW_ASSUME_ROLE_DOMAIN_ID"},
	"agency_duration":         {"HW_ASSUME_ROLE_DURATION"},
	"idp_id":                  {"HW_ASSUME_ROLE_IDP_ID"},
	"id_token":                {"HW_ASSUME_ROLE_ID_TOKEN"},
	"id_token_file":           {"HW_ASSUME_ROLE_ID_TOKEN_FILE"},
}

// alternatives are two settings for one thing. What the provider block says by one of
// them, the environment does not contradict by the other.
var alternatives = map[string]string{
	"project_id": "project_name", "project_name": "project_id",
	"user_id": "user_name", "user_name": "user_id",
	"domain_id": "domain_name", "domain_name": "domain_id",
	"id_token": "id_token_file", "id_token_file": "id_token",
	"agency_domain_id": "agency_domain_name", "agency_domain_name": "agency_domain_id",
}

// get returns a setting: attribute, then environment, then "".
func (s settings) get(name string) string {
	value, _ := s.lookup(name, "")
	return value
}

// lookup returns a setting and the variable that it comes from, "" if that is the
// provider block. Of several variables, one of the family goes first. Of two settings for
// one thing, only that counts which comes first.
func (s settings) lookup(name, family string) (value, variable string) {
	if value, ok := s.configured[name]; ok {
		return value, ""
	}
	alternative := alternatives[name]
	if _, ok := s.configured[alternative]; ok {
		return "", ""
	}
	for _, family := range []string{family, "HW", "OS"} {
		value, variable = inFamily(name, family)
		_, other := inFamily(alternative, family)
		if value != "" || other != "" {
			return value, variable
		}
	}
	return lookupEnv(name)
}

// lookupEnv returns the value that the environment gives a setting, and the variable
// that it comes from.
func lookupEnv(name string) (value, variable string) {
	for _, variable := range environment[name] {
		if value := os.Getenv(variable); value != "" {
			return value, variable
		}
	}
	return "", ""
}

// inFamily is lookupEnv for the variables of one family.
func inFamily(name, family string) (value, variable string) {
	for _, variable := range environment[name] {
		if value := os.Getenv(variable); value != "" && variableFamily(variable) == family {
			return value, variable
		}
	}
	return "", ""
}

// variableFamily is what the names of variables begin with that are set together: "HW"
// for those of this cloud's tools, "OS" for those of OpenStack's.
func variableFamily(variable string) string {
	family, _, _ := strings.Cut(variable, "_")
	return family
}
