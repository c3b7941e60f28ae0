package csmstest

import (
	"net/http"
	"slices"
	"time"
	"unicode/utf8"
)

// findSecret finds the secret that the path names, which may have to be ENABLED.
func (c *call) findSecret(mustBeEnabled bool) (*secret, error) {
	if !oldSecretNamePattern.MatchString(c.record.Secret) {
		return nil, errInvalidParameter
	}
	s, ok := c.project.secrets[c.record.Secret]
	switch {
	case !ok:
		return nil, errNoSuchSecret
	case !mustBeEnabled || s.State == stateEnabled:
		return s, nil
	case s.State == statePendingDelete:
		return nil, errPendingDeletion
	default:
		return nil, errDisabled
	}
}

// createSecret creates a secret with its first version.
//
// POST /v1/{project_id}/secrets.
func createSecret(c *call) (response, error) {
	c.record.Secret = c.fields.text("name")
	v, err := c.fields.value()
	if err != nil {
		return response{}, err
	}
	seed, err := c.fields.newSecret()
	if err != nil {
		return response{}, err
	}
	if _, taken := c.project.secrets[seed.Name]; taken {
		return response{}, errInvalidParameter
	}
	if len(c.project.secrets) >= maxSecrets {
		return response{}, errSecretLimit
	}
	c.secret = c.project.put(seed, c.now)
	c.secret.create(v, c.now)
	c.record.Changed = true
	return c.secretResponse(), nil
}

// newSecret reads the members of a body that describe a secret to be created.
func (f fields) newSecret() (Secret, error) {
	s := Secret{Name: f.text("name"), Type: typeCommon}
	err := f.readAll(map[string]any{"secret_type": &s.Type, "enterprise_project_id": &s.EnterpriseProjectID})
	if err != nil {
		return s, err
	}
	validProject := !f.has("enterprise_project_id") || validLength(s.EnterpriseProjectID, 1, 36)
	configured := s.Type == typeCommon || f.has("rotation_config")
	if !secretNamePattern.MatchString(s.Name) || !validType(s.Type) || !validProject || !configured {
		return s, errInvalidParameter
	}
	return s, f.describe(&s)
}

// describe reads the members that may be changed later too.
func (f fields) describe(s *Secret) error {
	err := f.readAll(map[string]any{
		"kms_key_id":          &s.KMSKeyID,
		"description":         &s.Description,
		"auto_rotation":       &s.AutoRotation,
		"rotation_period":     &s.RotationPeriod,
		"rotation_config":     &s.RotationConfig,
		"rotation_func_urn":   &s.RotationFuncURN,
		"event_subscriptions": &s.EventSubscriptions,
	})
	tooLong := func(event string) bool { return !validLength(event, 0, maxEventLength) }
	switch {
	case err != nil:
		return err
	case len(s.Description) > maxDescriptionBytes,
		len(s.EventSubscriptions) > 1 || slices.ContainsFunc(s.EventSubscriptions, tooLong),
		f.has("kms_key_id") && !kmsKeyIDPattern.MatchString(s.KMSKeyID),
		!f.validRotation(s):
		return errInvalidParameter
	}
	return nil
}

// validLength reports whether a text has so many characters.
func validLength(text string, least, most int) bool {
	n := utf8.RuneCountInString(text)
	return n >= least && n <= most
}

// showSecret responds with a secret's metadata.
//
// GET /v1/{project_id}/secrets/{secret_name}.
func showSecret(c *call) (response, error) { return c.secretResponse(), nil }

// listSecrets lists the project's secrets by name: all, or those that one event is raised for.
//
// GET /v1/{project_id}/secrets.
func listSecrets(c *call) (response, error) {
	names := sortedKeys(c.project.secrets)
	if query := c.request.URL.Query(); query.Has("event_name") {
		event := query.Get("event_name")
		if !validLength(event, 1, 64) {
			return response{}, errInvalidParameter
		}
		names = slices.DeleteFunc(names, func(name string) bool {
			return !slices.Contains(c.project.secrets[name].EventSubscriptions, event)
		})
	}
	page, last, err := c.page(names)
	if err != nil {
		return response{}, err
	}
	secrets := []object{}
	for _, name := range page {
		secrets = append(secrets, c.secretMetadata(c.project.secrets[name]))
	}
	return jsonResponse(http.StatusOK, object{"secrets": secrets, "page_info": c.pageInfo(page, last)}), nil
}

