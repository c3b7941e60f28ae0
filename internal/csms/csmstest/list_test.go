package csmstest_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func TestListsHoldMetadataAlone(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	got := c.do(http.MethodGet, versions, "")
	got.wantText(t, "version_metadatas.1.id", "v2")
	got.wantText(t, "version_metadatas.1.version_stages", "[BLUE SYSCURRENT]")
	got.wantText(t, "version_metadatas.2.version_stages", "[]")
	got.wantText(t, "page_info.current_count", "3")
	if got.has("expire_time") || got.has("secret_string") || strings.Contains(got.String(), csmstest.PlaintextMark) {
		t.Errorf("got %v", got)
	}
}

func TestListsComeInPages(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]struct {
		opts  []csmstest.Option
		pages []string // The ids of each page, then the marker that follows.
	}{
		"no last marker": {nil, []string{"v1 v2 -> v2", "v3 v10 -> v10", "v11 -> absent"}},
		"null last": {[]csmstest.Option{csmstest.WithLastPageMarker(csmstest.MarkerNull)},
			[]string{"v1 v2 -> v2", "v3 v10 -> v10", "v11 -> null"}},
		"empty last": {[]csmstest.Option{csmstest.WithLastPageMarker(csmstest.MarkerEmpty)},
			[]string{"v1 v2 -> v2", "v3 v10 -> v10", "v11 -> "}},
		"marker for ever": {[]csmstest.Option{csmstest.WithLastPageMarker(csmstest.MarkerLastID)},
			[]string{"v1 v2 -> v2", "v3 v10 -> v10", "v11 -> v11", " -> absent"}},
		"newest first": {[]csmstest.Option{csmstest.WithVersionOrder(csmstest.Descending)},
			[]string{"v11 v10 -> v10", "v3 v2 -> v2", "v1 -> absent"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := seeded(t, try.opts...)
			c.mock.PutSecret(csmstest.Secret{Name: "s", Versions: []csmstest.Version{
				{ID: "v10"}, {ID: "v2"}, {ID: "v1"}, {ID: "v11"}, {ID: "v3"},
			}})
			if pages := c.pages(); !slices.Equal(pages, try.pages) {
				t.Errorf("got pages %q, want %q", pages, try.pages)
			}
		})
	}
}

// pages reads the versions of "s" two at a time until no marker leads on.
func (c *rawClient) pages() (pages []string) {
	c.t.Helper()
	marker := ""
	for range 10 {
		got := c.do(http.MethodGet, versions+"?limit=2&marker="+marker, "")
		var ids []string
		for i := range 2 {
			if id := got.text(fmt.Sprintf("version_metadatas.%d.id", i)); id != "" {
				ids = append(ids, id)
			}
		}
		next, following := got.at("page_info.next_marker"), "absent"
		if got.has("next_marker") && next == nil {
			following = "null"
		} else if next != nil {
			following = fmt.Sprint(next)
		}
		pages = append(pages, strings.Join(ids, " ")+" -> "+following)
		if marker = got.text("page_info.next_marker"); marker == "" {
			break
		}
	}
	return pages
}

func TestPagingParametersThatAreRefused(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	for _, parameters := range []string{"limit=0", "limit=1001", "limit=-1", "limit=x", "limit=", "marker=v9",
		"marker=x"} {
		c.do(http.MethodGet, versions+"?"+parameters, "").wantError(t, http.StatusBadRequest, "CSMS.0002")
	}
	c.do(http.MethodGet, versions+"?limit=1000", "").wantStatus(t, http.StatusOK)
}

func TestPagesHoldFiftyRecordsUnlessTold(t *testing.T) {
	t.Parallel()
	c := newRawClient(t)
	for i := range 60 {
		c.mock.PutSecret(csmstest.Secret{Name: fmt.Sprintf("s%02d", i)})
	}
	first := c.do(http.MethodGet, project+"/secrets", "")
	first.wantText(t, "page_info.current_count", "50")
	first.wantText(t, "page_info.next_marker", "s49")
	second := c.do(http.MethodGet, project+"/secrets?marker=s49", "")
	second.wantText(t, "page_info.current_count", "10")
	second.wantText(t, "secrets.0.name", "s50")
	second.wantText(t, "page_info.next_marker", "")
}
