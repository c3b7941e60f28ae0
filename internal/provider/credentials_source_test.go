package provider_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// signInAttempt is a provider block and an environment with the credentials of one login
// or of two.
type signInAttempt struct {
	block     map[string]any
	variables map[string]string
	signedBy  string   // what the service sees; "" if the configuration is refused
	says      []string // in the error that refuses it
}

var (
	ownKey      = map[string]any{"access_key": "own", "secret_key": "own-secret"}
	ownUser     = map[string]any{"user_name": csmstest.DefaultUserName, "domain_name": csmstest.DefaultDomainName}
	ownPassword = csmstest.DefaultPassword
)

// newTwoLogins knows a permanent key, "own", and a temporary one, "temporary".
func newTwoLogins(t *testing.T) *mock {
	t.Helper()
	return newSecret(t, csmstest.WithCredentials("own", "own-secret"), csmstest.WithToken(csmstest.DefaultToken),
		csmstest.WithTemporaryCredentials("temporary", "temporary-secret", "temporary-token"))
}

func TestCredentialsOfTwoLoginsAreNotMixed(t *testing.T) {
	for name, tt := range map[string]signInAttempt{
		"security token of another login beside a key in the block": {
			block: ownKey, variables: map[string]string{"HW_SECURITY_TOKEN": "of-another-login"}, signedBy: "own",
		},
		"whole login in the environment beside a key in the block": {
			block:     ownKey,
			variables: map[string]string{"HW_ACCESS_KEY": "other", "HW_SECRET_KEY": "x", "HW_SECURITY_TOKEN": "y", "HW_AUTH_TOKEN": "z"},
			signedBy:  "own",
		},
		"temporary key in the environment": {
			variables: map[string]string{"HW_ACCESS_KEY": "temporary", "HW_SECRET_KEY": "temporary-secret", "HW_SECURITY_TOKEN": "temporary-token"},
			signedBy:  "temporary",
		},
		"temporary key in OpenStack's variables, which have none for its token": {
			variables: map[string]string{"OS_ACCESS_KEY": "temporary", "OS_SECRET_KEY": "temporary-secret", "HW_SECURITY_TOKEN": "temporary-token"},
			signedBy:  "temporary",
		},
		"temporary key in the block": {
			block:    map[string]any{"access_key": "temporary", "secret_key": "temporary-secret", "security_token": "temporary-token"},
			signedBy: "temporary",
		},
		"secret key of the environment for the key in the block": {
			block: map[string]any{"access_key": "own"}, variables: map[string]string{"HW_SECRET_KEY": "own-secret"}, signedBy: "own",
		},
		"secret key of the environment beside the same key": {
			block:     map[string]any{"access_key": "own"},
			variables: map[string]string{"HW_ACCESS_KEY": "own", "HW_SECRET_KEY": "own-secret"}, signedBy: "own",
		},
		"secret key of the environment beside another key": {
			block:     map[string]any{"access_key": "own"},
			variables: map[string]string{"HW_ACCESS_KEY": "other", "HW_SECRET_KEY": "hush"},
			says:      []string{"Conflicting credentials", "HW_SECRET_KEY holds one, but together with HW_ACCESS_KEY"},
		},
		"keys of two tools in the environment": {
			variables: map[string]string{"HW_ACCESS_KEY": "own", "OS_ACCESS_KEY": "other", "OS_SECRET_KEY": "hush"},
			says:      []string{"Conflicting credentials", "OS_SECRET_KEY holds one, but together with OS_ACCESS_KEY"},
		},
		"password of the environment for the user in the block": {
			block: ownUser, variables: map[string]string{"HW_USER_PASSWORD": ownPassword}, signedBy: "token",
		},
		"password of the environment beside another user": {
			block:     ownUser,
			variables: map[string]string{"HW_USER_NAME": "other", "HW_USER_PASSWORD": "hush"},
			says:      []string{"Conflicting credentials", "HW_USER_PASSWORD holds one, but together with HW_USER_NAME"},
		},
		"password of the environment beside another user's id": {
			block:     ownUser,
			variables: map[string]string{"HW_USER_ID": "other", "HW_USER_PASSWORD": "hush"},
			says:      []string{"Conflicting credentials", "HW_USER_ID"},
		},
		"password of the environment beside a user of that name in another account": {
			block:     ownUser,
			variables: map[string]string{"HW_USER_NAME": csmstest.DefaultUserName, "HW_DOMAIN_NAME": "other", "HW_USER_PASSWORD": "hush"},
			says:      []string{"Conflicting credentials", "HW_DOMAIN_NAME"},
		},
		"account of the environment for the user in the block": {
			block:     map[string]any{"user_name": csmstest.DefaultUserName, "password": ownPassword},
			variables: map[string]string{"HW_DOMAIN_NAME": csmstest.DefaultDomainName}, signedBy: "token",
		},
		"account of another user in the environment": {
			block:     map[string]any{"user_name": csmstest.DefaultUserName, "password": "hush"},
			variables: map[string]string{"HW_USER_NAME": "other", "HW_DOMAIN_NAME": "other"},
			says:      []string{"user_name needs the account it belongs to"},
		},
		"account and user of two tools in the environment": {
			variables: map[string]string{
				"HW_USER_NAME": csmstest.DefaultUserName, "HW_USER_PASSWORD": ownPassword, "HW_DOMAIN_NAME": csmstest.DefaultDomainName,
				"OS_USER_ID": "other", "OS_USERNAME": "other", "OS_PASSWORD": "x", "OS_DOMAIN_ID": "other",
			},
			signedBy: "token",
		},
		"security token alone in the environment": {
			variables: map[string]string{"HW_SECURITY_TOKEN": "of-another-login", "HUAWEICLOUD_SDK_AK": "own", "HUAWEICLOUD_SDK_SK": "own-secret"},
			signedBy:  "own",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("HOME", t.TempDir())
			for variable, value := range tt.variables {
				t.Setenv(variable, value)
			}
			m := newTwoLogins(t)
			got := configureAndRead(t, withAll(m.bare(), tt.block))
			if tt.signedBy == "" {
				assertContains(t, got, tt.says...)
				m.assertRequests(t, map[string]int{})
			} else if requests := m.Requests(); got != "" || requests[len(requests)-1].SignedBy != tt.signedBy {
				t.Errorf("signed by %q, want %q: %s", requests[len(requests)-1].SignedBy, tt.signedBy, got)
			}
			if strings.Contains(got, "hush") {
				t.Errorf("errors %q say too much", got)
			}
		})
	}
}

