package csms

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	v1 "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/csms/v1"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/csms/v1/model"
)

// Version is what is known of one version of a secret, apart from its value.
type Version struct {
	SecretName string
	// ID is "v1", "v2" and so on, in the order of creation.
	ID string
	// KMSKeyID is the key that the value is encrypted with.
	KMSKeyID string
	// CreateTime is in UTC and whole seconds.
	CreateTime time.Time
	// ExpireTime is in UTC and whole seconds; zero if the version has no expiry.
	ExpireTime time.Time
	// Stages are the labels on the version, in alphabetical order. The service may remove a version without any.
	Stages []string
}

// VersionNumber returns the number in a version id, 12 for "v12", and false for an id of another form.
func VersionNumber(id string) (int64, bool) {
	digits, ok := strings.CutPrefix(id, "v")
	if !ok || strings.ContainsFunc(digits, func(r rune) bool { return r < '0' || r > '9' }) {
		return 0, false
	}
	number, err := strconv.ParseInt(digits, 10, 64)
	return number, err == nil
}

// compareVersions orders by number, v2 before v10, and ids without a number behind those.
func compareVersions(a, b Version) int {
	numberA, okA := VersionNumber(a.ID)
	numberB, okB := VersionNumber(b.ID)
	switch {
	case okA && okB:
		return cmp.Or(cmp.Compare(numberA, numberB), strings.Compare(a.ID, b.ID))
	case okA:
		return -1
	case okB:
		return 1
	default:
		return strings.Compare(a.ID, b.ID)
	}
}

