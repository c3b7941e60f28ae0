package csmstest

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// maxExpireTime is the greatest expire_time, in milliseconds, that the service takes: thirteen
// digits.
const maxExpireTime = 9999999999999

// PlaintextMark begins every value that the plaintext call (operation ShowVersion) responds with,
// so that it can be searched for wherever values must not turn up. It is made of characters of
// base64, whole groups of four, so that it marks binary values too.
const PlaintextMark = "MARKEDxPLAINTEXTxOFxAxMOCKxVALUE"

// createVersion stores a new value under the next version number.
//
// POST /v1/{project_id}/secrets/{secret_name}/versions.
func createVersion(c *call) (response, error) {
	v, err := c.newVersion()
	if err != nil {
		return response{}, err
	}
	if len(c.secret.Versions) >= maxVersions {
		return response{}, errVersionLimit
	}
	if c.secret.wouldExceedStageLimit(v.Stages, !c.server.cfg.builtInsUncounted) {
		return response{}, errStageLimit
	}
	c.record.Changed = true
	c.record.Version = c.secret.create(v, c.now)
	return c.versionResponse(c.versionMetadata(c.secret.version(c.record.Version))), nil
}

// newVersion reads the members of a body that describe a version to be created.
func (c *call) newVersion() (Version, error) {
	v, err := c.fields.value()
	if err != nil {
		return v, err
	}
	if err := c.fields.read("version_stages", &v.Stages); err != nil {
		return v, err
	}
	invalid := func(name string) bool { return !stageNamePattern.MatchString(name) }
	if len(v.Stages) > maxStages || slices.ContainsFunc(v.Stages, invalid) || !distinct(v.Stages) {
		return v, errInvalidParameter
	}
	if c.fields.has("expire_time") {
		v.ExpireTime, err = c.expireTime()
	}
	return v, err
}

// value reads the one of secret_string and secret_binary that must be there.
func (f fields) value() (Version, error) {
	var v Version
	if f.has("secret_string") == f.has("secret_binary") {
		return v, errInvalidParameter
	}
	if err := f.readAll(map[string]any{"secret_string": &v.Value, "secret_binary": &v.Binary}); err != nil {
		return v, err
	}
	if _, err := base64.StdEncoding.DecodeString(v.Binary); err != nil || len(v.Value)+len(v.Binary) > maxValueBytes {
		return v, errInvalidParameter
	}
	return v, nil
}

// updateVersion sets the expiry of a version, the one thing about it that can be changed.
//
// PUT /v1/{project_id}/secrets/{secret_name}/versions/{version_id}.
func updateVersion(c *call) (response, error) {
	expireTime, err := c.expireTime()
	if err != nil {
		return response{}, err
	}
	if !versionIDPattern.MatchString(c.record.Version) {
		return response{}, errInvalidParameter
	}
	v := c.secret.version(c.record.Version)
	if v == nil {
		return response{}, errNoSuchResource
	}
	c.record.Changed = !v.ExpireTime.Equal(expireTime)
	v.ExpireTime = expireTime
	metadata := c.versionMetadata(v)
	if c.server.cfg.omitExpireTime {
		delete(metadata, "expire_time")
	}
	return c.versionResponse(metadata), nil
}

// expireTime reads the expiry that a body asks for: an integer of milliseconds in the future, of
// which whole seconds are kept.
func (c *call) expireTime() (time.Time, error) {
	raw := string(c.fields["expire_time"])
	if c.server.cfg.expiryClearing && (raw == "null" || raw == "0") {
		return time.Time{}, nil
	}
	ms, err := strconv.ParseInt(raw, 10, 64)
	if err != nil || ms > maxExpireTime {
		return time.Time{}, errInvalidParameter
	}
	t := time.Unix(ms/1000, 0).UTC()
	if !t.After(c.now) {
		return time.Time{}, errInvalidParameter
	}
	return t, nil
}

func (c *call) versionResponse(metadata object) response {
	return jsonResponse(http.StatusOK, object{"version_metadata": metadata})
}

func (c *call) versionMetadata(v *Version) object {
	o := object{
		"id":             v.ID,
		"create_time":    c.timestamp(v.CreateTime),
		"kms_key_id":     v.KMSKeyID,
		"secret_name":    c.secret.Name,
		"version_stages": c.secret.stagesOf(v.ID),
	}
	if !v.ExpireTime.IsZero() {
		o["expire_time"] = c.timestamp(v.ExpireTime)
	} else if c.server.cfg.nullExpireTime {
		o["expire_time"] = null
	}
	return o
}

// showVersion responds with the plaintext of a version.
//
// GET /v1/{project_id}/secrets/{secret_name}/versions/{version_id}.
func showVersion(c *call) (response, error) {
	v := c.secret.newest()
	if c.record.Version != "latest" {
		if !versionIDPattern.MatchString(c.record.Version) {
			return response{}, errInvalidParameter
		}
		v = c.secret.version(c.record.Version)
	}
	if v == nil {
		return response{}, errNoSuchResource
	}
	mark := PlaintextMark
	if c.server.cfg.valuesAsStored {
		mark = ""
	}
	o := object{"version_metadata": c.versionMetadata(v)}
	if v.Binary != "" {
		o["secret_binary"] = mark + v.Binary
	} else {
		o["secret_string"] = mark + v.Value
	}
	return jsonResponse(http.StatusOK, object{"version": o}), nil
}

// listVersions lists a secret's versions without their values.
//
// GET /v1/{project_id}/secrets/{secret_name}/versions.
func listVersions(c *call) (response, error) {
	ids := make([]string, 0, len(c.secret.Versions))
	for _, v := range c.secret.Versions {
		ids = append(ids, v.ID)
	}
	if c.server.cfg.versionOrder == Descending {
		slices.Reverse(ids)
	}
	page, last, err := c.page(ids)
	if err != nil {
		return response{}, err
	}
	metadatas := []object{}
	for _, id := range page {
		metadatas = append(metadatas, c.versionMetadata(c.secret.version(id)))
	}
	return jsonResponse(http.StatusOK, object{"version_metadatas": metadatas, "page_info": c.pageInfo(page, last)}), nil
}
