package csmstest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// defaultKMSKeyID is the key that protects secrets for which none is chosen.
const defaultKMSKeyID = "5ec7e700-0000-4000-8000-0000000000aa"

// secret finds the secret that the path names.
func (c *call) secret() (*secret, error) {
	if !oldSecretNamePattern.MatchString(c.record.Secret) {
		return nil, errInvalidParameter
	}
	s, ok := c.project.secrets[c.record.Secret]
	if !ok {
		return nil, errNoSuchSecret
	}
	return s, nil
}

// enabledSecret finds the secret for an operation that only enabled secrets allow.
func (c *call) enabledSecret() (*secret, error) {
	s, err := c.secret()
	if err != nil {
		return nil, err
	}
	switch s.State {
	case stateEnabled:
		return s, nil
	case statePendingDelete:
		return nil, errPendingDeletion
	default:
		return nil, errDisabled
	}
}

// readableSecret finds the secret for an operation that reads metadata.
func (c *call) readableSecret() (*secret, error) {
	if c.server.cfg.inactiveReadsRefused {
		return c.enabledSecret()
	}
	return c.secret()
}

// writableStageSecret finds the secret for an operation that changes its labels.
func (c *call) writableStageSecret() (*secret, error) {
	if c.server.cfg.inactiveStageWrites {
		return c.secret()
	}
	return c.enabledSecret()
}

// createSecret creates a secret with its first version.
//
// POST /v1/{project_id}/secrets.
func createSecret(c *call) (answer, error) {
	f, err := c.fields()
	if err != nil {
		return answer{}, err
	}
	c.record.Secret = f.text("name")
	v, err := f.value()
	if err != nil {
		return answer{}, err
	}
	described, err := c.describedSecret(f)
	if err != nil {
		return answer{}, err
	}
	if _, taken := c.project.secrets[described.Name]; taken {
		return answer{}, errInvalidParameter
	}
	if len(c.project.secrets) >= maxSecrets {
		return answer{}, errSecretLimit
	}
	described.CreateTime = c.now
	s := c.project.add(described, c.now)
	s.create(v, c.now)
	c.record.Changed = true
	return c.secretAnswer(s), nil
}

// describedSecret reads the members of a body that describe a secret to be created.
func (c *call) describedSecret(f fields) (Secret, error) {
	s := Secret{Name: f.text("name"), State: stateEnabled, Type: typeCommon}
	if err := f.read("secret_type", &s.Type); err != nil {
		return s, err
	}
	if err := f.read("enterprise_project_id", &s.EnterpriseProjectID); err != nil {
		return s, err
	}
	if !secretNamePattern.MatchString(s.Name) || !validType(s.Type) {
		return s, errInvalidParameter
	}
	return s, f.describe(&s)
}

// describe reads the members that may be changed later too.
func (f fields) describe(s *Secret) error {
	for name, target := range map[string]any{
		"kms_key_id":          &s.KMSKeyID,
		"description":         &s.Description,
		"auto_rotation":       &s.AutoRotation,
		"rotation_period":     &s.RotationPeriod,
		"rotation_config":     &s.RotationConfig,
		"rotation_func_urn":   &s.RotationFuncURN,
		"event_subscriptions": &s.EventSubscriptions,
	} {
		if err := f.read(name, target); err != nil {
			return err
		}
	}
	if len(s.Description) > 2048 || len(s.EventSubscriptions) > 1 {
		return errInvalidParameter
	}
	return nil
}

// showSecret answers with a secret's metadata.
//
// GET /v1/{project_id}/secrets/{secret_name}.
func showSecret(c *call) (answer, error) {
	s, err := c.secret()
	if err != nil {
		return answer{}, err
	}
	return c.secretAnswer(s), nil
}

// listSecrets lists the project's secrets by name: all, or those that one event is raised for.
//
// GET /v1/{project_id}/secrets.
func listSecrets(c *call) (answer, error) {
	names := slices.Sorted(maps.Keys(c.project.secrets))
	if event := c.request.URL.Query().Get("event_name"); event != "" {
		names = slices.DeleteFunc(names, func(name string) bool {
			return !slices.Contains(c.project.secrets[name].EventSubscriptions, event)
		})
	}
	page, last, err := c.page(names)
	if err != nil {
		return answer{}, err
	}
	secrets := []object{}
	for _, name := range page {
		secrets = append(secrets, c.secretMetadata(c.project.secrets[name]))
	}
	return jsonAnswer(http.StatusOK, object{"secrets": secrets, "page_info": c.pageInfo(page, last)}), nil
}

