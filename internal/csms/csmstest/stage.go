package csmstest

import "net/http"

// createStage creates a label on a version.
//
// POST /v1/{project_id}/secrets/{secret_name}/stages.
func createStage(c *call) (answer, error) {
	f, err := c.fields()
	if err != nil {
		return answer{}, err
	}
	c.record.Stage = f.text("name")
	return labelVersion(c, f, labelling{creates: true, moves: !c.server.cfg.existingStageRefused})
}

// putStage puts a label on a version, and so takes it from the version it was on.
//
// PUT /v1/{project_id}/secrets/{secret_name}/stages/{stage_name}.
func putStage(c *call) (answer, error) {
	f, err := c.fields()
	if err != nil {
		return answer{}, err
	}
	return labelVersion(c, f, labelling{creates: !c.server.cfg.stageCreationByPostOnly, moves: true})
}

// labelling is what a request may do: to a label that is missing, and to one that exists.
type labelling struct{ creates, moves bool }

func labelVersion(c *call, f fields, may labelling) (answer, error) {
	c.record.Version = f.text("version_id")
	if !stageNamePattern.MatchString(c.record.Stage) || !versionIDPattern.MatchString(c.record.Version) {
		return answer{}, errInvalidParameter
	}
	s, err := c.writableStageSecret()
	if err != nil {
		return answer{}, err
	}
	_, exists := s.labels[c.record.Stage]
	switch {
	case s.version(c.record.Version) == nil, !exists && !may.creates:
		return answer{}, errNoSuchResource
	case exists && !may.moves:
		return answer{}, errInvalidParameter
	case !exists && s.wouldExceedStageLimit([]string{c.record.Stage}, !c.server.cfg.builtInsUncounted):
		return answer{}, errStageLimit
	}
	c.moveStage(s, c.record.Stage, c.record.Version)
	return jsonAnswer(http.StatusOK, object{"stage": c.stage(s, c.record.Stage)}), nil
}

// moveStage carries out a move that is allowed.
func (c *call) moveStage(s *secret, stage, versionID string) {
	before, existed := s.labels[stage]
	same := existed && before.version == versionID
	c.record.Changed = !same
	if same && c.server.cfg.updateTimeKept {
		return
	}
	if stage == stageCurrent && existed && !same && c.server.cfg.previousFollows {
		s.place(stagePrevious, before.version, c.now)
	}
	s.place(stage, versionID, c.now)
}

// showStage tells which version a label is on.
//
// GET /v1/{project_id}/secrets/{secret_name}/stages/{stage_name}.
func showStage(c *call) (answer, error) {
	if !stageNamePattern.MatchString(c.record.Stage) {
		return answer{}, errInvalidParameter
	}
	s, err := c.readableSecret()
	if err != nil {
		return answer{}, err
	}
	if _, ok := s.labels[c.record.Stage]; !ok {
		return answer{}, errNoSuchResource
	}
	return jsonAnswer(http.StatusOK, object{"stage": c.stage(s, c.record.Stage)}), nil
}

// deleteStage deletes a label other than the service's own.
//
// DELETE /v1/{project_id}/secrets/{secret_name}/stages/{stage_name}.
func deleteStage(c *call) (answer, error) {
	if !stageNamePattern.MatchString(c.record.Stage) {
		return answer{}, errInvalidParameter
	}
	s, err := c.writableStageSecret()
	if err != nil {
		return answer{}, err
	}
	if isBuiltIn(c.record.Stage) {
		return answer{}, errBuiltInStage
	}
	_, exists := s.labels[c.record.Stage]
	if !exists && !c.server.cfg.missingStageDeleteOK {
		return answer{}, errNoSuchResource
	}
	delete(s.labels, c.record.Stage)
	c.record.Changed = exists
	return answer{status: http.StatusNoContent}, nil
}
