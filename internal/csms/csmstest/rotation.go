package csmstest

import "net/http"

// rotateSecret makes a version with a value of the service's own and labels it SYSCURRENT. Secrets of the type COMMON have no
// account that a value could be set for, and are refused.
//
// POST /v1/{project_id}/secrets/{secret_name}/rotate.
func rotateSecret(c *call) (answer, error) {
	s, err := c.enabledSecret()
	if err != nil {
		return answer{}, err
	}
	if s.Type == typeCommon {
		return answer{}, errRotation
	}
	if len(s.Versions) >= maxVersions {
		return answer{}, errVersionLimit
	}
	c.record.Changed = true
	c.record.Version = s.create(Version{Value: "value made by rotation for request " + c.record.RequestID}, c.now)
	return jsonAnswer(http.StatusOK, object{
		"rotation_task_id": resourceID(c.project.id, s.Name+"/"+c.record.Version, c.server.serial),
		"secret_name":      s.Name,
		"version_id":       c.record.Version,
	}), nil
}
