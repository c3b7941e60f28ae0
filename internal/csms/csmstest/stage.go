package csmstest

import "net/http"

// createStage creates a stage on a version.
//
// POST /v1/{project_id}/secrets/{secret_name}/stages.
func createStage(c *call) (response, error) {
	c.record.Stage = c.fields.text("name")
	return c.writeStage(true, !c.server.cfg.existingStageRefused)
}

// putStage moves a stage to a version, and so takes it from the version it was on.
//
// PUT /v1/{project_id}/secrets/{secret_name}/stages/{stage_name}.
func putStage(c *call) (response, error) {
	return c.writeStage(!c.server.cfg.stageCreationByPostOnly, true)
}

// writeStage moves a stage to the version in the body, if the request may create it where it is
// missing, or move it where it exists.
func (c *call) writeStage(mayCreate, mayMove bool) (response, error) {
	c.record.Version = c.fields.text("version_id")
	if !stageNamePattern.MatchString(c.record.Stage) || !versionIDPattern.MatchString(c.record.Version) {
		return response{}, errInvalidParameter
	}
	_, exists := c.secret.stages[c.record.Stage]
	switch {
	case c.secret.version(c.record.Version) == nil, !exists && !mayCreate:
		return response{}, errNoSuchResource
	case exists && !mayMove:
		return response{}, errInvalidParameter
	case !exists && c.secret.wouldExceedStageLimit([]string{c.record.Stage}, !c.server.cfg.builtInsUncounted):
		return response{}, errStageLimit
	}
	c.moveStage(c.record.Stage, c.record.Version)
	return c.stageResponse(), nil
}

// moveStage carries out a move that is allowed.
func (c *call) moveStage(name, versionID string) {
	before, existed := c.secret.stages[name]
	same := existed && before.version == versionID
	c.record.Changed = !same
	if same && c.server.cfg.updateTimeKept {
		return
	}
	if name == stageCurrent && existed && !same && c.server.cfg.previousFollows {
		c.secret.setStage(stagePrevious, before.version, c.now)
	}
	c.secret.setStage(name, versionID, c.now)
}

// showStage responds with the version that a stage is on.
//
// GET /v1/{project_id}/secrets/{secret_name}/stages/{stage_name}.
func showStage(c *call) (response, error) {
	if !stageNamePattern.MatchString(c.record.Stage) {
		return response{}, errInvalidParameter
	}
	if _, ok := c.secret.stages[c.record.Stage]; !ok {
		return response{}, errNoSuchResource
	}
	return c.stageResponse(), nil
}

// deleteStage deletes a stage other than the service's own.
//
// DELETE /v1/{project_id}/secrets/{secret_name}/stages/{stage_name}.
func deleteStage(c *call) (response, error) {
	if !stageNamePattern.MatchString(c.record.Stage) {
		return response{}, errInvalidParameter
	}
	if isBuiltIn(c.record.Stage) {
		return response{}, errBuiltInStage
	}
	_, exists := c.secret.stages[c.record.Stage]
	if !exists && !c.server.cfg.missingStageDeleteOK {
		return response{}, errNoSuchResource
	}
	delete(c.secret.stages, c.record.Stage)
	c.record.Changed = exists
	return response{status: http.StatusNoContent}, nil
}

func (c *call) stageResponse() response {
	at := c.secret.stages[c.record.Stage]
	return jsonResponse(http.StatusOK, object{"stage": object{
		"name":        c.record.Stage,
		"update_time": c.timestamp(at.updated),
		"secret_name": c.secret.Name,
		"version_id":  at.version,
	}})
}
