package csms

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/csms/terraform-provider-csms/internal/cached"
)

// versionCache keeps the version list of each secret, so that however many stages and expiries a
// secret has, refreshing them costs one request.
type versionCache struct {
	mu      sync.Mutex
	secrets map[string]*cachedVersions
}

type cachedVersions struct {
	current cached.Value[[]Version]

	mu   sync.Mutex
	last []Version // nil if nothing was ever found
}

// CachedVersions is ListVersions for reading state: the first call for a secret asks, all others
// share what it finds. Once the client has tried to write to the secret, no list that was asked for
// before is used any more. Errors are not remembered.
func (c *Client) CachedVersions(ctx context.Context, secretName string) ([]Version, error) {
	list := c.versions.of(secretName)
	versions, err := list.current.Get(ctx, cached.Always, list.load(c, secretName))
	return copyVersions(versions), c.ownError(secretName, err)
}

// PlannedVersions is CachedVersions for a plan that only warns: a list from before a write will do.
func (c *Client) PlannedVersions(ctx context.Context, secretName string) ([]Version, error) {
	list := c.versions.of(secretName)
	if last := list.getLast(); last != nil {
		return copyVersions(last), nil
	}
	versions, err := list.current.GetStale(ctx, list.load(c, secretName))
	return copyVersions(versions), c.ownError(secretName, err)
}

func (v *versionCache) of(secretName string) *cachedVersions {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.secrets == nil {
		v.secrets = map[string]*cachedVersions{}
	}
	list, ok := v.secrets[secretName]
	if !ok {
		list = &cachedVersions{}
		v.secrets[secretName] = list
	}
	return list
}

// writing forgets the list before a write and, by the function that it returns, after it: what was
// read in between may be older than the write.
func (v *versionCache) writing(secretName string) func() {
	list := v.of(secretName)
	list.current.Forget()
	return list.current.Forget
}

// ownError makes an *Error of the one that is not: a waiter whose context ended.
func (c *Client) ownError(secretName string, err error) error {
	if _, ok := errors.AsType[*Error](err); ok || err == nil {
		return err
	}
	return c.notSent(OperationListVersions, c.secret(secretName), err)
}

func (v *cachedVersions) load(c *Client, secretName string) func(context.Context) ([]Version, error) {
	return func(ctx context.Context) ([]Version, error) {
		found, err := c.ListVersions(ctx, secretName)
		if err == nil {
			v.setLast(found)
		}
		return found, err
	}
}

func (v *cachedVersions) setLast(versions []Version) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.last = versions
}

func (v *cachedVersions) getLast() []Version {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.last
}

// copyVersions lets callers change what they get.
func copyVersions(versions []Version) []Version {
	versions = slices.Clone(versions)
	for i := range versions {
		versions[i].Stages = slices.Clone(versions[i].Stages)
	}
	return versions
}
