package csmstest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

const (
	secretID  = "11111111-2222-3333-4444-555555555555"
	tagged    = project + "/csms/" + secretID + "/tags"
	tagAction = tagged + "/action"
)

// withTags starts a server with the secret "s" of the id secretID and the tags given.
func withTags(t *testing.T, tags map[string]string, opts ...csmstest.Option) *rawClient {
	t.Helper()
	c := newRawClient(t, opts...)
	c.mock.PutSecret(csmstest.Secret{Name: "s", ID: secretID, Tags: tags})
	return c
}

// wantTags compares the tags that the server lists with key=value pairs in order of keys.
func (c *rawClient) wantTags(want ...string) {
	c.t.Helper()
	got := c.do(http.MethodGet, tagged, "")
	got.wantStatus(c.t, http.StatusOK)
	var tags []string
	for i := 0; got.at(fmt.Sprintf("tags.%d", i)) != nil; i++ {
		tags = append(tags, got.text(fmt.Sprintf("tags.%d.key", i))+"="+got.text(fmt.Sprintf("tags.%d.value", i)))
	}
	if strings.Join(tags, " ") != strings.Join(want, " ") || !got.has("sys_tags") {
		c.t.Errorf("got %v, want the tags %q", got, want)
	}
}

func (r reply) wantNestedError(t *testing.T, status int, code string) {
	t.Helper()
	if r.status != status || r.text("error.error_code") != code || r.text("error.error_msg") == "" {
		t.Errorf("got %v, want %d %s inside error", r, status, code)
	}
}

func TestTagsAreAddedReplacedAndDeletedTogether(t *testing.T) {
	t.Parallel()
	c := withTags(t, nil)
	c.wantTags()
	c.do(http.MethodPost, tagAction, `{"action":"create","tags":[{"key":"team","value":"db"},{"key":"env"}]}`).
		wantStatus(t, http.StatusNoContent)
	c.wantTags("env=", "team=db")
	c.do(http.MethodPost, tagAction, `{"action":"create","tags":[{"key":"env","value":"prod"}]}`).
		wantStatus(t, http.StatusNoContent)
	c.wantTags("env=prod", "team=db")
	c.do(http.MethodPost, tagAction, `{"action":"delete","tags":[{"key":"env","value":"prod"},{"key":"none"}]}`).
		wantStatus(t, http.StatusNoContent)
	c.wantTags("team=db")
	if seen := c.mock.Requests()[1]; seen.Operation != "ChangeTags" || seen.Secret != "s" || !seen.Changed {
		t.Errorf("recorded as %+v", seen)
	}
}

func TestTagsAreAddedAndDeletedOneByOne(t *testing.T) {
	t.Parallel()
	c := withTags(t, map[string]string{"a b": "1"})
	c.do(http.MethodPost, tagged, `{"tag":{"key":"团队","value":"a/b"}}`).wantStatus(t, http.StatusNoContent)
	c.wantTags("a b=1", "团队=a/b")
	c.do(http.MethodDelete, tagged+"/"+url.PathEscape("a b"), "").wantStatus(t, http.StatusNoContent)
	c.do(http.MethodDelete, tagged+"/"+url.PathEscape("a b"), "").wantNestedError(t, http.StatusNotFound, "KMS.0416")
	c.wantTags("团队=a/b")
	if got, _ := c.mock.Secret("s"); len(got.Tags) != 1 || got.Tags["团队"] != "a/b" {
		t.Errorf("the secret has the tags %v", got.Tags)
	}
}

func TestProjectsListTheTagsOfAllTheirSecrets(t *testing.T) {
	t.Parallel()
	c := withTags(t, map[string]string{"env": "prod", "team": "db"})
	c.mock.PutSecret(csmstest.Secret{Name: "other", Tags: map[string]string{"env": "dev"}})
	c.mock.PutSecret(csmstest.Secret{Name: "third", Tags: map[string]string{"env": "prod"}})
	got := c.do(http.MethodGet, project+"/csms/tags", "")
	got.wantText(t, "tags.0.key", "env")
	got.wantText(t, "tags.0.values", "[dev prod]")
	got.wantText(t, "tags.1.values", "[db]")
}

func TestTagsThatAreRefused(t *testing.T) {
	t.Parallel()
	batch := func(tags string) string { return `{"action":"create","tags":` + tags + `}` }
	for name, try := range map[string]struct{ path, body string }{
		"no tags":              {tagAction, batch(`[]`)},
		"unknown action":       {tagAction, `{"action":"update","tags":[{"key":"a"}]}`},
		"no action":            {tagAction, `{"tags":[{"key":"a"}]}`},
		"one key twice":        {tagAction, batch(`[{"key":"a","value":"1"},{"key":"a","value":"2"}]`)},
		"more than twenty":     {tagAction, batch("[" + strings.Repeat(`{"key":"a"},`, 20) + `{"key":"b"}]`)},
		"twenty-first in all":  {tagged, `{"tag":{"key":"new"}}`},
		"no key":               {tagged, `{"tag":{"value":"a"}}`},
		"key of the cloud":     {tagged, `{"tag":{"key":"_sys_a"}}`},
		"key ends in a space":  {tagged, `{"tag":{"key":"a "}}`},
		"key too long":         {tagged, `{"tag":{"key":"` + strings.Repeat("ä", 129) + `"}}`},
		"key with a slash":     {tagged, `{"tag":{"key":"a/b"}}`},
		"value too long":       {tagged, `{"tag":{"key":"t1","value":"` + strings.Repeat("a", 256) + `"}}`},
		"value with a bracket": {tagged, `{"tag":{"key":"t1","value":"<"}}`},
		"value of a number":    {tagged, `{"tag":{"key":"t1","value":1}}`},
		"no object":            {tagged, `[]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			full := map[string]string{}
			for i := range 20 {
				full[fmt.Sprint("t", i)] = "v"
			}
			c := withTags(t, full)
			c.do(http.MethodPost, try.path, try.body).wantNestedError(t, http.StatusBadRequest, "CSMS.0002")
			if got, _ := c.mock.Secret("s"); len(got.Tags) != 20 || got.Tags["t1"] != "v" {
				t.Errorf("the refused request left the tags %v", got.Tags)
			}
		})
	}
}

func TestTagsOfUnknownSecretsAreNotFound(t *testing.T) {
	t.Parallel()
	c := withTags(t, nil, csmstest.WithNotFoundStatus(http.StatusBadRequest))
	const other = project + "/csms/99999999-2222-3333-4444-555555555555/tags"
	for _, got := range []reply{
		c.do(http.MethodGet, other, ""),
		c.do(http.MethodPost, other, `{"tag":{"key":"a"}}`),
		c.do(http.MethodDelete, other+"/a", ""),
		c.do(http.MethodPost, other+"/action", `{"action":"create","tags":[{"key":"a"}]}`),
	} {
		got.wantNestedError(t, http.StatusBadRequest, "CSMS.0005")
	}
}
