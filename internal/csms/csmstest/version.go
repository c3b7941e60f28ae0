package csmstest

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// maxExpireTime is the greatest expire_time, in milliseconds, that the service takes: thirteen digits.
const maxExpireTime = 9999999999999

// PlaintextMark begins every value that the plaintext call (operation ShowVersion) answers with, so that it can be searched for
// wherever values must not turn up. It is made of characters of base64, whole groups of four, so that it marks binary values too.
const PlaintextMark = "MARKEDxPLAINTEXTxOFxAxMOCKxVALUE"

// createVersion stores a new value under the next version number.
//
// POST /v1/{project_id}/secrets/{secret_name}/versions.
func createVersion(c *call) (answer, error) {
	f, err := c.fields()
	if err != nil {
		return answer{}, err
	}
	v, err := c.newVersion(f)
	if err != nil {
		return answer{}, err
	}
	s, err := c.enabledSecret()
	if err != nil {
		return answer{}, err
	}
	if len(s.Versions) >= maxVersions {
		return answer{}, errVersionLimit
	}
	if s.wouldExceedStageLimit(v.Stages, !c.server.cfg.builtInsUncounted) {
		return answer{}, errStageLimit
	}
	c.record.Changed = true
	c.record.Version = s.create(v, c.now)
	return c.versionAnswer(s, s.version(c.record.Version)), nil
}

// create stores a version and labels it with its stages, or by the service's rule if it names none. It returns the version's id.
func (s *secret) create(v Version, now time.Time) string {
	stages := v.Stages
	id := s.addVersion(v, now).ID
	for _, stage := range stages {
		s.place(stage, id, now)
	}
	if len(stages) == 0 {
		s.succeed(id, now)
	}
	return id
}

// newVersion reads the members of a body that describe a version to be created.
func (c *call) newVersion(f fields) (Version, error) {
	v, err := f.value()
	if err != nil {
		return v, err
	}
	if err := f.read("version_stages", &v.Stages); err != nil {
		return v, err
	}
	invalid := func(stage string) bool { return !stageNamePattern.MatchString(stage) }
	if len(v.Stages) > maxStages || slices.ContainsFunc(v.Stages, invalid) || !distinct(v.Stages) {
		return v, errInvalidParameter
	}
	if f.has("expire_time") {
		v.ExpireTime, err = c.expireTime(f)
	}
	return v, err
}

// value reads the one of secret_string and secret_binary that must be there.
func (f fields) value() (Version, error) {
	var v Version
	if f.has("secret_string") == f.has("secret_binary") {
		return v, errInvalidParameter
	}
	if err := f.read("secret_string", &v.Value); err != nil {
		return v, err
	}
	if err := f.read("secret_binary", &v.Binary); err != nil {
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
func updateVersion(c *call) (answer, error) {
	f, err := c.fields()
	if err != nil {
		return answer{}, err
	}
	expireTime, err := c.expireTime(f)
	if err != nil {
		return answer{}, err
	}
	if !versionIDPattern.MatchString(c.record.Version) {
		return answer{}, errInvalidParameter
	}
	s, err := c.enabledSecret()
	if err != nil {
		return answer{}, err
	}
	v := s.version(c.record.Version)
	if v == nil {
		return answer{}, errNoSuchResource
	}
	c.record.Changed = !v.ExpireTime.Equal(expireTime)
	v.ExpireTime = expireTime
	return c.updatedVersionAnswer(s, v), nil
}

// expireTime reads the expiry that a body asks for: an integer of milliseconds in the future, of which whole seconds are kept.
func (c *call) expireTime(f fields) (time.Time, error) {
	raw, ok := f["expire_time"]
	if !ok {
		return time.Time{}, errInvalidParameter
	}
	if c.server.cfg.expiryClearing && (string(raw) == "null" || string(raw) == "0") {
		return time.Time{}, nil
	}
	ms, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || ms > maxExpireTime {
		return time.Time{}, errInvalidParameter
	}
	t := time.Unix(ms/1000, 0).UTC()
	if !t.After(c.now) {
		return time.Time{}, errInvalidParameter
	}
	return t, nil
}

func (c *call) updatedVersionAnswer(s *secret, v *Version) answer {
	metadata := c.versionMetadata(s, v)
	if c.server.cfg.omitExpireTime {
		delete(metadata, "expire_time")
	}
	return jsonAnswer(http.StatusOK, object{"version_metadata": metadata})
}

func (c *call) versionAnswer(s *secret, v *Version) answer {
	return jsonAnswer(http.StatusOK, object{"version_metadata": c.versionMetadata(s, v)})
}

// showVersion answers with the plaintext of a version.
//
// GET /v1/{project_id}/secrets/{secret_name}/versions/{version_id}.
func showVersion(c *call) (answer, error) {
	latest := c.record.Version == "latest"
	if !latest && !versionIDPattern.MatchString(c.record.Version) {
		return answer{}, errInvalidParameter
	}
	s, err := c.enabledSecret()
	if err != nil {
		return answer{}, err
	}
	v := s.version(c.record.Version)
	if latest {
		v = s.newest()
	}
	if v == nil {
		return answer{}, errNoSuchResource
	}
	return jsonAnswer(http.StatusOK, object{"version": c.plaintext(s, v)}), nil
}

func (c *call) plaintext(s *secret, v *Version) object {
	mark := PlaintextMark
	if c.server.cfg.valuesAsStored {
		mark = ""
	}
	o := object{"version_metadata": c.versionMetadata(s, v)}
	if v.Binary != "" {
		o["secret_binary"] = mark + v.Binary
	} else {
		o["secret_string"] = mark + v.Value
	}
	return o
}

// listVersions lists a secret's versions without their values.
//
// GET /v1/{project_id}/secrets/{secret_name}/versions.
func listVersions(c *call) (answer, error) {
	s, err := c.readableSecret()
	if err != nil {
		return answer{}, err
	}
	ids := make([]string, 0, len(s.Versions))
	for _, v := range s.Versions {
		ids = append(ids, v.ID)
	}
	if c.server.cfg.versionOrder == Descending {
		slices.Reverse(ids)
	}
	page, last, err := c.page(ids)
	if err != nil {
		return answer{}, err
	}
	metadatas := []object{}
	for _, id := range page {
		metadatas = append(metadatas, c.versionMetadata(s, s.version(id)))
	}
	return jsonAnswer(http.StatusOK, object{"version_metadatas": metadatas, "page_info": c.pageInfo(page, last)}), nil
}

// page cuts the part out of ids that the query's limit and marker ask for, and tells whether nothing follows it.
func (c *call) page(ids []string) (page []string, last bool, err error) {
	query := c.request.URL.Query()
	limit := 50
	if query.Has("limit") {
		if limit, err = strconv.Atoi(query.Get("limit")); err != nil || limit < 1 || limit > 1000 {
			return nil, false, errInvalidParameter
		}
	}
	if marker := query.Get("marker"); marker != "" {
		at := slices.Index(ids, marker)
		if at < 0 {
			return nil, false, errInvalidParameter
		}
		ids = ids[at+1:]
	}
	if len(ids) > limit {
		return ids[:limit], false, nil
	}
	return ids, true, nil
}
