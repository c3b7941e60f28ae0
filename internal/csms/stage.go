package csms

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/def"
	v1 "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/csms/v1"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/csms/v1/model"
)

// Stage is a label of a secret that points at one of its versions.
type Stage struct {
	SecretName, Name string
	// VersionID is the version that holds the label.
	VersionID string
	// UpdateTime is when the label was last moved, in UTC and whole seconds; zero if the service does not say.
	UpdateTime time.Time
}

// GetStage returns which version holds the label. The error is gone (see [IsGone]) if there is no such label or secret.
//
// GET /v1/{project_id}/secrets/{secret_name}/stages/{stage_name}
func (c *Client) GetStage(ctx context.Context, secretName, stageName string) (*Stage, error) {
	k := c.newCall(OperationGetStage, ofSecret(secretName), atStage(stageName))
	answer, err := send[*model.ShowSecretStageResponse](ctx, k,
		&model.ShowSecretStageRequest{SecretName: secretName, StageName: stageName}, v1.GenReqDefForShowSecretStage())
	if err != nil {
		return nil, err
	}
	return k.stageOf(answer.Stage)
}

// StageGuard decides, by what the service has right before an attempt to write, whether the write may be made: found is nil
// if the secret has no such stage. An error means that nothing is written, and is what the operation returns.
type StageGuard func(found *Stage) error

// StageMove is how [Writer.MoveStage] has left a stage.
type StageMove struct {
	Stage
	// From is the version that the stage was moved from; empty if it was there already, or nowhere.
	From string
}