// updateSecret changes a secret's metadata. A new key protects the versions created from then on.
//
// PUT /v1/{project_id}/secrets/{secret_name}.
func updateSecret(c *call) (response, error) {
	s := c.secret
	if s.State == statePendingDelete {
		return response{}, errPendingDeletion
	}
	changed := s.clone()
	if err := c.fields.describe(&changed); err != nil {
		return response{}, err
	}
	if !sameDescription(&changed, &s.Secret) {
		s.Secret = changed
		s.UpdateTime = c.now.Truncate(time.Second)
		c.record.Changed = true
	}
	return c.secretResponse(), nil
}

func sameDescription(a, b *Secret) bool {
	return a.KMSKeyID == b.KMSKeyID && a.Description == b.Description && a.AutoRotation == b.AutoRotation &&
		a.RotationPeriod == b.RotationPeriod && a.RotationConfig == b.RotationConfig &&
		a.RotationFuncURN == b.RotationFuncURN && slices.Equal(a.EventSubscriptions, b.EventSubscriptions)
}

// deleteSecret deletes a secret at once.
//
// DELETE /v1/{project_id}/secrets/{secret_name}.
func deleteSecret(c *call) (response, error) {
	delete(c.project.secrets, c.secret.Name)
	c.record.Changed = true
	return response{status: http.StatusOK}, nil
}

// scheduleDeletion puts off a secret's deletion by 7 to 30 days, 30 unless told otherwise.
//
// POST /v1/{project_id}/secrets/{secret_name}/scheduled-deleted-tasks/create.
func scheduleDeletion(c *call) (response, error) {
	days := 30
	if err := c.fields.read("recovery_window_in_days", &days); err != nil || days < 7 || days > 30 {
		return response{}, errInvalidParameter
	}
	if c.secret.State == statePendingDelete {
		return response{}, errPendingDeletion
	}
	c.secret.State = statePendingDelete
	c.secret.ScheduledDeleteTime = c.now.Add(time.Duration(days) * 24 * time.Hour).Truncate(time.Second)
	c.record.Changed = true
	return c.secretResponse(), nil
}

// cancelDeletion enables a secret again whose deletion is scheduled.
//
// POST /v1/{project_id}/secrets/{secret_name}/scheduled-deleted-tasks/cancel.
func cancelDeletion(c *call) (response, error) {
	if c.secret.State != statePendingDelete {
		return response{}, errNotPending
	}
	c.secret.State = stateEnabled
	c.secret.ScheduledDeleteTime = time.Time{}
	c.record.Changed = true
	return c.secretResponse(), nil
}

func (c *call) secretResponse() response {
	return jsonResponse(http.StatusOK, object{"secret": c.secretMetadata(c.secret)})
}

func (c *call) secretMetadata(s *secret) object {
	o := object{
		"id":                    s.ID,
		"name":                  s.Name,
		"state":                 s.State,
		"kms_key_id":            s.KMSKeyID,
		"description":           s.Description,
		"create_time":           c.timestamp(s.CreateTime),
		"update_time":           c.timestamp(s.UpdateTime),
		"scheduled_delete_time": null,
		"secret_type":           s.Type,
		"auto_rotation":         s.AutoRotation,
		"event_subscriptions":   append([]string{}, s.EventSubscriptions...),
		"enterprise_project_id": s.EnterpriseProjectID,
	}
	if !s.ScheduledDeleteTime.IsZero() {
		o["scheduled_delete_time"] = c.timestamp(s.ScheduledDeleteTime)
	}
	for name, value := range map[string]string{
		"rotation_period": s.RotationPeriod, "rotation_config": s.RotationConfig,
		"rotation_func_urn": s.RotationFuncURN,
	} {
		if value != "" {
			o[name] = value
		}
	}
	return o
}
