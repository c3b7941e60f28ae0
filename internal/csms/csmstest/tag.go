package csmstest

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of tags.
const (
	maxTags           = 20
	maxTagKeyLength   = 128 // In characters, as the next one.
	maxTagValueLength = 255
)

// systemTagPrefix begins the keys of the tags that only the cloud itself sets.
const systemTagPrefix = "_sys_"

var (
	tagKeyPattern   = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:=+\-@]+$`)
	tagValuePattern = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)
)

// secretByID finds the secret that the path names by its id, as the paths of tags do.
func (c *call) secretByID(id string) (*secret, error) {
	for _, s := range c.project.secrets {
		if s.ID == id {
			c.record.Secret = s.Name
			return s, nil
		}
	}
	return nil, errNoSuchTagged
}

// listTags lists the tags of a secret by key.
//
// GET /v1/{project_id}/csms/{secret_id}/tags.
func listTags(c *call) (response, error) {
	s, err := c.secretByID(c.path["secret_id"])
	if err != nil {
		return response{}, err
	}
	tags := []object{}
	for _, key := range sortedKeys(s.Tags) {
		tags = append(tags, object{"key": key, "value": s.Tags[key]})
	}
	return jsonResponse(http.StatusOK, object{"tags": tags, "sys_tags": null}), nil
}

// listProjectTags lists the tags that the project's secrets have, each key with all its values.
//
// GET /v1/{project_id}/csms/tags.
func listProjectTags(c *call) (response, error) {
	values := map[string][]string{}
	for _, s := range c.project.secrets {
		for key, value := range s.Tags {
			values[key] = append(values[key], value)
		}
	}
	tags := []object{}
	for _, key := range sortedKeys(values) {
		slices.Sort(values[key])
		tags = append(tags, object{"key": key, "values": slices.Compact(values[key])})
	}
	return jsonResponse(http.StatusOK, object{"tags": tags}), nil
}

// createTag adds a tag to a secret, or sets the value of the one of that key.
//
// POST /v1/{project_id}/csms/{secret_id}/tags.
func createTag(c *call) (response, error) {
	f, err := c.readFields()
	if err != nil {
		return response{}, errTagRequest
	}
	key, value, err := f.object("tag").tag()
	if err != nil {
		return response{}, err
	}
	return c.changeTags(func(tags map[string]string) { tags[key] = value })
}

// changeTagsAtOnce adds or deletes several tags. Deleting goes by the key: a tag that is not there
// is none to delete.
//
// POST /v1/{project_id}/csms/{secret_id}/tags/action.
func changeTagsAtOnce(c *call) (response, error) {
	f, err := c.readFields()
	if err != nil {
		return response{}, errTagRequest
	}
	tags, err := f.tags()
	if err != nil {
		return response{}, err
	}
	action := f.text("action")
	if action != "create" && action != "delete" {
		return response{}, errTagRequest
	}
	return c.changeTags(func(all map[string]string) {
		for key, value := range tags {
			if all[key] = value; action == "delete" {
				delete(all, key)
			}
		}
	})
}

// deleteTag deletes one tag of a secret.
//
// DELETE /v1/{project_id}/csms/{secret_id}/tags/{key}.
func deleteTag(c *call) (response, error) {
	key := c.path["key"]
	s, err := c.secretByID(c.path["secret_id"])
	if err != nil {
		return response{}, err
	}
	if _, ok := s.Tags[key]; !ok {
		return response{}, errNoSuchTag
	}
	return c.changeTags(func(tags map[string]string) { delete(tags, key) })
}

// changeTags carries out a change of tags as a whole or, if it makes too many, not at all.
func (c *call) changeTags(change func(tags map[string]string)) (response, error) {
	s, err := c.secretByID(c.path["secret_id"])
	if err != nil {
		return response{}, err
	}
	tags := map[string]string{}
	maps.Copy(tags, s.Tags)
	change(tags)
	if len(tags) > maxTags {
		return response{}, errTagRequest
	}
	c.record.Changed = !maps.Equal(tags, s.Tags)
	s.Tags = tags
	return response{status: http.StatusNoContent}, nil
}

// tags reads the list of a body: 1 to 20 tags of different keys.
func (f fields) tags() (map[string]string, error) {
	var list []fields
	if err := f.read("tags", &list); err != nil || len(list) == 0 || len(list) > maxTags {
		return nil, errTagRequest
	}
	tags := map[string]string{}
	for _, described := range list {
		key, value, err := described.tag()
		if err != nil {
			return nil, err
		}
		tags[key] = value
	}
	if len(tags) < len(list) {
		return nil, errTagRequest
	}
	return tags, nil
}

// tag reads one tag, whose value may be left out.
func (f fields) tag() (key, value string, err error) {
	err = f.readAll(map[string]any{"key": &key, "value": &value})
	if err != nil || !validTag(key, value) {
		return "", "", errTagRequest
	}
	return key, value, nil
}

func validTag(key, value string) bool {
	return tagKeyPattern.MatchString(key) && utf8.RuneCountInString(key) <= maxTagKeyLength &&
		strings.TrimFunc(key, unicode.IsSpace) == key && !strings.HasPrefix(key, systemTagPrefix) &&
		tagValuePattern.MatchString(value) && utf8.RuneCountInString(value) <= maxTagValueLength
}
