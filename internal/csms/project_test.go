package csms_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

const subProject = "11111111111111111111111111111111"

// newServiceOfTwoProjects has the secret "sub" in the sub-project of the default region.
func newServiceOfTwoProjects(t *testing.T) *service {
	t.Helper()
	s := newService(t, csmstest.WithProject("cn-north-4_team", subProject))
	s.Project(subProject).PutSecret(csmstest.Secret{Name: "sub"})
	s.config.ProjectID = ""
	return s
}

func TestProjectIsLookedUpOnceAndOnlyIfNeeded(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change  func(*huaweicloud.Config)
		secret  string
		lookups int
	}{
		"region's own":    {func(*huaweicloud.Config) {}, "db", 1},
		"by name":         {func(c *huaweicloud.Config) { c.ProjectName = "cn-north-4_team" }, "sub", 1},
		"given":           {func(c *huaweicloud.Config) { c.ProjectID = subProject }, "sub", 0},
		"given and named": {func(c *huaweicloud.Config) { c.ProjectID, c.ProjectName = subProject, "cn-north-4" }, "sub", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServiceOfTwoProjects(t)
			tt.change(&s.config)
			client := s.client(t)
			if n := len(s.Requests()); n != 0 {
				t.Errorf("New sent %d requests", n)
			}
			concurrently(20, func(int) {
				if _, err := client.GetSecret(t.Context(), tt.secret); err != nil {
					t.Error(err)
				}
			})
			if n := s.Count("ListProjects"); n != tt.lookups {
				t.Errorf("%d look-ups, want %d", n, tt.lookups)
			}
		})
	}
}

func TestProjectIsChosenByNameFromAnIAMThatListsAll(t *testing.T) {
	t.Parallel()
	s := newServiceOfTwoProjects(t)
	s.Fail(csmstest.Fault{Operation: "ListProjects", Status: http.StatusOK, Body: `{"projects":[{"id":"` + subProject +
		`","name":"cn-north-4_team"},{"id":"` + csmstest.DefaultProjectID + `","name":"cn-north-4"}]}`})
	if _, err := s.client(t).GetSecret(t.Context(), "db"); err != nil {
		t.Error(err)
	}
}

func TestProjectNameBelongsToItsRegion(t *testing.T) {
	t.Parallel()
	const otherProject = "22222222222222222222222222222222"
	s := newService(t, csmstest.WithProject("cn-north-4_team", subProject), csmstest.WithProject("cn-south-1", otherProject))
	s.Project(otherProject).PutSecret(csmstest.Secret{Name: "south"})
	s.config.ProjectID, s.config.ProjectName = "", "cn-north-4_team"
	listener := httptest.NewServer(http.StripPrefix("/cn-south-1", s))
	t.Cleanup(listener.Close)
	s.config.Endpoint = listener.URL + "/{region}"
	other, err := s.client(t).InRegion("cn-south-1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.GetSecret(t.Context(), "south"); err != nil {
		t.Error(err)
	}
}

func TestProjectThatCannotBeChosenIsAnErrorThatListsWhatThereIs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, body string
		want       []string
	}{
		{"none", `{"projects":[]}`, []string{"project cn-north-4 (", "): IAM knows no project of this name", "none at all"}},
		{"others", `{"projects":[{"id":"1","name":"MOS"},{"id":"2","name":"cn-north-1"}]}`, []string{"IAM knows no project of this name", "MOS (1), cn-north-1 (2)"}},
		{"two", `{"projects":[{"id":"1","name":"cn-north-4"},{"id":"2","name":"cn-north-4"}]}`, []string{"): IAM knows 2 projects", "(1)", "(2)"}},
		{"no list", `{}`, []string{"no list of projects"}},
		{"bad id", `{"projects":[{"id":"../..","name":"cn-north-4"}]}`, []string{"not a project id"}},
		{"HTML", `<html><title>Portal</title>`, []string{"Portal"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newService(t)
			s.config.ProjectID = ""
			s.Fail(csmstest.Fault{Operation: "ListProjects", Status: http.StatusOK, Body: tt.body, Times: -1})
			_, err := s.client(t).GetStage(t.Context(), "db", "GREEN")
			e := errorOf(t, err)
			if !strings.HasPrefix(e.Operation, csms.OperationGetProject) || e.SecretName != "db" || e.Stage != "GREEN" {
				t.Errorf("got %+v", e)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is missing in: %v", want, err)
				}
			}
		})
	}
}

func TestProjectOfNoOrManyIsNoRefusalByIAM(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"projects":[]}`, `{"projects":[{"id":"1","name":"MOS"}]}`,
		`{"projects":[{"id":"1","name":"cn-north-4"},{"id":"2","name":"cn-north-4"}]}`,
	} {
		s := newService(t)
		s.config.ProjectID = ""
		s.Fail(csmstest.Fault{Operation: "ListProjects", Status: http.StatusOK, Body: body})
		_, err := s.client(t).GetSecret(t.Context(), "db")
		e := errorOf(t, err)
		if strings.Contains(err.Error(), "answered") || csms.ReasonOf(err) != csms.ReasonOther || e.RequestID == "" || e.Attempts != 1 {
			t.Errorf("%s: reason %q, %v", body, csms.ReasonOf(err), err)
		}
	}
}

func TestRefusalByIAMIsNeverGone(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.config.ProjectID = ""
	s.Fail(csmstest.Fault{
		Operation: "ListProjects", Status: http.StatusNotFound, Body: `{"error_code":"CSMS.0005","error_msg":"gone"}`,
	})
	client := s.client(t)
	_, err := client.GetStage(t.Context(), "db", "GREEN")
	if e := errorOf(t, err); csms.IsGone(err) || e.StatusCode != http.StatusNotFound {
		t.Errorf("got %v", err)
	}
	if _, err := client.GetStage(t.Context(), "db", "GREEN"); err != nil {
		t.Errorf("the failure is remembered: %v", err)
	}
}

func TestProjectLookUpOutlivesWhoeverBeganIt(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.config.ProjectID = ""
	client := s.client(t)
	arrived, release := held(s, "ListProjects")
	defer release()
	leading, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() { _, err := client.GetSecret(leading, "db"); failed <- err }()
	<-arrived
	found := make(chan error, 1)
	go func() { _, err := client.GetSecret(t.Context(), "db"); found <- err }()
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("the first caller got %v", err)
	}
	if err := <-found; err != nil {
		t.Errorf("the second caller got %v", err)
	}
}
