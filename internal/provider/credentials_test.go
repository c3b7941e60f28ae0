package provider_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// Everything below signs in at this mock endpoint, by each way that it knows.
func newIAM(t *testing.T) *mock {
	t.Helper()
	m := newSecret(t,
		csmstest.WithToken(csmstest.DefaultToken),
		csmstest.WithIdentityProvider("idp", "id-token"),
		csmstest.WithAgency(csmstest.Agency{Name: "rotator", DomainID: "0d0466b0e7274d9cb35df84bb474a37f", DomainName: "other-account", Projects: map[string]string{csmstest.DefaultRegion: delegatedProject}}),
		csmstest.WithMetadata(csmstest.MetadataV1AndV2),
	)
	m.Project(delegatedProject).PutSecret(secretDB())
	return m
}

// delegatedProject is the project of the account whose agency is assumed.
const delegatedProject = "fedcba9876543210fedcba9876543210"

// bare are the provider's attributes without credentials.
func (m *mock) bare() map[string]any {
	settings := m.settings()
	delete(settings, "access_key")
	delete(settings, "secret_key")
	settings["metadata_url"] = m.url
	return settings
}

// withAll returns settings with all the further ones.
func withAll(settings, further map[string]any) map[string]any {
	settings = maps.Clone(settings)
	maps.Copy(settings, further)
	return settings
}

var (
	byToken     = map[string]any{"token": csmstest.DefaultToken}
	byAccessKey = map[string]any{"access_key": csmstest.DefaultAccessKey, "secret_key": csmstest.DefaultSecretKey}
	byPassword  = map[string]any{"user_name": csmstest.DefaultUserName, "password": csmstest.DefaultPassword, "domain_name": csmstest.DefaultDomainName}
	byOIDC      = map[string]any{"assume_role_with_oidc": map[string]any{"idp_id": "idp", "id_token": "id-token"}}
)

func TestEachWayOfSigningInWorks(t *testing.T) {
	t.Parallel()
	file := sharedConfig(t, csmstest.DefaultAccessKey, csmstest.DefaultSecretKey)
	for name, tt := range map[string]struct {
		settings map[string]any
		obtains  string // operation that gets the credentials
	}{
		"access key":           {byAccessKey, ""},
		"token":                {byToken, ""},
		"user name":            {byPassword, "CreateToken"},
		"user id":              {map[string]any{"user_id": csmstest.DefaultUserID, "password": csmstest.DefaultPassword}, "CreateToken"},
		"OIDC":                 {byOIDC, "CreateTokenWithIdToken"},
		"shared configuration": {map[string]any{"shared_config_file": file}, ""},
		"profile":              {map[string]any{"shared_config_file": file, "profile": "work"}, ""},
		"metadata":             {nil, "ShowInstanceKey"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newIAM(t)
			w := newTFServerWith(t, withAll(m.bare(), tt.settings))
			w.create(stageType, stage("GREEN", "v1"))
			if tt.obtains != "" && m.Count(tt.obtains) != 1 {
				t.Errorf("%s was called %d times, want once", tt.obtains, m.Count(tt.obtains))
			}
		})
	}
}

