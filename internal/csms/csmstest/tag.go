package csmstest

import (
	"cmp"
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

type tag struct{ key, value string }

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
func listTags(c *call) (answer, error) {
	s, err := c.secretByID(c.path["secret_id"])
	if err != nil {
		return answer{}, err
	}
	tags := []object{}
	for _, key := range slices.Sorted(maps.Keys(s.Tags)) {
		tags = append(tags, object{"key": key, "value": s.Tags[key]})
	}
	return jsonAnswer(http.StatusOK, object{"tags": tags, "sys_tags": null}), nil
}

// listProjectTags lists the tags that the project's secrets have, each key with all its values.
//
// GET /v1/{project_id}/csms/tags.
func listProjectTags(c *call) (answer, error) {
	values := map[string][]string{}
	for _, s := range c.project.secrets {
		for key, value := range s.Tags {
			values[key] = append(values[key], value)
		}
	}
	tags := []object{}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		slices.Sort(values[key])
		tags = append(tags, object{"key": key, "values": slices.Compact(values[key])})
	}
	return jsonAnswer(http.StatusOK, object{"tags": tags}), nil
}

// createTag adds a tag to a secret, or gives the one of that key a new value.
//
// POST /v1/{project_id}/csms/{secret_id}/tags.
func createTag(c *call) (answer, error) {
	f, err := c.fields()
	if err != nil {
		return answer{}, errTagRequest
	}
	t, err := f.object("tag").tag()
	if err != nil {
		return answer{}, err
	}
	return c.changeTags(func(tags map[string]string) { tags[t.key] = t.value })
}

// changeTagsAtOnce adds or deletes several tags. Deleting goes by the key: a tag that is not there is none to delete.
//
// POST /v1/{project_id}/csms/{secret_id}/tags/action.
func changeTagsAtOnce(c *call) (answer, error) {
	f, err := c.fields()
	if err != nil {
		return answer{}, errTagRequest
	}
	tags, err := f.tags()
	if err != nil {
		return answer{}, err
	}
	switch f.text("action") {
	case "create":
		return c.changeTags(func(all map[string]string) {
			for _, t := range tags {
				all[t.key] = t.value
			}
		})
	case "delete":
		return c.changeTags(func(all map[string]string) {
			for _, t := range tags {
				delete(all, t.key)
			}
		})
	default:
		return answer{}, errTagRequest
	}
}

// deleteTag deletes one tag of a secret.
//
// DELETE /v1/{project_id}/csms/{secret_id}/tags/{key}.
func deleteTag(c *call) (answer, error) {
	key := c.path["key"]
	s, err := c.secretByID(c.path["secret_id"])
	if err != nil {
		return answer{}, err
	}
	if _, ok := s.Tags[key]; !ok {
		return answer{}, errNoSuchTag
	}
	return c.changeTags(func(tags map[string]string) { delete(tags, key) })
}

// changeTags carries out a change of tags as a whole or, if it makes too many, not at all.
func (c *call) changeTags(change func(tags map[string]string)) (answer, error) {
	s, err := c.secretByID(c.path["secret_id"])
	if err != nil {
		return answer{}, err
	}
	tags := maps.Clone(s.Tags)
	if tags == nil {
		tags = map[string]string{}
	}
	change(tags)
	if len(tags) > maxTags {
		return answer{}, errTagRequest
	}
	c.record.Changed = !maps.Equal(tags, s.Tags)
	s.Tags = tags
	return answer{status: http.StatusNoContent}, nil
}

// tags reads the list of a body: 1 to 20 tags of different keys.
func (f fields) tags() ([]tag, error) {
	var list []fields
	if err := f.read("tags", &list); err != nil || len(list) == 0 || len(list) > maxTags {
		return nil, errTagRequest
	}
	tags := make([]tag, 0, len(list))
	for _, described := range list {
		t, err := described.tag()
		if err != nil {
			return nil, err
		}
		tags = append(tags, t)
	}
	slices.SortFunc(tags, func(a, b tag) int { return cmp.Compare(a.key, b.key) })
	if len(slices.CompactFunc(tags, func(a, b tag) bool { return a.key == b.key })) < len(list) {
		return nil, errTagRequest
	}
	return tags, nil
}

// tag reads one tag, whose value may be left out.
func (f fields) tag() (tag, error) {
	var t tag
	if f.read("key", &t.key) != nil || f.read("value", &t.value) != nil || !validTag(t.key, t.value) {
		return tag{}, errTagRequest
	}
	return t, nil
}

func validTag(key, value string) bool {
	return tagKeyPattern.MatchString(key) && utf8.RuneCountInString(key) <= maxTagKeyLength &&
		strings.TrimFunc(key, unicode.IsSpace) == key && !strings.HasPrefix(key, systemTagPrefix) &&
		tagValuePattern.MatchString(value) && utf8.RuneCountInString(value) <= maxTagValueLength
}