// updateSecret changes a secret's metadata. A new key protects the versions created from then on.
//
// PUT /v1/{project_id}/secrets/{secret_name}.
func updateSecret(c *call) (answer, error) {
	f, err := c.fields()
	if err != nil {
		return answer{}, err
	}
	s, err := c.secret()
	if err != nil {
		return answer{}, err
	}
	if s.State == statePendingDelete {
		return answer{}, errPendingDeletion
	}
	changed := s.Secret
	changed.EventSubscriptions = slices.Clone(s.EventSubscriptions)
	if err := f.describe(&changed); err != nil {
		return answer{}, err
	}
	if !sameDescription(&changed, &s.Secret) {
		s.Secret = changed
		s.touch(c.now)
		c.record.Changed = true
	}
	return c.secretAnswer(s), nil
}

func sameDescription(a, b *Secret) bool {
	return a.KMSKeyID == b.KMSKeyID && a.Description == b.Description && a.AutoRotation == b.AutoRotation &&
		a.RotationPeriod == b.RotationPeriod && a.RotationConfig == b.RotationConfig && a.RotationFuncURN == b.RotationFuncURN &&
		slices.Equal(a.EventSubscriptions, b.EventSubscriptions)
}

// deleteSecret deletes a secret at once.
//
// DELETE /v1/{project_id}/secrets/{secret_name}.
func deleteSecret(c *call) (answer, error) {
	s, err := c.secret()
	if err != nil {
		return answer{}, err
	}
	delete(c.project.secrets, s.Name)
	c.record.Changed = true
	return answer{status: http.StatusOK}, nil
}

// scheduleDeletion puts off a secret's deletion by 7 to 30 days, 30 if it is not told.
//
// POST /v1/{project_id}/secrets/{secret_name}/scheduled-deleted-tasks/create.
func scheduleDeletion(c *call) (answer, error) {
	f, err := c.fields()
	if err != nil {
		return answer{}, err
	}
	days := 30
	if err := f.read("recovery_window_in_days", &days); err != nil || days < 7 || days > 30 {
		return answer{}, errInvalidParameter
	}
	s, err := c.secret()
	if err != nil {
		return answer{}, err
	}
	if s.State == statePendingDelete {
		return answer{}, errPendingDeletion
	}
	s.State = statePendingDelete
	s.ScheduledDeleteTime = c.now.Add(time.Duration(days) * 24 * time.Hour).Truncate(time.Second)
	c.record.Changed = true
	return c.secretAnswer(s), nil
}

// cancelDeletion enables a secret again whose deletion is scheduled.
//
// POST /v1/{project_id}/secrets/{secret_name}/scheduled-deleted-tasks/cancel.
func cancelDeletion(c *call) (answer, error) {
	s, err := c.secret()
	if err != nil {
		return answer{}, err
	}
	if s.State != statePendingDelete {
		return answer{}, errNotPending
	}
	s.State = stateEnabled
	s.ScheduledDeleteTime = time.Time{}
	c.record.Changed = true
	return c.secretAnswer(s), nil
}

func (c *call) secretAnswer(s *secret) answer {
	return jsonAnswer(http.StatusOK, object{"secret": c.secretMetadata(s)})
}

// add stores a secret without versions, filling in what every secret has.
func (p *Project) add(described Secret, now time.Time) *secret {
	p.created++
	s := &secret{Secret: described, labels: map[string]label{}, apart: p.server.cfg.versionsApart}
	s.Versions = nil
	s.Tags = maps.Clone(described.Tags)
	s.EventSubscriptions = slices.Clone(described.EventSubscriptions)
	if s.ID == "" {
		s.ID = resourceID(p.id, s.Name, p.created)
	}
	if s.State == "" {
		s.State = stateEnabled
	}
	if s.KMSKeyID == "" {
		s.KMSKeyID = defaultKMSKeyID
	}
	if s.Type == "" {
		s.Type = typeCommon
	}
	if s.CreateTime.IsZero() {
		s.CreateTime = now
	}
	s.CreateTime = s.CreateTime.Truncate(time.Second)
	s.touch(now)
	p.secrets[s.Name] = s
	return s
}

// resourceID makes an id of the form that resources have, the same in every run.
func resourceID(projectID, name string, serial uint64) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%s/%d", projectID, name, serial))
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:32]
}
