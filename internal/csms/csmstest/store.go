package csmstest

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits of the service.
const (
	maxSecrets    = 200
	maxVersions   = 20
	maxStages     = 12
	maxValueBytes = 32768

	maxDescriptionBytes = 2048
	maxEventLength      = 32 // In characters.
)

// Stages that the service sets itself and does not let anybody delete.
const (
	stageCurrent  = "SYSCURRENT"
	stagePrevious = "SYSPREVIOUS"
)

// typeCommon is the type of a secret whose values only its owner sets.
const typeCommon = "COMMON"

// States of a secret.
const (
	stateEnabled       = "ENABLED"
	stateDisabled      = "DISABLED"
	statePendingDelete = "PENDING_DELETE"
	stateFrozen        = "FROZEN"
)

// defaultEnterpriseProjectID is the enterprise project of what is not put into another.
const defaultEnterpriseProjectID = "0"

// defaultKMSKeyID is the key that protects secrets for which none is chosen.
const defaultKMSKeyID = "5ec7e700-0000-4000-8000-0000000000aa"

var (
	secretNamePattern = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)
	// The service once took dots, and secrets named so may still exist.
	oldSecretNamePattern = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,64}$`)
	stageNamePattern     = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)
	// The definitions show ids with hyphens, the samples without.
	kmsKeyIDPattern  = regexp.MustCompile(`^[0-9a-z]{8}(-[0-9a-z]{4}){3}-[0-9a-z]{12}$|^[0-9a-z]{32}$`)
	versionIDPattern = regexp.MustCompile(`^v[0-9]{1,10}$`)
)

// secret is a secret in the store. Secret.Versions is kept in numeric order, and the stages are in
// stages alone.
type secret struct {
	Secret

	stages        map[string]stage
	distinctTimes bool // Whether versions are dated at least a second apart.
}

type stage struct {
	version string
	updated time.Time
}

func isBuiltIn(stageName string) bool { return stageName == stageCurrent || stageName == stagePrevious }

func versionNumber(id string) int64 {
	n, err := strconv.ParseInt(strings.TrimPrefix(id, "v"), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// put stores a valid seed in place of the secret of its name, if there is one.
func (p *Project) put(seed Secret, now time.Time) *secret {
	s := &secret{Secret: seed.clone(), stages: map[string]stage{}, distinctTimes: p.server.cfg.distinctTimes}
	p.created++
	s.ID = cmp.Or(s.ID, resourceID(p.id, s.Name, p.created))
	s.State = cmp.Or(s.State, stateEnabled)
	s.KMSKeyID = cmp.Or(s.KMSKeyID, defaultKMSKeyID)
	s.Type = cmp.Or(s.Type, typeCommon)
	s.EnterpriseProjectID = cmp.Or(s.EnterpriseProjectID, defaultEnterpriseProjectID)
	s.ScheduledDeleteTime = wholeSeconds(s.ScheduledDeleteTime, time.Time{})
	s.Versions, s.StageUpdateTimes = nil, nil
	for _, v := range seed.Versions {
		s.putVersion(v, seed.StageUpdateTimes, now)
	}
	created, updated := now, now
	if len(s.Versions) > 0 {
		byTime := func(a, b Version) int { return a.CreateTime.Compare(b.CreateTime) }
		created = slices.MinFunc(s.Versions, byTime).CreateTime
		updated = slices.MaxFunc(s.Versions, byTime).CreateTime
	}
	s.CreateTime = wholeSeconds(s.CreateTime, created)
	s.UpdateTime = wholeSeconds(s.UpdateTime, updated)
	slices.SortFunc(s.Versions, func(a, b Version) int { return cmp.Compare(versionNumber(a.ID), versionNumber(b.ID)) })
	p.secrets[s.Name] = s
	return s
}

// putVersion adds a version as it is given, with the number and the times it names.
func (s *secret) putVersion(v Version, updated map[string]time.Time, now time.Time) {
	v.KMSKeyID = cmp.Or(v.KMSKeyID, s.KMSKeyID)
	v.CreateTime = wholeSeconds(v.CreateTime, now)
	v.ExpireTime = wholeSeconds(v.ExpireTime, time.Time{})
	for _, name := range v.Stages {
		s.stages[name] = stage{version: v.ID, updated: wholeSeconds(updated[name], v.CreateTime)}
	}
	v.Stages = nil
	s.LastVersion = max(s.LastVersion, versionNumber(v.ID))
	s.Versions = append(s.Versions, v)
}

// wholeSeconds returns a time as the service keeps it, or the other one if it is not set.
func wholeSeconds(t, unlessSet time.Time) time.Time {
	if t.IsZero() {
		t = unlessSet
	}
	return t.UTC().Truncate(time.Second)
}

func (s *secret) version(id string) *Version {
	for i := range s.Versions {
		if s.Versions[i].ID == id {
			return &s.Versions[i]
		}
	}
	return nil
}

func (s *secret) newest() *Version {
	if len(s.Versions) == 0 {
		return nil
	}
	return &s.Versions[len(s.Versions)-1]
}

// stagesOf lists the stages of a version by name; never nil.
func (s *secret) stagesOf(versionID string) []string {
	names := []string{}
	for _, name := range sortedKeys(s.stages) {
		if s.stages[name].version == versionID {
			names = append(names, name)
		}
	}
	return names
}

// create stores a version under the next number and moves its stages to it, or those that the
// service moves by itself if it names none. It returns the version's id.
func (s *secret) create(v Version, now time.Time) string {
	names := v.Stages
	s.LastVersion++
	v.ID = "v" + strconv.FormatInt(s.LastVersion, 10)
	v.CreateTime = s.nextCreateTime(now)
	v.KMSKeyID = s.KMSKeyID
	v.Stages = nil
	s.Versions = append(s.Versions, v)
	s.UpdateTime = wholeSeconds(now, now)
	for _, name := range names {
		s.setStage(name, v.ID, now)
	}
	if len(names) == 0 {
		s.rotateStages(v.ID, now)
	}
	return v.ID
}

// nextCreateTime dates a version that is made now.
func (s *secret) nextCreateTime(now time.Time) time.Time {
	at := now.Truncate(time.Second)
	if before := s.newest(); s.distinctTimes && before != nil && !at.After(before.CreateTime) {
		return before.CreateTime.Add(time.Second)
	}
	return at
}

// rotateStages moves SYSCURRENT to a new version, and SYSPREVIOUS to the one that had it.
func (s *secret) rotateStages(versionID string, now time.Time) {
	if current, ok := s.stages[stageCurrent]; ok {
		s.setStage(stagePrevious, current.version, now)
	}
	s.setStage(stageCurrent, versionID, now)
}

// setStage moves a stage to a version, and so takes it from the one it was on.
func (s *secret) setStage(name, versionID string, now time.Time) {
	s.stages[name] = stage{version: versionID, updated: now.Truncate(time.Second)}
}

// wouldExceedStageLimit reports whether setting these stages makes too many of them.
func (s *secret) wouldExceedStageLimit(stages []string, builtInsCount bool) bool {
	names := map[string]bool{}
	for _, name := range slices.AppendSeq(slices.Clone(stages), maps.Keys(s.stages)) {
		if builtInsCount || !isBuiltIn(name) {
			names[name] = true
		}
	}
	return len(names) > maxStages
}

// snapshot copies the secret for the world outside.
func (s *secret) snapshot() Secret {
	copied := s.clone()
	copied.StageUpdateTimes = map[string]time.Time{}
	for name, at := range s.stages {
		copied.StageUpdateTimes[name] = at.updated
	}
	for i := range copied.Versions {
		copied.Versions[i].Stages = s.stagesOf(copied.Versions[i].ID)
	}
	return copied
}

// resourceID makes an id of the form that resources have, the same in every run.
func resourceID(projectID, name string, serial uint64) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%s/%d", projectID, name, serial))
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:32]
}
