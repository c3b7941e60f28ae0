package csms

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/csms/v1/model"

	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

// Stage is a label of a secret that points at one of its versions.
type Stage struct {
	SecretName, Name string
	// VersionID is the version that holds the label.
	VersionID string
	// UpdateTime is when the label was last moved, in UTC and whole seconds; zero if the service
	// does not say.
	UpdateTime time.Time
}

// GetStage returns which version holds the label. The error is gone (see [IsGone]) if there is no
// such label or secret.
//
// https://support.huaweicloud.com/intl/en-us/api-dew/ShowSecretStage.html
//
// GET /v1/{project_id}/secrets/{secret_name}/stages/{stage_name}
func (c *Client) GetStage(ctx context.Context, secretName, stageName string) (*Stage, error) {
	var answer model.ShowSecretStageResponse
	resp, err := c.do(ctx, c.secret(secretName).stage(stageName), huaweicloud.Request{
		Operation: OperationGetStage, Method: http.MethodGet, Path: stagePath(secretName, stageName),
	}, &answer)
	if err != nil {
		return nil, err
	}
	return resp.stageOf(answer.Stage)
}

func stagePath(secretName, stageName string) string {
	return secretPath(secretName) + "/stages/" + stageName
}

// StageGuard decides, by what the service has right before an attempt to write, whether the write
// may be made: found is nil if the secret has no such stage. An error means that nothing is
// written, and is what the operation returns.
type StageGuard func(found *Stage) error

// StageMove is how [Writer.MoveStage] has left a stage.
type StageMove struct {
	Stage
	// From is the version that the stage was moved from; empty if it was there already, or nowhere.
	From string
}

// MoveStage makes the stage point at the version, wherever it is: a stage that does not exist is
// created. One that is on the version already is left as it is; else guard is asked first. The
// error is that of the guard, or gone (see [IsGone]) if there is no such secret or version.
//
// https://support.huaweicloud.com/intl/en-us/api-dew/UpdateSecretStage.html
//
// PUT /v1/{project_id}/secrets/{secret_name}/stages/{stage_name}
func (w *Writer) MoveStage(
	ctx context.Context, stageName, versionID string, guard StageGuard,
) (*StageMove, error) {
	m := mover{Writer: w, target: w.client.secret(w.secretName).stage(stageName).version(versionID)}
	err := w.guarded(ctx, attempt{
		operation: OperationPutStage, target: m.target,
		look: func(ctx context.Context) (bool, error) {
			found, err := w.findStage(ctx, stageName)
			if err != nil {
				return false, err
			}
			if found != nil && found.VersionID == versionID {
				m.move.Stage = *found
				return true, nil
			}
			if m.move.From = ""; found != nil {
				m.move.From = found.VersionID
			}
			return false, guard(found)
		},
		write: m.write,
	})
	if err != nil {
		return nil, err
	}
	return &m.move, nil
}

// findStage returns nil if there is no such stage.
func (w *Writer) findStage(ctx context.Context, stageName string) (*Stage, error) {
	found, err := w.client.GetStage(ctx, w.secretName, stageName)
	if IsGone(err) {
		return nil, nil
	}
	return found, err
}

// mover puts a stage on a version. Where PUT only moves stages that exist, a new one has a request
// of its own.
type mover struct {
	*Writer
	target   checkedTarget
	notByPut error // why PUT does not create the stage
	move     StageMove
}

func (m *mover) write(ctx context.Context) error {
	if m.notByPut != nil {
		return m.create(ctx)
	}
	stage, err := m.client.putStage(ctx, m.target)
	if m.move.From == "" && IsGone(err) && m.client.hasVersion(ctx, m.target) {
		m.notByPut = err
		return errLookAgain
	}
	return m.placed(stage, err)
}

func (m *mover) create(ctx context.Context) error {
	stage, err := m.client.postStage(ctx, m.target)
	if isUnknownAPI(err) {
		err = m.notByPut
	}
	return m.placed(stage, err)
}

func (m *mover) placed(stage *Stage, err error) error {
	if err == nil {
		m.move.Stage = *stage
	}
	return err
}

