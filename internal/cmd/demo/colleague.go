package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// colleague is somebody who uses the service without Terraform: a rotation job, an administrator, and who looks up what is true.
type colleague struct {
	endpoint string
	token    string
}

// signIn obtains a token from IAM with the user name and password that the mock endpoint knows.
//
// POST /v3/auth/tokens.
func signIn(ctx context.Context, service map[string]string) (*colleague, error) {
	type object map[string]any
	user := object{"name": csmstest.DefaultUserName, "password": csmstest.DefaultPassword, "domain": object{"name": csmstest.DefaultDomainName}}
	resp, err := send(ctx, http.MethodPost, service["HW_AUTH_URL"]+"/auth/tokens", "", object{"auth": object{
		"identity": object{"methods": []string{"password"}, "password": object{"user": user}},
		"scope":    object{"project": object{"name": csmstest.DefaultRegion}},
	}})
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		return nil, fmt.Errorf("sign in: status %d", resp.StatusCode)
	}
	return &colleague{endpoint: service["CSMS_ENDPOINT"], token: resp.Header.Get("X-Subject-Token")}, nil
}

// addVersion writes a new version under a label, as a rotation job does, and returns the version's id.
func (c *colleague) addVersion(ctx context.Context, secret, stage string) (string, error) {
	var answer struct {
		Metadata struct {
			ID string `json:"id"`
		} `json:"version_metadata"`
	}
	body := map[string]any{"secret_string": "demo-only", "version_stages": []string{stage}}
	_, err := c.call(ctx, http.MethodPost, secret+"/versions", body, &answer)
	return answer.Metadata.ID, err
}

func (c *colleague) moveStage(ctx context.Context, secret, stage, version string) error {
	_, err := c.call(ctx, http.MethodPut, secret+"/stages/"+stage, map[string]any{"version_id": version}, nil)
	return err
}

// holder is the version that a label is on, or "" if there is no such label.
func (c *colleague) holder(ctx context.Context, secret, stage string) (string, error) {
	var answer struct {
		Stage struct {
			VersionID string `json:"version_id"`
		} `json:"stage"`
	}
	status, err := c.call(ctx, http.MethodGet, secret+"/stages/"+stage, nil, &answer)
	if status == http.StatusNotFound {
		return "", nil
	}
	return answer.Stage.VersionID, err
}

// expiry is when a version expires; the zero time means that it does not.
func (c *colleague) expiry(ctx context.Context, secret, version string) (time.Time, error) {
	var answer struct {
		Versions []struct {
			ID         string `json:"id"`
			ExpireTime int64  `json:"expire_time"`
		} `json:"version_metadatas"`
	}
	_, err := c.call(ctx, http.MethodGet, secret+"/versions", nil, &answer)
	for _, v := range answer.Versions {
		if v.ID == version && v.ExpireTime != 0 {
			return time.UnixMilli(v.ExpireTime).UTC(), err
		}
	}
	return time.Time{}, err
}

// call asks the service something about a secret. Without an error it puts the answer's body into answer, unless that is nil.
func (c *colleague) call(ctx context.Context, method, path string, body, answer any) (int, error) {
	url := c.endpoint + "/v1/" + csmstest.DefaultProjectID + "/secrets/" + path
	resp, err := send(ctx, method, url, c.token, body)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusMultipleChoices {
		text, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, fmt.Errorf("%s %s: status %d: %s", method, url, resp.StatusCode, text)
	}
	if answer == nil {
		return resp.StatusCode, nil
	}
	return resp.StatusCode, json.NewDecoder(resp.Body).Decode(answer)
}

func send(ctx context.Context, method, url, token string, body any) (*http.Response, error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(encoded))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("X-Auth-Token", token)
	}
	return http.DefaultClient.Do(req)
}
