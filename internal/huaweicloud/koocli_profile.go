package huaweicloud

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Profile is one profile in the configuration file of KooCLI, the command hcloud.
type Profile struct {
	// Name is the profile's name.
	Name string
	// Region, ProjectID and DomainID are empty unless the profile has them.
	Region, ProjectID, DomainID string

	mode                                string
	accessKey, secretKey, securityToken string
	agency                              AssumeRole
}

// The file, as far as it is used here. The command has several ways of signing in, which it calls
// modes.
type (
	sharedConfig struct {
		Current     string          `json:"current"`
		AuthEncrypt json.RawMessage `json:"authEncrypt"`
		Profiles    []sharedProfile `json:"profiles"`
	}
	sharedProfile struct {
		sharedKeys
		Name             string `json:"name"`
		Mode             string `json:"mode"`
		Region           string `json:"region"`
		ProjectID        string `json:"projectId"`
		DomainID         string `json:"domainId"`
		AgencyName       string `json:"agencyName"`
		AgencyDomainID   string `json:"agencyDomainId"`
		AgencyDomainName string `json:"agencyDomainName"`
		SSOAuth          struct {
			STSToken sharedKeys `json:"stsToken"`
		} `json:"ssoAuth"`
	}
	sharedKeys struct {
		AccessKeyID     string `json:"accessKeyId"`
		SecretAccessKey string `json:"secretAccessKey"`
		SecurityToken   string `json:"securityToken"`
	}
)

// Modes of a profile, in lower case.
const (
	modeAccessKey = "aksk"
	modeSSO       = "sso"
	modeAgency    = "agency"
	modeInstance  = "ecsagency"
)

// decryptingCommand makes hcloud store what it has encrypted so that others can read it.
const decryptingCommand = "hcloud configure set --cli-auth-encrypt=false"

const defaultSharedConfig = "~/.hcloud/config.json"

// ReadSharedConfig reads a profile from the configuration file of KooCLI. Default of the file is
// ~/.hcloud/config.json, default of the profile the file's current one. A file whose credentials
// are encrypted is an error that names the command which decrypts them; so are a profile that is
// not there and one that signs in by other means than keys.
func ReadSharedConfig(file, profile string) (Profile, error) {
	file = cmp.Or(file, defaultSharedConfig)
	contents, err := readFile(file)
	if err != nil {
		return Profile{}, fmt.Errorf("cannot read the shared configuration file: %w", err)
	}
	var config sharedConfig
	if json.Unmarshal(contents, &config) != nil {
		return Profile{}, fmt.Errorf("the shared configuration file %s is not one of KooCLI (hcloud)", file)
	}
	found, err := config.profile(cmp.Or(profile, config.Current))
	if err != nil {
		return Profile{}, fmt.Errorf("the shared configuration file %s: %w", file, err)
	}
	return found, nil
}

func (s *sharedConfig) profile(name string) (Profile, error) {
	var names []string
	for i := range s.Profiles {
		if s.Profiles[i].Name == name {
			return s.usable(&s.Profiles[i])
		}
		names = append(names, s.Profiles[i].Name)
	}
	return Profile{}, fmt.Errorf("it has no profile %q, but: %s", name, sanitize(strings.Join(names, ", ")))
}

func (s *sharedConfig) usable(p *sharedProfile) (Profile, error) {
	mode := strings.ToLower(cmp.Or(p.Mode, modeAccessKey))
	keys := p.sharedKeys
	if mode == modeSSO {
		keys = p.SSOAuth.STSToken
	}
	switch mode {
	case modeInstance:
	case modeAccessKey, modeAgency, modeSSO:
		if err := s.checkKeys(keys); err != nil {
			return Profile{}, fmt.Errorf("profile %q: %w", p.Name, err)
		}
		if mode == modeAgency && p.AgencyName == "" {
			return Profile{}, fmt.Errorf("profile %q signs in by the mode %s, but has no agencyName",
				p.Name, sanitize(p.Mode))
		}
	default:
		return Profile{}, fmt.Errorf("profile %q signs in by the mode %s, which is not supported: "+
			"use AKSK, SSO, agency or ecsAgency", p.Name, sanitize(p.Mode))
	}
	return Profile{
		Name: p.Name, Region: p.Region, ProjectID: p.ProjectID, DomainID: p.DomainID,
		mode: mode, accessKey: keys.AccessKeyID, secretKey: keys.SecretAccessKey, securityToken: keys.SecurityToken,
		agency: AssumeRole{AgencyName: p.AgencyName, DomainName: p.AgencyDomainName, DomainID: p.AgencyDomainID},
	}, nil
}

func (s *sharedConfig) checkKeys(keys sharedKeys) error {
	switch {
	case keys.AccessKeyID == "" || keys.SecretAccessKey == "":
		return errors.New("it has no access key, or no secret key")
	case strings.EqualFold(strings.Trim(string(s.AuthEncrypt), `"`), "true"), looksEncrypted(keys.AccessKeyID):
		return errors.New("its credentials are encrypted; let KooCLI decrypt them: " + decryptingCommand)
	default:
		return nil
	}
}

// looksEncrypted helps with files of releases that do not note that they encrypt. The ids of access
// keys are short and made of letters and digits.
func looksEncrypted(accessKey string) bool {
	const longest = 64
	return len(accessKey) > longest || strings.ContainsAny(accessKey, "+/=:")
}

// Apply returns the configuration with the credentials of the profile. Its region, project, account
// and agencies stay if it has them. An agency that was left in a profile of another mode is not
// assumed.
func (p Profile) Apply(cfg Config) Config {
	cfg.AccessKey, cfg.SecretKey, cfg.SecurityToken = p.accessKey, p.secretKey, p.securityToken
	cfg.ECSMetadata = p.mode == modeInstance
	cfg.Region = cmp.Or(cfg.Region, p.Region)
	// The project belongs to the profile's region, and the configuration may name another project
	// by its name.
	if cfg.ProjectName == "" && (p.Region == "" || p.Region == cfg.Region) {
		cfg.ProjectID = cmp.Or(cfg.ProjectID, p.ProjectID)
	}
	if cfg.DomainName == "" {
		cfg.DomainID = cmp.Or(cfg.DomainID, p.DomainID)
	}
	if p.mode == modeAgency && len(cfg.AssumeRole) == 0 {
		cfg.AssumeRole = []AssumeRole{p.agency}
	}
	return cfg
}
