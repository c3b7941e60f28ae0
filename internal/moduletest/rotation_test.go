package moduletest_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

const validFor = 720 * time.Hour

// testRotation plays what happens between applies, or between plan and apply.
func testRotation(t *testing.T, built binaries) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, binaries){
		"never leaves the previous version without a stage":             rotateWhereVersionsWithoutStageAreRemoved,
		"moves stages in an order that leaves no version without one":   rotateInOrder,
		"ends the same where the service moves SYSPREVIOUS":             rotateWhereTheServiceMovesPrevious,
		"takes a version that the same apply makes current":             rotateToCurrentVersionOfTheSameApply,
		"takes a version that the same apply makes without SYSCURRENT":  rotateToVersionOfTheSameApply,
		"knows that there is a previous version where two have stages":  rotateWithoutBeingTold,
		"takes what it depends on, and writes nothing twice":            rotateAfterDependency,
		"plans the first rotation in one apply with the version":        rotateForTheFirstTime,
		"keeps a version that the next apply would lose":                keepWhatARotationLeaves,
		"follows rotations by others without touching their stages":     followRotation,
		"gives the whole time to a version that was left long ago":      followLate,
		"gives the whole time where it adopts a secret late":            adoptLate,
		"leaves an expiry alone that has passed before the module came": followLaterStill,
		"names the stages where the one to follow is missing":           followNothing,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, built)
		})
	}
}

func rotateWhereVersionsWithoutStageAreRemoved(t *testing.T, built binaries) {
	mock, cli := example(t, built, "newest", csmstest.WithUnlabelledVersionCollection())
	cli.apply()
	expectRotated(t, mock, "v2", "v3")
	cli.plansNothing()

	mock.AddVersion("db-password", "CANDIDATE")
	cli.apply()
	expectRotated(t, mock, "v3", "v4")
	cli.plansNothing()
	if secret, _ := mock.Secret("db-password"); len(secret.Versions) != 2 {
		t.Errorf("there are %d versions, want the current and the previous one", len(secret.Versions))
	}
}

func rotateWhereTheServiceMovesPrevious(t *testing.T, built binaries) {
	mock, cli := example(t, built, "roll-back", csmstest.WithPreviousFollowingCurrent())
	for _, step := range []struct{ previous, current string }{{"v2", "v3"}, {"v3", "v2"}, {"v2", "v3"}} {
		cli.apply("-var=version_id=" + step.current)
		expectRotated(t, mock, step.previous, step.current)
		cli.plansNothing("-var=version_id=" + step.current)
	}
}

// rotateInOrder rotates several times, since a wrong order may come out right by chance.
func rotateInOrder(t *testing.T, built binaries) {
	mock, cli := example(t, built, "roll-back")
	cli.override("stages = { BATCH-JOB = var.version_id }")
	cli.apply("-var=version_id=v2")
	for _, current := range []string{"v3", "v2", "v3", "v2"} {
		mock.ResetRequests()
		cli.apply("-var=version_id=" + current)
		want := []string{"KEEP-CURRENT", "BATCH-JOB", "KEEP-PREVIOUS", "SYSCURRENT", "SYSPREVIOUS"}
		if moved := movedStages(mock); !slices.Equal(moved, want) {
			t.Errorf("the stages moved in the order %v, want %v", moved, want)
		}
	}
}

func rotateToCurrentVersionOfTheSameApply(t *testing.T, built binaries) {
	mock, cli := example(t, built, "same-apply")
	cli.apply("-var=new_version_id=v2")
	cli.whileApplying("-var=new_version_id=v4", func() { mock.AddVersion("db-password") })
	expectRotated(t, mock, "v2", "v4")
	cli.plansNothing("-var=new_version_id=v4")
}

func rotateToVersionOfTheSameApply(t *testing.T, built binaries) {
	mock, cli := example(t, built, "same-apply")
	cli.apply("-var=new_version_id=v2")
	cli.whileApplying("-var=new_version_id=v4", func() { mock.AddVersion("db-password", "CANDIDATE") })
	expectRotated(t, mock, "v2", "v4")
	cli.plansNothing("-var=new_version_id=v4")
}

func rotateWithoutBeingTold(t *testing.T, built binaries) {
	mock, cli := example(t, built, "same-apply")
	cli.override("has_previous = null")
	cli.whileApplying("-var=new_version_id=v4", func() { mock.AddVersion("db-password") })
	expectRotated(t, mock, "v2", "v4")
	cli.plansNothing("-var=new_version_id=v4")
}

// rotateAfterDependency also lets the dependency change without a rotation: then everything is unknown at plan, and comes out as it was.
func rotateAfterDependency(t *testing.T, built binaries) {
	mock, cli := example(t, built, "depends-on")
	cli.apply("-var=new_version_id=v3")
	cli.whileApplying("-var=new_version_id=v4", func() { mock.AddVersion("db-password") })
	expectRotated(t, mock, "v3", "v4")
	cli.plansNothing("-var=new_version_id=v4")

	mock.ResetRequests()
	cli.apply("-var=new_version_id=again")
	expectRotated(t, mock, "v3", "v4")
	for _, request := range mock.Requests() {
		if request.Method != http.MethodGet {
			t.Errorf("nothing was rotated, but there was a %s", request.String())
		}
	}
}

func rotateForTheFirstTime(t *testing.T, built binaries) {
	mock, cli := example(t, built, "same-apply")
	mock.PutSecret(csmstest.Secret{Name: "db-password", Versions: []csmstest.Version{{ID: "v1", Stages: []string{"SYSCURRENT"}}}})
	cli.whileApplying("-var=new_version_id=v2", func() { mock.AddVersion("db-password") })
	expectRotated(t, mock, "v1", "v2")
	cli.plansNothing("-var=new_version_id=v2")
}

