package csms_test

import (
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

func TestStageIsReadWithItsHolder(t *testing.T) {
	t.Parallel()
	moved := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for name, opts := range map[string][]csmstest.Option{
		"milliseconds": {csmstest.WithClock(func() time.Time { return moved })},
		"seconds":      {csmstest.WithClock(func() time.Time { return moved }), csmstest.WithSecondsTimestamps()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := newService(t, opts...).client(t).GetStage(t.Context(), "db", "GREEN")
			want := csms.Stage{SecretName: "db", Name: "GREEN", VersionID: "v2", UpdateTime: moved}
			if err != nil || *got != want {
				t.Errorf("GetStage = %+v, %v; want %+v", got, err, want)
			}
		})
	}
}

func TestMissingStageIsGone(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusNotFound, http.StatusBadRequest} {
		client := newService(t, csmstest.WithNotFoundStatus(status)).client(t)
		_, missingStage := client.GetStage(t.Context(), "db", "BLUE")
		_, missingSecret := client.GetStage(t.Context(), "no-such-secret", "GREEN")
		for _, err := range []error{missingStage, missingSecret} {
			if !csms.IsGone(err) {
				t.Errorf("status %d: %v is not gone", status, err)
			}
		}
	}
}

func TestStageIsMoved(t *testing.T) {
	t.Parallel()
	s := newService(t)
	got, err := move(t.Context(), s.client(t), "db", "GREEN", "v3")
	if err != nil || got.VersionID != "v3" || got.Name != "GREEN" || got.UpdateTime.IsZero() {
		t.Fatalf("PutStage = %+v, %v", got, err)
	}
	if holder := s.StageHolder("db", "GREEN"); holder != "v3" {
		t.Errorf("GREEN is on %q", holder)
	}
	if got.From != "v2" || len(s.Requests()) != 2 {
		t.Errorf("moved from %q in %d requests, want from v2 in two", got.From, len(s.Requests()))
	}
}

func TestStageIsCreatedByPutOrByPost(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]csmstest.Option{
		"PUT creates":       nil,
		"POST creates":      {csmstest.WithStageCreationByPostOnly()},
		"POST only creates": {csmstest.WithStageCreationByPostOnly(), csmstest.WithExistingStageRefused()},
		"POST, 400 if not":  {csmstest.WithStageCreationByPostOnly(), csmstest.WithNotFoundStatus(http.StatusBadRequest)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, opts...)
			got, err := move(t.Context(), s.client(t), "db", "BLUE", "v2")
			if err != nil || got.VersionID != "v2" {
				t.Fatalf("PutStage = %+v, %v", got, err)
			}
			if holder := s.StageHolder("db", "BLUE"); holder != "v2" {
				t.Errorf("BLUE is on %q", holder)
			}
		})
	}
}

func TestStageOnAMissingVersionIsGoneAndCreatesNothing(t *testing.T) {
	t.Parallel()
	s := newService(t, csmstest.WithStageCreationByPostOnly())
	_, err := move(t.Context(), s.client(t), "db", "BLUE", "v9")
	if !csms.IsGone(err) || errorOf(t, err).Version != "v9" {
		t.Errorf("PutStage on v9: %v", err)
	}
	if n := s.Count("CreateStage"); n != 0 {
		t.Errorf("%d requests to create the stage", n)
	}
}

func TestRegionWithoutStageCreationTellsOfThePut(t *testing.T) {
	t.Parallel()
	s := newService(t, csmstest.WithStageCreationByPostOnly())
	s.Fail(csmstest.Fault{
		Operation: "CreateStage", Status: http.StatusNotFound,
		Body: `{"error_code":"APIGW.0101","error_msg":"The API does not exist"}`,
	})
	_, err := move(t.Context(), s.client(t), "db", "BLUE", "v2")
	if e := errorOf(t, err); e.Operation != csms.OperationPutStage || e.Code != "CSMS.0005" {
		t.Errorf("got %+v, want the answer to PUT", e)
	}
}

func TestRefusedStageCreationIsTheError(t *testing.T) {
	t.Parallel()
	s := newService(t, csmstest.WithStageCreationByPostOnly())
	s.Fail(csmstest.Fault{
		Operation: "CreateStage", Status: http.StatusForbidden, Body: `{"error_code":"APIGW.0302","error_msg":"no"}`,
	})
	_, err := move(t.Context(), s.client(t), "db", "BLUE", "v2")
	if e := errorOf(t, err); e.Operation != csms.OperationCreateStage || e.StatusCode != http.StatusForbidden {
		t.Errorf("got %+v, want the answer to POST", e)
	}
}