func TestAccountOfAProfileIsItsOwn(t *testing.T) {
	t.Setenv("HW_DOMAIN_ID", "another-account")
	t.Setenv("HW_ASSUME_ROLE_AGENCY_NAME", "rotator")
	t.Setenv("HW_ASSUME_ROLE_DOMAIN_NAME", "other-account")
	file := filepath.Join(t.TempDir(), "config.json")
	content := `{"current":"p","profiles":[{"name":"p","mode":"AKSK","region":"cn-north-4","domainId":"` + csmstest.DefaultDomainID +
		`","accessKeyId":"` + csmstest.DefaultAccessKey + `","secretAccessKey":"` + csmstest.DefaultSecretKey + `"}]}`
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HW_SHARED_CONFIG_FILE", file)
	m := newIAM(t)
	newTFServerWith(t, m.bare()).create(stageType, stage("GREEN", "v1"))
	for _, r := range m.Requests() {
		if r.Operation == "CreateTemporaryAccessKey" && r.Header.Get("X-Domain-Id") != csmstest.DefaultDomainID {
			t.Errorf("the agency is assumed for the account %q", r.Header.Get("X-Domain-Id"))
		}
	}
	if m.Count("CreateTemporaryAccessKey") != 1 {
		t.Error("no agency was assumed")
	}
}