// keepWhatARotationLeaves is what the stage of the module's own is for: a rotation by others takes SYSPREVIOUS from a version that
// this module has promised to keep.
func keepWhatARotationLeaves(t *testing.T, built binaries) {
	mock, cli := example(t, built, "roll-back", csmstest.WithUnlabelledVersionCollection())
	cli.apply("-var=version_id=v3")
	mock.AddVersion("db-password")
	cli.apply("-var=version_id=v2")
	if holder := mock.StageHolder("db-password", "SYSCURRENT"); holder != "v2" {
		t.Errorf("the roll-back ended on %q, want v2", holder)
	}
	cli.plansNothing("-var=version_id=v2")
}

func followRotation(t *testing.T, built binaries) {
	mock, cli := example(t, built, "follow")
	cli.apply()
	expectRotated(t, mock, "v1", "v2")
	cli.plansNothing()

	mock.AddVersion("db-password")
	cli.apply()
	expectRotated(t, mock, "v2", "v4")
	cli.plansNothing()
	for _, stage := range movedStages(mock) {
		if !strings.HasPrefix(stage, "KEEP-") {
			t.Errorf("the module moved %s, which is somebody else's", stage)
		}
	}
}

func followLate(t *testing.T, built binaries) {
	mock, cli := example(t, built, "follow")
	began := time.Now().Truncate(time.Second)
	rotateLongAgo(mock)
	cli.apply()
	given := mock.Expiry("db-password", "v2")
	if given.Before(began.Add(validFor)) || given.After(time.Now().Add(validFor)) {
		t.Errorf("the previous version expires at %s, want %s from now", given, validFor)
	}
	cli.plansNothing()
}

func adoptLate(t *testing.T, built binaries) {
	mock, cli := example(t, built, "roll-back")
	mock.SetClock(func() time.Time { return time.Now().Add(-2 * validFor) })
	mock.PutSecret(rotatedSecret("db-password"))
	mock.SetClock(time.Now)
	cli.apply("-var=version_id=v2")
	expectRotated(t, mock, "v1", "v2")
	cli.plansNothing("-var=version_id=v2")
}

func followLaterStill(t *testing.T, built binaries) {
	mock, cli := example(t, built, "follow")
	rotateLongAgo(mock)
	passed := time.Now().Add(-24 * time.Hour).Truncate(time.Second)
	mock.SetExpiry("db-password", "v2", passed)
	cli.apply()
	if stored := mock.Expiry("db-password", "v2"); !stored.Equal(passed) {
		t.Errorf("the previous version expires at %s, want %s as before", stored, passed)
	}
	if n := mock.Count("UpdateVersion"); n > 0 {
		t.Errorf("an expiry was written %d times", n)
	}
	cli.plansNothing()
}

func followNothing(t *testing.T, built binaries) {
	mock, cli := example(t, built, "follow")
	mock.DeleteStage("db-password", "SYSCURRENT")
	output, code := cli.run(t.Context(), "plan", "-input=false", "-no-color")
	if code == 0 {
		t.Fatalf("the plan followed a stage that is not there:\n%s", output)
	}
	expectSaid(t, output, "No version of the secret db-password has the stage that follow_stage names. There are: CANDIDATE, SYSPREVIOUS.")
}

// rotateLongAgo is a rotation whose previous version would have had its time by now.
func rotateLongAgo(mock *csmstest.Server) {
	mock.SetClock(func() time.Time { return time.Now().Add(-2 * validFor) })
	mock.AddVersion("db-password")
	mock.SetClock(time.Now)
}

// example prepares an example of the module rotation and a service with the secret that it names.
func example(t *testing.T, built binaries, name string, opts ...csmstest.Option) (*csmstest.Server, *terraform) {
	t.Helper()
	mock, service := newMock(t, opts...)
	mock.PutSecret(rotatedSecret("db-password"))
	cli := built.terraform(t, "rotation/examples/"+name, service)
	cli.succeed("get")
	return mock, cli
}

// override sets an argument of the module that the example leaves out or sets otherwise.
func (c *terraform) override(argument string) {
	c.t.Helper()
	c.write("override.tf", "module \"rotation\" {\n  "+argument+"\n}\n")
}

// movedStages lists the stages that were written, in order.
func movedStages(mock *csmstest.Server) []string {
	var moved []string
	for _, request := range mock.Requests() {
		if request.Operation == "PutStage" {
			moved = append(moved, request.Stage)
		}
	}
	return moved
}

// whileApplying lets something happen between the plan and the apply, which is when another resource of the apply acts.
func (c *terraform) whileApplying(variable string, happen func()) {
	c.t.Helper()
	c.succeed("plan", "-input=false", "-no-color", "-out=tfplan", variable)
	happen()
	c.succeed("apply", "-input=false", "-no-color", "tfplan")
}

// expectRotated checks where a rotation must leave the stages, and that the previous version expires in time.
func expectRotated(t *testing.T, mock *csmstest.Server, previous, current string) {
	t.Helper()
	want := map[string]string{"SYSCURRENT": current, "KEEP-CURRENT": current, "SYSPREVIOUS": previous, "KEEP-PREVIOUS": previous}
	for _, stage := range slices.Sorted(maps.Keys(want)) {
		if holder := mock.StageHolder("db-password", stage); holder != want[stage] {
			t.Errorf("%s is on %q, want %q", stage, holder, want[stage])
		}
	}
	if left := time.Until(mock.Expiry("db-password", previous)); left > validFor || left < validFor-time.Hour {
		t.Errorf("%s expires in %s, want about %s", previous, left, validFor)
	}
}