// sharedConfig writes a file as KooCLI has it: the current profile and "work".
func sharedConfig(t *testing.T, accessKey, secretKey string) string {
	t.Helper()
	profile := func(name string) map[string]any {
		return map[string]any{"name": name, "mode": "AKSK", "accessKeyId": accessKey, "secretAccessKey": secretKey, "region": csmstest.DefaultRegion}
	}
	content, err := json.Marshal(map[string]any{"current": "default", "profiles": []any{profile("default"), profile("work")}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestAnAgencyIsAssumedWithTheCredentials(t *testing.T) {
	t.Parallel()
	for name, role := range map[string]map[string]any{
		"by domain name": {"agency_name": "rotator", "domain_name": "other-account"},
		"by domain id":   {"agency_name": "rotator", "domain_id": "0d0466b0e7274d9cb35df84bb474a37f", "duration": 900},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newIAM(t)
			w := newTFServerWith(t, with(m.settings(), "assume_role", []map[string]any{role}))
			w.create(stageType, stage("GREEN", "v1"))
			if holder := m.Project(delegatedProject).StageHolder("db", "GREEN"); holder != "v1" {
				t.Errorf("GREEN of the other account is on %q, want v1", holder)
			}
			if n := m.Count("CreateTemporaryAccessKey") + m.Count("AssumeAgency"); n != 1 {
				t.Errorf("the agency was assumed %d times, want once", n)
			}
		})
	}
}

func TestTwoWaysOfSigningInInOneBlockAreRefused(t *testing.T) {
	t.Parallel()
	m := newIAM(t)
	got := errorsOf(newUnconfiguredTFServer(t).configure(withAll(withAll(m.bare(), byToken), byAccessKey)))
	if !strings.Contains(got, "Conflicting credentials") || !strings.Contains(got, "token, access key") {
		t.Errorf("errors %q do not name both", got)
	}
}

func TestHalfGivenCredentialsAreRefusedWithWhatIsMissing(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		settings map[string]any
		says     []string
	}{
		"password without user":    {map[string]any{"password": "hush"}, []string{"user_name", "HW_USER_NAME", "user_id"}},
		"user without password":    {map[string]any{"user_name": "me"}, []string{"needs password", "HW_USER_PASSWORD"}},
		"user without account":     {map[string]any{"user_name": "me", "password": "hush"}, []string{"domain_name", "HW_DOMAIN_NAME", "domain_id"}},
		"token file without idp":   {map[string]any{"assume_role_with_oidc": map[string]any{"id_token_file": "f"}}, []string{"needs idp_id", "HW_ASSUME_ROLE_IDP_ID"}},
		"file that does not exist": {map[string]any{"shared_config_file": "/does/not/exist"}, []string{"shared configuration file", "/does/not/exist"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := errorsOf(newUnconfiguredTFServer(t).configure(withAll(newMock(t).bare(), tt.settings)))
			for _, want := range tt.says {
				if !strings.Contains(got, want) || strings.Contains(got, "hush") {
					t.Errorf("errors %q do not say %q, or say too much", got, want)
				}
			}
		})
	}
}

func TestAnEncryptedProfileNamesTheCommandThatDecryptsIt(t *testing.T) {
	t.Parallel()
	file := sharedConfig(t, strings.Repeat("AbC+/=", 20), strings.Repeat("XyZ+/=", 20))
	got := errorsOf(newUnconfiguredTFServer(t).configure(with(newMock(t).bare(), "shared_config_file", file)))
	if !strings.Contains(got, "hcloud configure set --cli-auth-encrypt=false") {
		t.Errorf("errors %q do not name the command", got)
	}
}

func TestWithoutAnyCredentialsTheFirstCallSaysHowToGiveThem(t *testing.T) {
	t.Parallel()
	m := newSecret(t) // not a cloud server: no metadata
	w := newTFServerWith(t, with(m.bare(), "max_retries", 0))
	c, _ := w.plan(instance{typeName: stageType}, stage("GREEN", "v1"))
	_, diagnostics := w.apply(c)
	got := errorsOf(diagnostics)
	for _, want := range []string{"metadata of the cloud server", "access_key", "HW_ACCESS_KEY and HW_SECRET_KEY", "HW_AUTH_TOKEN"} {
		if !strings.Contains(got, want) {
			t.Errorf("errors %q do not say %q", got, want)
		}
	}
}