// MoveStage makes the stage point at the version, wherever it is: a stage that does not exist is created. One that is on the
// version already is left as it is; else guard is asked first. The error is that of the guard, or gone (see [IsGone]) if
// there is no such secret or version.
//
// PUT /v1/{project_id}/secrets/{secret_name}/stages/{stage_name}
//
// https://support.huaweicloud.com/intl/en-us/api-dew/UpdateSecretStage.html
func (w *Writer) MoveStage(ctx context.Context, stageName, versionID string, guard StageGuard) (*StageMove, error) {
	m := mover{Writer: w, stage: stageName, version: versionID}
	err := w.guarded(ctx, attempt{
		subject: w.client.newCall(OperationPutStage, ofSecret(w.secretName), atStage(stageName), ofVersion(versionID)),
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

// mover puts a stage on a version. Where PUT only moves stages that exist, a new one has a request of its own.
type mover struct {
	*Writer
	stage, version string
	notByPut       error // why PUT does not create the stage
	move           StageMove
}

func (m *mover) write(ctx context.Context) (*call, error) {
	if m.notByPut != nil {
		return m.create(ctx)
	}
	k, stage, err := m.client.putStage(ctx, m.secretName, m.stage, m.version)
	if m.move.From == "" && IsGone(err) && m.client.hasVersion(ctx, m.secretName, m.version) {
		m.notByPut = err
		return k, errLookAgain
	}
	return k, m.placed(stage, err)
}

func (m *mover) create(ctx context.Context) (*call, error) {
	k, stage, err := m.client.postStage(ctx, m.secretName, m.stage, m.version)
	if isUnknownAPI(err) {
		err = m.notByPut
	}
	return k, m.placed(stage, err)
}

func (m *mover) placed(stage *Stage, err error) error {
	if err == nil {
		m.move.Stage = *stage
	}
	return err
}

func (c *Client) putStage(ctx context.Context, secretName, stageName, versionID string) (*call, *Stage, error) {
	k := c.newCall(OperationPutStage, ofSecret(secretName), atStage(stageName), ofVersion(versionID), sentOnce)
	answer, err := send[*model.UpdateSecretStageResponse](ctx, k, &model.UpdateSecretStageRequest{
		SecretName: secretName,
		StageName:  stageName,
		Body:       &model.UpdateSecretStageRequestBody{VersionId: versionID},
	}, v1.GenReqDefForUpdateSecretStage())
	if err != nil {
		return k, nil, err
	}
	stage, err := k.stageOf(answer.Stage)
	return k, stage, err
}

func (c *Client) hasVersion(ctx context.Context, secretName, versionID string) bool {
	versions, err := c.ListVersions(ctx, secretName)
	return err == nil && findVersion(versions, versionID) != nil
}

// isUnknownAPI recognises a gateway that does not have the request, which is the case in regions with an older CSMS.
func isUnknownAPI(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.StatusCode == http.StatusNotFound && strings.HasPrefix(e.Code, "APIG")
}

// createStageRequest is not in the SDK, which is older than the request.
type createStageRequest struct {
	SecretName string           `json:"secret_name"`
	Body       *createStageBody `json:"body"`
}

type createStageBody struct {
	Name      string `json:"name"`
	VersionID string `json:"version_id"`
}

// postStage creates a stage.
//
// POST /v1/{project_id}/secrets/{secret_name}/stages
//
// https://support.huaweicloud.com/intl/en-us/api-dew/CreateSecretStage.html
func (c *Client) postStage(ctx context.Context, secretName, stageName, versionID string) (*call, *Stage, error) {
	k := c.newCall(OperationCreateStage, ofSecret(secretName), atStage(stageName), ofVersion(versionID), sentOnce)
	reqDef := define(http.MethodPost, "/v1/{project_id}/secrets/{secret_name}/stages", new(model.UpdateSecretStageResponse),
		at(def.Path, "SecretName", "secret_name"), at(def.Body, "Body", ""))
	answer, err := send[*model.UpdateSecretStageResponse](ctx, k, &createStageRequest{
		SecretName: secretName,
		Body:       &createStageBody{Name: stageName, VersionID: versionID},
	}, reqDef)
	if err != nil {
		return k, nil, err
	}
	stage, err := k.stageOf(answer.Stage)
	return k, stage, err
}

// DeleteStage deletes the stage if there is one and guard lets it. The error is that of the guard, or of the service.
//
// DELETE /v1/{project_id}/secrets/{secret_name}/stages/{stage_name}
//
// https://support.huaweicloud.com/intl/en-us/api-dew/DeleteSecretStage.html
func (w *Writer) DeleteStage(ctx context.Context, stageName string, guard StageGuard) error {
	return w.guarded(ctx, attempt{
		subject: w.client.newCall(OperationDeleteStage, ofSecret(w.secretName), atStage(stageName)),
		look: func(ctx context.Context) (gone bool, err error) {
			found, err := w.findStage(ctx, stageName)
			if err != nil || found == nil {
				return true, err
			}
			return false, guard(found)
		},
		write: func(ctx context.Context) (*call, error) { return w.client.deleteStage(ctx, w.secretName, stageName) },
	})
}

// deleteStage succeeds as well if somebody else was faster.
func (c *Client) deleteStage(ctx context.Context, secretName, stageName string) (*call, error) {
	k := c.newCall(OperationDeleteStage, ofSecret(secretName), atStage(stageName), sentOnce)
	_, err := send[*model.DeleteSecretStageResponse](ctx, k,
		&model.DeleteSecretStageRequest{SecretName: secretName, StageName: stageName}, v1.GenReqDefForDeleteSecretStage())
	if IsGone(err) {
		return k, nil
	}
	if body := string(bytes.TrimSpace(k.body)); err == nil && body != "" && body != "{}" {
		return k, k.malformed("it has a body, which a deletion has not")
	}
	return k, err
}

// stageOf checks that the answer is about what was asked for.
func (k *call) stageOf(m *model.Stage) (*Stage, error) {
	if m == nil {
		return nil, k.malformed("it has no stage")
	}
	updated, ok := timeOf(m.UpdateTime)
	switch {
	case m.VersionId == nil || *m.VersionId == "":
		return nil, k.malformed("the stage has no version")
	case !canBeName(*m.VersionId):
		return nil, k.malformed("its version " + *m.VersionId + " has characters that cannot be printed")
	case k.version != "" && *m.VersionId != k.version:
		return nil, k.malformed("the stage is on version " + *m.VersionId)
	case m.Name != nil && !strings.EqualFold(*m.Name, k.stage):
		return nil, k.malformed("it is about the stage " + *m.Name)
	case m.SecretName != nil && !strings.EqualFold(*m.SecretName, k.secretName):
		return nil, k.malformed("it is about the secret " + *m.SecretName)
	case !ok:
		return nil, k.malformed("the time is out of range")
	}
	return &Stage{SecretName: k.secretName, Name: k.stage, VersionID: *m.VersionId, UpdateTime: updated}, nil
}
