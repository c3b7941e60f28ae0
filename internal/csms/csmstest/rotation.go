package csmstest

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// maxTasks is how many rotations are remembered.
const maxTasks = 1000

// Limits of rotation.
const (
	minRotationPeriod       = 6 * time.Hour
	maxRotationPeriod       = 8760 * time.Hour
	maxRotationConfigLength = 1024
)

var rotationPeriodPattern = regexp.MustCompile(`^([0-9]{1,9})([dhms])$`)

// rotationTask is one rotation that was asked for. All of them succeed.
type rotationTask struct {
	id, secretName, functionURN string
	created                     time.Time
}

// rotateSecret makes a version with a value of the service's own and moves SYSCURRENT to it.
// Secrets of the type COMMON have no account that a value could be set for, and are refused.
//
// POST /v1/{project_id}/secrets/{secret_name}/rotate.
func rotateSecret(c *call) (response, error) {
	s := c.secret
	if s.Type == typeCommon {
		return response{}, errRotation
	}
	if len(s.Versions) >= maxVersions {
		return response{}, errVersionLimit
	}
	c.record.Changed = true
	c.record.Version = s.create(Version{Value: "value made by rotation for request " + c.record.RequestID}, c.now)
	task := rotationTask{
		id:         resourceID(c.project.id, s.Name+"/"+c.record.Version, c.server.serial),
		secretName: s.Name, functionURN: s.RotationFuncURN, created: c.now,
	}
	c.project.tasks = append(c.project.tasks, task)
	c.project.tasks = c.project.tasks[max(0, len(c.project.tasks)-maxTasks):]
	return jsonResponse(http.StatusOK, object{
		"rotation_task_id": task.id, "secret_name": s.Name, "version_id": c.record.Version,
	}), nil
}

// listTasks lists the rotations of the project in the order in which they were asked for: all,
// those of a secret or a status, or the one of an id.
//
// GET /v1/{project_id}/csms/tasks.
func listTasks(c *call) (response, error) {
	query := c.request.URL.Query()
	id, name, status := query.Get("task_id"), query.Get("secret_name"), query.Get("status")
	if id != "" && len(query) > 1 || status != "" && status != "SUCCESS" && status != "FAILED" {
		return response{}, errInvalidParameter
	}
	tasks := map[string]object{}
	ids := []string{}
	for _, t := range c.project.tasks {
		if id != "" && t.id != id || name != "" && t.secretName != name || status == "FAILED" {
			continue
		}
		ids = append(ids, t.id)
		tasks[t.id] = object{
			"task_id": t.id, "secret_name": t.secretName, "rotation_func_urn": t.functionURN,
			"task_status": "SUCCESS", "task_time": c.timestamp(t.created), "attempt_nums": 1,
		}
	}
	page, last, err := c.page(ids)
	if err != nil {
		return response{}, err
	}
	listed := []object{}
	for _, id := range page {
		listed = append(listed, tasks[id])
	}
	o := object{"total": len(ids), "tasks": listed}
	if !last {
		o["next_marker"] = page[len(page)-1]
	}
	return jsonResponse(http.StatusOK, o), nil
}

// validRotation reports whether the service takes what a body wants of a secret's rotation.
func (f fields) validRotation(s *Secret) bool {
	managed := s.Type != typeCommon
	switch {
	case len(s.RotationConfig) > maxRotationConfigLength,
		f.has("rotation_period") && s.RotationPeriod != "" && !validRotationPeriod(s.RotationPeriod),
		f.has("rotation_config") && managed && !validRotationConfig(s.RotationConfig):
		return false
	default:
		return !s.AutoRotation || s.RotationPeriod != ""
	}
}

func validRotationPeriod(text string) bool {
	match := rotationPeriodPattern.FindStringSubmatch(text)
	if match == nil {
		return false
	}
	n, err := strconv.Atoi(match[1])
	unit := map[string]time.Duration{"d": 24 * time.Hour, "h": time.Hour, "m": time.Minute, "s": time.Second}[match[2]]
	period := time.Duration(n) * unit
	return err == nil && period >= minRotationPeriod && period <= maxRotationPeriod
}

// validRotationConfig reports whether a text names the instance and the way in which the service
// rotates its account.
func validRotationConfig(text string) bool {
	f, err := parseFields([]byte(text))
	return err == nil && f.text("InstanceId") != "" &&
		slices.Contains([]string{"SingleUser", "MultiUser"}, f.text("SecretSubType"))
}
