package csms

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/csms/v1/model"

	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
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
	// Stages are the labels on the version, in alphabetical order. The service may remove a version
	// without any.
	Stages []string
}

// VersionNumber returns the number in a version id, 12 for "v12", and false for an id of another
// form.
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

// ListVersions asks for all versions of the secret and returns them in numeric order. The error is
// gone (see [IsGone]) if there is no such secret.
//
// https://support.huaweicloud.com/intl/en-us/api-dew/ListSecretVersions.html
//
// GET /v1/{project_id}/secrets/{secret_name}/versions
func (c *Client) ListVersions(ctx context.Context, secretName string) ([]Version, error) {
	id := func(v Version) string { return v.ID }
	versions, err := listAll(id, func(marker *string) ([]Version, *model.PageInfo, error) {
		return c.listVersions(ctx, secretName, marker)
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(versions, compareVersions)
	return versions, nil
}

func (c *Client) listVersions(
	ctx context.Context, secretName string, marker *string,
) ([]Version, *model.PageInfo, error) {
	var answer model.ListSecretVersionsResponse
	resp, err := c.do(ctx, c.secret(secretName), huaweicloud.Request{
		Operation: OperationListVersions, Method: http.MethodGet, Path: secretPath(secretName) + "/versions",
		Query: page(marker),
	}, &answer)
	if err != nil {
		return nil, nil, err
	}
	if answer.VersionMetadatas == nil {
		return nil, nil, resp.invalid("it has no list of versions")
	}
	versions := make([]Version, 0, len(*answer.VersionMetadatas))
	for i := range *answer.VersionMetadatas {
		version, err := resp.versionOf(&(*answer.VersionMetadatas)[i])
		if err != nil {
			return nil, nil, err
		}
		versions = append(versions, *version)
	}
	return versions, answer.PageInfo, nil
}

// ExpiryGuard decides, by the versions that the secret has right before an attempt to write,
// whether the write may be made. An error means that nothing is written, and is what the operation
// returns.
type ExpiryGuard func(versions []Version) error

// SetVersionExpiry makes the version expire at a time, which has to be in whole seconds, after 1970
// and not after [MaxTime]. A version that expires then already is left as it is; else guard is
// asked first. The error is that of the guard, of the service, or that the service has stored
// another time than the one it took.
//
// https://support.huaweicloud.com/intl/en-us/api-dew/UpdateVersion.html
//
// PUT /v1/{project_id}/secrets/{secret_name}/versions/{version_id}
func (w *Writer) SetVersionExpiry(ctx context.Context, versionID string, t time.Time, guard ExpiryGuard) error {
	target := w.client.secret(w.secretName).version(versionID)
	if t.Nanosecond() != 0 || t.Unix() <= 0 || t.After(MaxTime) {
		target = target.refuse(fmt.Errorf("the time %s is not one the service can keep",
			t.UTC().Format(time.RFC3339Nano)))
	}
	var stored *Version
	err := w.guarded(ctx, attempt{
		operation: OperationUpdateVersion, target: target,
		look: func(ctx context.Context) (bool, error) {
			versions, err := w.listAtOnce(ctx)
			if err != nil {
				return false, err
			}
			if stored = findVersion(versions, versionID); stored != nil && stored.ExpireTime.Equal(t) {
				return true, nil
			}
			return false, guard(versions)
		},
		write: func(ctx context.Context) (err error) {
			stored, err = w.client.updateVersion(ctx, target, t)
			return err
		},
	})
	if err != nil {
		return err
	}
	return w.checkExpiry(ctx, target, stored, t)
}

// listAtOnce lists the versions again if that took so long, for a page that waited or was retried,
// that the first page is not current any more.
func (w *Writer) listAtOnce(ctx context.Context) (versions []Version, err error) {
	for range 3 {
		started := time.Now()
		versions, err = w.client.ListVersions(ctx, w.secretName)
		if err != nil || time.Since(started) <= lookAge {
			break
		}
	}
	return versions, err
}

// checkExpiry makes sure that the service has stored the time. Some editions answer without it.
func (w *Writer) checkExpiry(ctx context.Context, target checkedTarget, stored *Version, t time.Time) error {
	if stored.ExpireTime.IsZero() {
		versions, err := w.client.ListVersions(ctx, w.secretName)
		if err != nil {
			return err
		}
		stored = findVersion(versions, stored.ID)
	}
	var what string
	switch wanted := t.UTC().Format(time.RFC3339); {
	case stored == nil:
		what = "the service took the time, but the version is gone"
	case stored.ExpireTime.IsZero():
		what = fmt.Sprintf("the service took %s but stored no expiry", wanted)
	case !stored.ExpireTime.Equal(t):
		what = fmt.Sprintf("the service took %s but stored %s", wanted, stored.ExpireTime.Format(time.RFC3339))
	default:
		return nil
	}
	return w.client.notSent(OperationUpdateVersion, target, errors.New(what))
}

func findVersion(versions []Version, id string) *Version {
	i := slices.IndexFunc(versions, func(v Version) bool { return v.ID == id })
	if i < 0 {
		return nil
	}
	return &versions[i]
}

func (c *Client) updateVersion(ctx context.Context, t checkedTarget, expire time.Time) (*Version, error) {
	var answer model.UpdateVersionResponse
	resp, err := c.do(ctx, t, huaweicloud.Request{
		Operation: OperationUpdateVersion, Method: http.MethodPut,
		Path: secretPath(t.SecretName) + "/versions/" + t.Version,
		Body: model.UpdateVersionRequestBody{ExpireTime: ToMilliseconds(expire)}, Once: true,
	}, &answer)
	if err != nil {
		return nil, err
	}
	return resp.versionOf(answer.VersionMetadata)
}

// versionOf checks that the answer is about what was asked for.
func (r *response) versionOf(m *model.VersionMetadata) (*Version, error) {
	if m == nil {
		return nil, r.invalid("it has no version")
	}
	created, createdOK := timeOf(m.CreateTime)
	expires, expiresOK := timeOf(m.ExpireTime)
	switch {
	case m.Id == nil || *m.Id == "":
		return nil, r.invalid("a version has no id")
	case !huaweicloud.CanBeName(*m.Id, valueOf(m.KmsKeyId)),
		m.VersionStages != nil && !huaweicloud.CanBeName(*m.VersionStages...):
		return nil, r.invalid("the id, the key or a stage of version " + *m.Id +
			" has characters that cannot be printed")
	case r.target.Version != "" && *m.Id != r.target.Version:
		return nil, r.invalid("it is about the version " + *m.Id)
	case m.SecretName != nil && !strings.EqualFold(*m.SecretName, r.target.SecretName):
		return nil, r.invalid("it is about the secret " + *m.SecretName)
	case !createdOK || !expiresOK:
		return nil, r.invalid("a time of version " + *m.Id + " is out of range")
	}
	v := &Version{
		SecretName: r.target.SecretName, ID: *m.Id, KMSKeyID: valueOf(m.KmsKeyId),
		CreateTime: created, ExpireTime: expires,
	}
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
