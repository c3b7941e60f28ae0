package csms

import (
	"context"
	"slices"
	"sync"
)

// versionMemory keeps the version list of each secret, so that however many stages and expiries a secret has, refreshing
// them costs one request.
type versionMemory struct {
	mu      sync.Mutex
	secrets map[string]*rememberedVersions
}

type rememberedVersions struct {
	list memo[[]Version]

	mu      sync.Mutex
	planned []Version
}

// CachedVersions is ListVersions for reading state: the first call for a secret asks, all others share what it finds. Once
// the client has tried to write to the secret, no list that was asked for before is used any more. Errors are not
// remembered.
func (c *Client) CachedVersions(ctx context.Context, secretName string) ([]Version, error) {
	versions, err := c.versions.of(secretName).get(ctx, c, secretName)
	return copyVersions(versions), err
}

// PlannedVersions is CachedVersions for a plan that only warns: a list from before a write will do.
func (c *Client) PlannedVersions(ctx context.Context, secretName string) ([]Version, error) {
	remembered := c.versions.of(secretName)
	if planned := remembered.last(); planned != nil {
		return copyVersions(planned), nil
	}
	versions, err := remembered.list.getAny(ctx, remembered.loader(c, secretName))
	return copyVersions(versions), c.ownError(secretName, err)
}

func (m *versionMemory) of(secretName string) *rememberedVersions {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.secrets == nil {
		m.secrets = map[string]*rememberedVersions{}
	}
	remembered, ok := m.secrets[secretName]
	if !ok {
		remembered = &rememberedVersions{}
		m.secrets[secretName] = remembered
	}
	return remembered
}

// writing forgets the list before a write and, by the function that it returns, after it: what was read in between may be
// older than the write.
func (m *versionMemory) writing(secretName string) func() {
	remembered := m.of(secretName)
	remembered.list.forget()
	return remembered.list.forget
}

func (r *rememberedVersions) get(ctx context.Context, c *Client, secretName string) ([]Version, error) {
	versions, err := r.list.get(ctx, always, r.loader(c, secretName))
	return versions, c.ownError(secretName, err)
}

func (r *rememberedVersions) loader(c *Client, secretName string) func(context.Context) ([]Version, error) {
	return func(ctx context.Context) ([]Version, error) {
		found, err := c.ListVersions(ctx, secretName)
		if err == nil {
			r.keep(found)
		}
		return found, err
	}
}

// ownError makes an *Error of the one that is not: a waiter whose context ended.
func (c *Client) ownError(secretName string, err error) error {
	if err == nil {
		return nil
	}
	return c.newCall(OperationListVersions, ofSecret(secretName)).failure(err)
}

func (r *rememberedVersions) keep(versions []Version) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.planned = versions
}

// last returns nil if nothing was ever found.
func (r *rememberedVersions) last() []Version {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.planned
}

// copyVersions lets callers change what they get.
func copyVersions(versions []Version) []Version {
	versions = slices.Clone(versions)
	for i := range versions {
		versions[i].Stages = slices.Clone(versions[i].Stages)
	}
	return versions
}