func TestAgencyOfTheEnvironmentIsNotMixed(t *testing.T) {
	for variable, value := range map[string]string{
		"HW_ASSUME_ROLE_AGENCY_NAME": "rotator", "HW_ASSUME_ROLE_DOMAIN_NAME": "other-account",
		"OS_AGENCY_NAME": "another", "OS_AGENCY_DOMAIN_NAME": "another-account",
	} {
		t.Setenv(variable, value)
	}
	newTFServerWith(t, newIAM(t).settings()).create(stageType, stage("GREEN", "v1"))
	t.Setenv("HW_ASSUME_ROLE_DOMAIN_NAME", "")
	got := errorsOf(newUnconfiguredTFServer(t).configure(newIAM(t).settings()))
	assertContains(t, got, "the agency rotator needs the name or the id of the account")
}

// refusedSignIn is how somebody signs in whom the service refuses, and what the error says.
type refusedSignIn struct {
	block     map[string]any
	variables map[string]string
	says      string
	advice    string
}

func TestRefusalSaysWhichCredentialsWereUsedAndAdvisesForThoseOnly(t *testing.T) {
	file := sharedConfig(t, "profile-key", "wrong")
	advice := map[string]string{
		"key": "the secret key is its own", "temporary": "get a new set of the three", "token": "get a new one",
		"password": "Check the user name", "OIDC": "Check the id of the identity provider", "agency": "Check that the agency still exists",
	}
	for name, tt := range map[string]refusedSignIn{
		"token beside keys in the environment": {
			variables: map[string]string{"HW_AUTH_TOKEN": "stale", "HW_ACCESS_KEY": "own", "HW_SECRET_KEY": "own-secret"},
			says:      "token from the environment variable HW_AUTH_TOKEN; HW_ACCESS_KEY is set too but not used.", advice: "token",
		},
		"key in the block beside others": {
			block: map[string]any{"access_key": "own", "secret_key": "wrong"},
			variables: map[string]string{
				"HW_AUTH_TOKEN": "other", "HW_SECURITY_TOKEN": "other", "HUAWEICLOUD_SDK_AK": "other", "HUAWEICLOUD_SDK_SK": "other",
			},
			says: "access key from access_key and secret_key in the provider block; " +
				"HUAWEICLOUD_SDK_AK, HW_AUTH_TOKEN and HW_SECURITY_TOKEN are set too but not used.",
			advice: "key",
		},
		"key of block and environment": {
			block: map[string]any{"access_key": "own"}, variables: map[string]string{"HW_SECRET_KEY": "wrong"},
			says: "access key from access_key in the provider block and the environment variable HW_SECRET_KEY.", advice: "key",
		},
		"temporary key": {
			variables: map[string]string{"HW_ACCESS_KEY": "temporary", "HW_SECRET_KEY": "temporary-secret", "HW_SECURITY_TOKEN": "stale"},
			says:      "temporary access key from the environment variables HW_ACCESS_KEY, HW_SECRET_KEY and HW_SECURITY_TOKEN.", advice: "temporary",
		},
		"password": {
			block: ownUser, variables: map[string]string{"HW_USER_PASSWORD": "wrong"},
			says: "password from user_name in the provider block and the environment variable HW_USER_PASSWORD.", advice: "password",
		},
		"OIDC": {
			variables: map[string]string{"HW_ASSUME_ROLE_IDP_ID": "idp", "HW_ASSUME_ROLE_ID_TOKEN": "wrong"},
			says:      "OIDC identity from the environment variables HW_ASSUME_ROLE_IDP_ID and HW_ASSUME_ROLE_ID_TOKEN.", advice: "OIDC",
		},
		"profile": {
			block: map[string]any{"profile": "work"}, variables: map[string]string{"HW_SHARED_CONFIG_FILE": file},
			says: "access key from profile in the provider block and the environment variable HW_SHARED_CONFIG_FILE.", advice: "key",
		},
		"SDK": {
			variables: map[string]string{"HUAWEICLOUD_SDK_AK": "own", "HUAWEICLOUD_SDK_SK": "wrong"},
			says:      "access key from the environment variables HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK.", advice: "key",
		},
		"key that an agency is to be assumed with": {
			variables: map[string]string{
				"HW_ACCESS_KEY": "own", "HW_SECRET_KEY": "wrong", "HW_ASSUME_ROLE_AGENCY_NAME": "rotator", "HW_ASSUME_ROLE_DOMAIN_NAME": "x",
			},
			says:   "access key from the environment variables HW_ACCESS_KEY and HW_SECRET_KEY; the agency is from HW_ASSUME_ROLE_AGENCY_NAME.",
			advice: "key",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("HOME", t.TempDir())
			for variable, value := range tt.variables {
				t.Setenv(variable, value)
			}
			got := configureAndRead(t, withAll(newTwoLogins(t).bare(), tt.block))
			assertContains(t, got, "401", "did not accept the "+tt.says)
			for kind, text := range advice {
				if strings.Contains(got, text) != (kind == tt.advice) {
					t.Errorf("errors %q advise for %s: %t", got, kind, kind != tt.advice)
				}
			}
			if strings.Contains(got, "clock") {
				t.Errorf("errors %q speak of the clock, which is right", got)
			}
		})
	}
}