func TestStageWhoseCreationLostItsAnswerIsCreated(t *testing.T) {
	t.Parallel()
	s := newService(t, csmstest.WithStageCreationByPostOnly(), csmstest.WithExistingStageRefused())
	s.Fail(csmstest.Fault{Operation: "CreateStage", Reset: true, AfterProcessing: true})
	got, err := move(t.Context(), s.client(t), "db", "BLUE", "v2")
	if err != nil || got.VersionID != "v2" || got.UpdateTime.IsZero() || s.Count("CreateStage") != 1 {
		t.Errorf("got %+v, %v in %d requests to create the stage", got, err, s.Count("CreateStage"))
	}
}

func TestStageThatSomebodyElseCreatedElsewhereIsAnError(t *testing.T) {
	t.Parallel()
	s := newService(t, csmstest.WithStageCreationByPostOnly(), csmstest.WithExistingStageRefused())
	s.Fail(csmstest.Fault{Operation: "CreateStage", Do: func() { s.MoveStage("db", "BLUE", "v1") }})
	_, err := move(t.Context(), s.client(t), "db", "BLUE", "v2")
	if e := errorOf(t, err); e.Operation != csms.OperationCreateStage || e.Code != "CSMS.0002" {
		t.Errorf("got %v, want the answer to POST", err)
	}
	if holder := s.StageHolder("db", "BLUE"); holder != "v1" {
		t.Errorf("BLUE was taken to %s", holder)
	}
}

func TestStageIsDeleted(t *testing.T) {
	t.Parallel()
	s := newService(t)
	if err := deleteStage(t.Context(), s.client(t), "db", "GREEN"); err != nil {
		t.Fatal(err)
	}
	if holder := s.StageHolder("db", "GREEN"); holder != "" {
		t.Errorf("GREEN is still on %q", holder)
	}
	for _, status := range []int{http.StatusOK, http.StatusAccepted, http.StatusNoContent} {
		if err := deleteStage(t.Context(), answeringWrites(t, status, ""), "db", "GREEN"); err != nil {
			t.Errorf("status %d: %v", status, err)
		}
	}
}

func TestDeletionOfAStageThatIsNotThereIsNotSent(t *testing.T) {
	t.Parallel()
	s := newService(t)
	if err := deleteStage(t.Context(), s.client(t), "db", "BLUE"); err != nil || s.Count("DeleteStage") != 0 {
		t.Errorf("%d deletions, %v", s.Count("DeleteStage"), err)
	}
}

func TestStageLimitIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	s := newService(t)
	stages := []string{"A", "B", "C", "D", "E", "F", "G", "H", "I"}
	for _, stage := range stages {
		s.MoveStage("db", stage, "v1")
	}
	_, err := move(t.Context(), s.client(t), "db", "THIRTEENTH", "v1")
	if e := errorOf(t, err); e.Code != "CSMS.0203" || e.Attempts != 1 || csms.IsGone(err) {
		t.Errorf("got %v", err)
	}
}

func TestAnswerAboutAnotherStageIsNotBelieved(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"no stage":        `{}`,
		"null":            `{"stage":null}`,
		"no version":      `{"stage":{"name":"GREEN","secret_name":"db"}}`,
		"empty version":   `{"stage":{"version_id":""}}`,
		"another version": `{"stage":{"version_id":"v7"}}`,
		"another stage":   `{"stage":{"name":"BLUE","version_id":"v1"}}`,
		"another secret":  `{"stage":{"secret_name":"web","version_id":"v1"}}`,
		"endless time":    `{"stage":{"version_id":"v1","update_time":99999999999999}}`,
		"text for time":   `{"stage":{"version_id":"v1","update_time":"yesterday"}}`,
		"list":            `[]`,
		"number":          `7`,
		"JSON null":       `null`,
		"nothing":         ``,
		"HTML":            `<html><title>Log in</title></html>`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := move(t.Context(), answeringWrites(t, http.StatusOK, body), "db", "GREEN", "v1")
			if e := errorOf(t, err); got != nil || e.StatusCode != http.StatusOK || csms.IsGone(err) || e.Message == "" {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestStageTimeMayBeMissing(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"stage":{"version_id":"v1"}}`, `{"stage":{"version_id":"v1","update_time":null}}`} {
		got, err := answering(t, http.StatusOK, nil, body).GetStage(t.Context(), "db", "GREEN")
		if err != nil || !got.UpdateTime.IsZero() || got.SecretName != "db" || got.Name != "GREEN" {
			t.Errorf("%s: got %+v, %v", body, got, err)
		}
	}
}

func TestNoOperationReadsAValue(t *testing.T) {
	t.Parallel()
	s := newService(t)
	client := s.client(t)
	for _, op := range operations() {
		if err := op.do(t.Context(), client); err != nil {
			t.Errorf("%s: %v", op.name, err)
		}
	}
	value := regexp.MustCompile(`/versions/[^/]+$`)
	for _, r := range s.Requests() {
		if r.Method == http.MethodGet && value.MatchString(r.Path) {
			t.Errorf("the value was asked for: %s", r)
		}
	}
}