func (c *Client) putStage(ctx context.Context, t checkedTarget) (*Stage, error) {
	var answer model.UpdateSecretStageResponse
	resp, err := c.do(ctx, t, huaweicloud.Request{
		Operation: OperationPutStage, Method: http.MethodPut, Path: stagePath(t.SecretName, t.Stage),
		Body: model.UpdateSecretStageRequestBody{VersionId: t.Version}, Once: true,
	}, &answer)
	if err != nil {
		return nil, err
	}
	return resp.stageOf(answer.Stage)
}

func (c *Client) hasVersion(ctx context.Context, t checkedTarget) bool {
	versions, err := c.ListVersions(ctx, t.SecretName)
	return err == nil && findVersion(versions, t.Version) != nil
}

// isUnknownAPI recognises a gateway that does not have the request, which is the case in regions
// with an older CSMS.
func isUnknownAPI(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.StatusCode == http.StatusNotFound && strings.HasPrefix(e.Code, "APIG")
}

// createStageBody is not in the SDK, which is older than the request.
type createStageBody struct {
	Name      string `json:"name"`
	VersionID string `json:"version_id"`
}

// postStage creates a stage.
//
// https://support.huaweicloud.com/intl/en-us/api-dew/CreateSecretStage.html
//
// POST /v1/{project_id}/secrets/{secret_name}/stages
func (c *Client) postStage(ctx context.Context, t checkedTarget) (*Stage, error) {
	var answer model.UpdateSecretStageResponse
	resp, err := c.do(ctx, t, huaweicloud.Request{
		Operation: OperationCreateStage, Method: http.MethodPost, Path: secretPath(t.SecretName) + "/stages",
		Body: createStageBody{Name: t.Stage, VersionID: t.Version}, Once: true,
	}, &answer)
	if err != nil {
		return nil, err
	}
	return resp.stageOf(answer.Stage)
}

// DeleteStage deletes the stage if there is one and guard lets it. The error is that of the guard,
// or of the service.
//
// https://support.huaweicloud.com/intl/en-us/api-dew/DeleteSecretStage.html
//
// DELETE /v1/{project_id}/secrets/{secret_name}/stages/{stage_name}
func (w *Writer) DeleteStage(ctx context.Context, stageName string, guard StageGuard) error {
	target := w.client.secret(w.secretName).stage(stageName)
	return w.guarded(ctx, attempt{
		operation: OperationDeleteStage, target: target,
		look: func(ctx context.Context) (gone bool, err error) {
			found, err := w.findStage(ctx, stageName)
			if err != nil || found == nil {
				return true, err
			}
			return false, guard(found)
		},
		write: func(ctx context.Context) error { return w.client.deleteStage(ctx, target) },
	})
}

// deleteStage succeeds as well if somebody else was faster.
func (c *Client) deleteStage(ctx context.Context, t checkedTarget) error {
	resp, err := c.do(ctx, t, huaweicloud.Request{
		Operation: OperationDeleteStage, Method: http.MethodDelete, Path: stagePath(t.SecretName, t.Stage),
		Once: true,
	}, nil)
	if IsGone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if body := string(bytes.TrimSpace(resp.Body)); body != "" && body != "{}" {
		return resp.invalid("it has a body, which a deletion has not")
	}
	return nil
}

// stageOf checks that the answer is about what was asked for.
func (r *response) stageOf(m *model.Stage) (*Stage, error) {
	if m == nil {
		return nil, r.invalid("it has no stage")
	}
	updated, ok := timeOf(m.UpdateTime)
	switch {
	case m.VersionId == nil || *m.VersionId == "":
		return nil, r.invalid("the stage has no version")
	case !huaweicloud.CanBeName(*m.VersionId):
		return nil, r.invalid("its version " + *m.VersionId + " has characters that cannot be printed")
	case r.target.Version != "" && *m.VersionId != r.target.Version:
		return nil, r.invalid("the stage is on version " + *m.VersionId)
	case m.Name != nil && !strings.EqualFold(*m.Name, r.target.Stage):
		return nil, r.invalid("it is about the stage " + *m.Name)
	case m.SecretName != nil && !strings.EqualFold(*m.SecretName, r.target.SecretName):
		return nil, r.invalid("it is about the secret " + *m.SecretName)
	case !ok:
		return nil, r.invalid("the time is out of range")
	}
	return &Stage{
		SecretName: r.target.SecretName, Name: r.target.Stage, VersionID: *m.VersionId, UpdateTime: updated,
	}, nil
}