func TestRefusedSignatureSaysHowFarTheClockIsOff(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		off   time.Duration
		token bool
		says  string
	}{
		"ahead":      {22 * time.Minute, false, "This machine's clock is 22m ahead of the service's"},
		"behind":     {-61 * time.Minute, false, "This machine's clock is 1h1m behind the service's"},
		"agrees":     {time.Second, false, ""},
		"of a token": {22 * time.Minute, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t, csmstest.WithToken("some-token"))
			date := time.Now().Add(-tt.off).UTC().Format(http.TimeFormat)
			m.Fail(csmstest.Fault{
				Times: -1, Status: http.StatusUnauthorized, Header: http.Header{"Date": {date}}, Body: strings.ReplaceAll(gatewaySays, "CODE", "APIGW.0301"),
			})
			settings := m.settings()
			if tt.token {
				settings = withAll(m.bare(), map[string]any{"token": "some-token"})
			}
			got := configureAndRead(t, settings)
			assertContains(t, got, "did not accept the ", tt.says)
			if strings.Contains(got, "clock") != (tt.says != "") {
				t.Errorf("errors %q speak of the clock", got)
			}
		})
	}
}

func TestRefusedKeysThatWereIssuedSayByWhom(t *testing.T) {
	t.Parallel()
	agency := map[string]any{"assume_role": []map[string]any{{"agency_name": "rotator", "domain_name": "other-account"}}}
	for name, tt := range map[string]struct {
		further map[string]any
		says    []string
	}{
		"agency": {withAll(byAccessKey, agency), []string{
			"did not accept the agency rotator, assumed with access key from access_key and secret_key in the provider block.",
			"Check that the agency still exists",
		}},
		"cloud server": {nil, []string{
			"did not accept the temporary access key of the cloud server's agency. Check that the agency of the cloud server still exists",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newIAM(t)
			m.Fail(csmstest.Fault{
				Operation: "ListVersions", Times: -1, Status: http.StatusUnauthorized, Body: strings.ReplaceAll(gatewaySays, "CODE", "APIGW.0301"),
			})
			assertContains(t, configureAndRead(t, withAll(m.bare(), tt.further)), tt.says...)
		})
	}
}

func TestCloudServerOfAProfileThatIsNoneSaysWhereThatComesFrom(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(file, []byte(`{"current":"p","profiles":[{"name":"p","mode":"ecsAgency"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	m := newSecret(t) // not a cloud server: no metadata
	got := configureAndRead(t, with(with(m.bare(), "shared_config_file", file), "max_retries", 0))
	assertContains(t, got, "cannot read the metadata of the cloud server", "It comes from shared_config_file in the provider block")
	if strings.Contains(got, "Neither the provider block nor the environment") {
		t.Errorf("errors %q say that nothing is configured", got)
	}
}

func TestOfTwoVariablesForOneThingOnlyTheFirstCounts(t *testing.T) {
	t.Setenv("HW_PROJECT_NAME", csmstest.DefaultRegion)
	t.Setenv("OS_PROJECT_ID", delegatedProject)
	m := newIAM(t)
	newTFServerWith(t, m.settings()).create(stageType, stage("GREEN", "v1"))
	if holder := m.StageHolder("db", "GREEN"); holder != "v1" {
		t.Errorf("GREEN is on %q: the project is not the one that HW_PROJECT_NAME names", holder)
	}
}