// Each row is one step down the table of precedence in the provider's documentation:
// what stands higher wins over everything below.
func TestCredentialsAreTakenInTheDocumentedOrder(t *testing.T) {
	empty := t.TempDir()
	credentials := filepath.Join(t.TempDir(), "credentials")
	content := "[basic]\nak = sdk-file-key\nsk = sdk-file-secret\n"
	if err := os.WriteFile(credentials, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	shared := sharedConfig(t, "shared-key", "shared-secret")
	rows := []struct {
		source   string
		settings map[string]any
		env      map[string]string
		signedBy string
	}{
		{"provider block", map[string]any{"access_key": "block-key", "secret_key": "block-secret"}, nil, "block-key"},
		{"token of the environment", nil, map[string]string{"HW_AUTH_TOKEN": csmstest.DefaultToken}, "token"},
		{"access key of the environment", nil, map[string]string{"HW_ACCESS_KEY": "env-key", "HW_SECRET_KEY": "env-secret"}, "env-key"},
		{"password of the environment", nil, map[string]string{"HW_USER_NAME": csmstest.DefaultUserName, "HW_USER_PASSWORD": csmstest.DefaultPassword, "HW_DOMAIN_NAME": csmstest.DefaultDomainName}, "token"},
		{"OIDC of the environment", nil, map[string]string{"HW_ASSUME_ROLE_IDP_ID": "idp", "HW_ASSUME_ROLE_ID_TOKEN": "id-token"}, "token"},
		{"shared configuration of the environment", nil, map[string]string{"HW_SHARED_CONFIG_FILE": shared}, "shared-key"},
		{"SDK environment", nil, map[string]string{"HUAWEICLOUD_SDK_AK": "sdk-key", "HUAWEICLOUD_SDK_SK": "sdk-secret"}, "sdk-key"},
		{"SDK credentials file", nil, map[string]string{"HUAWEICLOUD_SDK_CREDENTIALS_FILE": credentials}, "sdk-file-key"},
		{"metadata", nil, nil, "metadata"},
	}
	for i, row := range rows {
		t.Run(row.source, func(t *testing.T) {
			t.Setenv("HOME", empty)
			for _, lower := range rows[i:] {
				for name, value := range lower.env {
					t.Setenv(name, value)
				}
			}
			m := newSecret(t, csmstest.WithToken(csmstest.DefaultToken), csmstest.WithIdentityProvider("idp", "id-token"),
				csmstest.WithMetadata(csmstest.MetadataV2),
				csmstest.WithCredentials("block-key", "block-secret"), csmstest.WithCredentials("env-key", "env-secret"),
				csmstest.WithCredentials("shared-key", "shared-secret"), csmstest.WithCredentials("sdk-key", "sdk-secret"),
				csmstest.WithCredentials("sdk-file-key", "sdk-file-secret"))
			w := newTFServerWith(t, withAll(m.bare(), row.settings))
			w.create(stageType, stage("GREEN", "v1"))
			requests := m.Requests()
			if got := requests[len(requests)-1].SignedBy; got != row.signedBy && row.signedBy != "metadata" {
				t.Errorf("the call was signed by %q, want %q", got, row.signedBy)
			}
			if asked := m.Count("ShowInstanceKey") > 0; asked != (row.signedBy == "metadata") {
				t.Errorf("the metadata service was asked: %t", asked)
			}
		})
	}
}

func TestTheEnvironmentDoesNotContradictTheProviderBlockByAnotherName(t *testing.T) {
	for name, tt := range map[string]struct {
		block    map[string]any
		variable string
		value    string
	}{
		"project": {map[string]any{"project_name": csmstest.DefaultRegion, "access_key": csmstest.DefaultAccessKey, "secret_key": csmstest.DefaultSecretKey}, "HW_PROJECT_ID", delegatedProject},
		"user":    {byPassword, "HW_USER_ID", "somebody-else"},
		"account": {byPassword, "HW_DOMAIN_ID", "another-account"},
		"token":   {byOIDC, "HW_ASSUME_ROLE_ID_TOKEN_FILE", "/does/not/exist"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(tt.variable, tt.value)
			m := newIAM(t)
			newTFServerWith(t, withAll(m.bare(), tt.block)).create(stageType, stage("GREEN", "v1"))
			if holder := m.StageHolder("db", "GREEN"); holder != "v1" {
				t.Errorf("GREEN is on %q, want v1: the block's settings do not count", holder)
			}
		})
	}
}

func TestAnAgencyThatCannotBeAssumedIsExplainedAsSuch(t *testing.T) {
	t.Parallel()
	m := newIAM(t)
	w := newTFServerWith(t, with(m.settings(), "assume_role", []map[string]any{{"agency_name": "nobody", "domain_name": "other-account"}}))
	c, _ := w.plan(instance{typeName: stageType}, stage("GREEN", "v1"))
	_, diagnostics := w.apply(c)
	assertContains(t, errorsOf(diagnostics), "cannot assume the agency", "Check agency_name")
}

func TestCredentialsOfTheSDKThatCannotBeUsedAreNotPassedOver(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	for name, tt := range map[string]struct {
		variables map[string]string
		says      []string
	}{
		"file that is not there": {
			map[string]string{"HUAWEICLOUD_SDK_CREDENTIALS_FILE": "~/missing"},
			[]string{"the credentials file ~/missing (HUAWEICLOUD_SDK_CREDENTIALS_FILE) cannot be read"},
		},
		"half of the keys": {
			map[string]string{"HUAWEICLOUD_SDK_AK": "hush"},
			[]string{"HUAWEICLOUD_SDK_AK is set, but HUAWEICLOUD_SDK_SK is not"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range tt.variables {
				t.Setenv(variable, value)
			}
			m := newSecret(t, csmstest.WithMetadata(csmstest.MetadataV2))
			got := errorsOf(newUnconfiguredTFServer(t).configure(m.bare()))
			assertContains(t, got, append(tt.says, "Invalid credentials")...)
			if strings.Contains(got, "hush") {
				t.Errorf("errors %q say too much", got)
			}
			m.assertRequests(t, map[string]int{})
		})
	}
}
