package csms

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
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

// PutStage puts the label on the version, taking it from any other version, and creates it if there is no such label. The
// error is gone (see [IsGone]) if there is no such secret or version.
//
// PUT /v1/{project_id}/secrets/{secret_name}/stages/{stage_name}
func (c *Client) PutStage(ctx context.Context, secretName, stageName, versionID string) (*Stage, error) {
	defer c.versions.writing(secretName)()
	stage, err := c.moveStage(ctx, secretName, stageName, versionID)
	if err == nil || !IsGone(err) || !c.hasVersion(ctx, secretName, versionID) {
		return stage, err
	}
	// Where PUT only moves labels that exist, a new one has a request of its own.
	created, createErr := c.createStage(ctx, secretName, stageName, versionID)
	if isUnknownAPI(createErr) {
		return nil, err
	}
	return created, createErr
}

func (c *Client) moveStage(ctx context.Context, secretName, stageName, versionID string) (*Stage, error) {
	k := c.newCall(OperationPutStage, ofSecret(secretName), atStage(stageName), ofVersion(versionID))
	answer, err := send[*model.UpdateSecretStageResponse](ctx, k, &model.UpdateSecretStageRequest{
		SecretName: secretName,
		StageName:  stageName,
		Body:       &model.UpdateSecretStageRequestBody{VersionId: versionID},
	}, v1.GenReqDefForUpdateSecretStage())
	if err != nil {
		return nil, err
	}
	return k.stageOf(answer.Stage)
}

func (c *Client) hasVersion(ctx context.Context, secretName, versionID string) bool {
	versions, err := c.ListVersions(ctx, secretName)
	return err == nil && slices.ContainsFunc(versions, func(v Version) bool { return v.ID == versionID })
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

// createStage makes a new label. The service may refuse to make one that exists, and so may refuse a repeated request
// whose first answer was lost. What counts is where the label is.
func (c *Client) createStage(ctx context.Context, secretName, stageName, versionID string) (*Stage, error) {
	created, err := c.postStage(ctx, secretName, stageName, versionID)
	if err == nil || isUnknownAPI(err) {
		return created, err
	}
	if found, findErr := c.GetStage(ctx, secretName, stageName); findErr == nil && found.VersionID == versionID {
		return found, nil
	}
	return nil, err
}

// postStage asks for a new label.
//
// POST /v1/{project_id}/secrets/{secret_name}/stages
func (c *Client) postStage(ctx context.Context, secretName, stageName, versionID string) (*Stage, error) {
	k := c.newCall(OperationCreateStage, ofSecret(secretName), atStage(stageName), ofVersion(versionID))
	reqDef := define(http.MethodPost, "/v1/{project_id}/secrets/{secret_name}/stages", new(model.UpdateSecretStageResponse),
		at(def.Path, "SecretName", "secret_name"), at(def.Body, "Body", ""))
	answer, err := send[*model.UpdateSecretStageResponse](ctx, k, &createStageRequest{
		SecretName: secretName,
		Body:       &createStageBody{Name: stageName, VersionID: versionID},
	}, reqDef)
	if err != nil {
		return nil, err
	}
	return k.stageOf(answer.Stage)
}

// DeleteStage removes the label. The error is gone (see [IsGone]) if there was no such label, which is also what a
// repeated request finds whose first answer was lost.
//
// DELETE /v1/{project_id}/secrets/{secret_name}/stages/{stage_name}
func (c *Client) DeleteStage(ctx context.Context, secretName, stageName string) error {
	defer c.versions.writing(secretName)()
	k := c.newCall(OperationDeleteStage, ofSecret(secretName), atStage(stageName))
	_, err := send[*model.DeleteSecretStageResponse](ctx, k,
		&model.DeleteSecretStageRequest{SecretName: secretName, StageName: stageName}, v1.GenReqDefForDeleteSecretStage())
	if body := string(bytes.TrimSpace(k.body)); err == nil && body != "" && body != "{}" {
		return k.malformed("it has a body, which a deletion has not")
	}
	return err
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