// ListVersions asks for all versions of the secret and returns them in numeric order. The error is gone (see [IsGone]) if
// there is no such secret.
//
// GET /v1/{project_id}/secrets/{secret_name}/versions
func (c *Client) ListVersions(ctx context.Context, secretName string) ([]Version, error) {
	versions, err := collect(func(v Version) string { return v.ID }, func(marker *string) ([]Version, *model.PageInfo, error) {
		return c.listVersions(ctx, secretName, marker)
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(versions, compareVersions)
	return versions, nil
}

func (c *Client) listVersions(ctx context.Context, secretName string, marker *string) ([]Version, *model.PageInfo, error) {
	k := c.newCall(OperationListVersions, ofSecret(secretName))
	answer, err := send[*model.ListSecretVersionsResponse](ctx, k,
		&model.ListSecretVersionsRequest{SecretName: secretName, Marker: marker}, v1.GenReqDefForListSecretVersions())
	if err != nil {
		return nil, nil, err
	}
	if answer.VersionMetadatas == nil {
		return nil, nil, k.malformed("it has no list of versions")
	}
	versions := make([]Version, 0, len(*answer.VersionMetadatas))
	for i := range *answer.VersionMetadatas {
		version, err := k.versionOf(&(*answer.VersionMetadatas)[i])
		if err != nil {
			return nil, nil, err
		}
		versions = append(versions, *version)
	}
	return versions, answer.PageInfo, nil
}

// ExpiryGuard decides, by the versions that the secret has right before an attempt to write, whether the write may be made.
// An error means that nothing is written, and is what the operation returns.
type ExpiryGuard func(versions []Version) error

// SetVersionExpiry makes the version expire at a time, which has to be in whole seconds, after 1970 and not after [MaxTime].
// A version that expires then already is left as it is; else guard is asked first. The error is that of the guard, of the
// service, or that the service has stored another time than the one it took.
//
// PUT /v1/{project_id}/secrets/{secret_name}/versions/{version_id}
//
// https://support.huaweicloud.com/intl/en-us/api-dew/UpdateVersion.html
func (w *Writer) SetVersionExpiry(ctx context.Context, versionID string, t time.Time, guard ExpiryGuard) error {
	subject := w.client.newCall(OperationUpdateVersion, ofSecret(w.secretName), ofVersion(versionID))
	if t.Nanosecond() != 0 || t.Unix() <= 0 || t.After(MaxTime) {
		subject.refuse(errors.New("the time " + t.UTC().Format(time.RFC3339Nano) + " is not one the service can keep"))
	}
	var stored *Version
	err := w.guarded(ctx, attempt{
		subject: subject,
		look: func(ctx context.Context) (bool, error) {
			versions, err := w.client.ListVersions(ctx, w.secretName)
			if err != nil {
				return false, err
			}
			if stored = findVersion(versions, versionID); stored != nil && stored.ExpireTime.Equal(t) {
				return true, nil
			}
			return false, guard(versions)
		},
		write: func(ctx context.Context) (k *call, err error) {
			k, stored, err = w.client.updateVersion(ctx, w.secretName, versionID, t)
			return k, err
		},
	})
	if err != nil {
		return err
	}
	return w.checkExpiry(ctx, subject, stored, t)
}

// checkExpiry makes sure that the service has stored the time. Some editions answer without it.
func (w *Writer) checkExpiry(ctx context.Context, subject *call, stored *Version, t time.Time) error {
	if stored.ExpireTime.IsZero() {
		versions, err := w.client.ListVersions(ctx, w.secretName)
		if err != nil {
			return err
		}
		stored = findVersion(versions, stored.ID)
	}
	switch {
	case stored == nil:
		return subject.failure(errors.New("the service took the time, but the version is gone"))
	case stored.ExpireTime.IsZero():
		return subject.failure(fmt.Errorf("the service took %s but stored no expiry", t.UTC().Format(time.RFC3339)))
	case !stored.ExpireTime.Equal(t):
		return subject.failure(fmt.Errorf("the service took %s but stored %s", t.UTC().Format(time.RFC3339),
			stored.ExpireTime.Format(time.RFC3339)))
	default:
		return nil
	}
}

func findVersion(versions []Version, id string) *Version {
	i := slices.IndexFunc(versions, func(v Version) bool { return v.ID == id })
	if i < 0 {
		return nil
	}
	return &versions[i]
}

func (c *Client) updateVersion(ctx context.Context, secretName, versionID string, t time.Time) (*call, *Version, error) {
	k := c.newCall(OperationUpdateVersion, ofSecret(secretName), ofVersion(versionID), sentOnce)
	answer, err := send[*model.UpdateVersionResponse](ctx, k, &model.UpdateVersionRequest{
		SecretName: secretName,
		VersionId:  versionID,
		Body:       &model.UpdateVersionRequestBody{ExpireTime: ToMilliseconds(t)},
	}, v1.GenReqDefForUpdateVersion())
	if err != nil {
		return k, nil, err
	}
	version, err := k.versionOf(answer.VersionMetadata)
	return k, version, err
}

// versionOf checks that the answer is about what was asked for.
func (k *call) versionOf(m *model.VersionMetadata) (*Version, error) {
	if m == nil {
		return nil, k.malformed("it has no version")
	}
	created, createdOK := timeOf(m.CreateTime)
	expires, expiresOK := timeOf(m.ExpireTime)
	switch {
	case m.Id == nil || *m.Id == "":
		return nil, k.malformed("a version has no id")
	case !canBeName(*m.Id, valueOf(m.KmsKeyId)) || m.VersionStages != nil && !canBeName(*m.VersionStages...):
		return nil, k.malformed("the id, the key or a stage of version " + *m.Id + " has characters that cannot be printed")
	case k.version != "" && *m.Id != k.version:
		return nil, k.malformed("it is about the version " + *m.Id)
	case m.SecretName != nil && !strings.EqualFold(*m.SecretName, k.secretName):
		return nil, k.malformed("it is about the secret " + *m.SecretName)
	case !createdOK || !expiresOK:
		return nil, k.malformed("a time of version " + *m.Id + " is out of range")
	}
	v := &Version{SecretName: k.secretName, ID: *m.Id, KMSKeyID: valueOf(m.KmsKeyId), CreateTime: created, ExpireTime: expires}
	if m.VersionStages != nil {
		v.Stages = slices.DeleteFunc(slices.Clone(*m.VersionStages), func(stage string) bool { return stage == "" })
		slices.Sort(v.Stages)
	}
	return v, nil
}

func valueOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
