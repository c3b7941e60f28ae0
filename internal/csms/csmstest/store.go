package csmstest

import (
	"cmp"
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
)

// Labels that the service sets itself and does not let anybody delete.
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

var (
	secretNamePattern = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)
	// The service once took dots, and secrets named so may still exist.
	oldSecretNamePattern = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,64}$`)
	stageNamePattern     = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)
	versionIDPattern     = regexp.MustCompile(`^v[0-9]{1,10}$`)
)

// Project holds the secrets of one project. Its methods are those of somebody else at work: they change secrets at once, without a
// request, and are bound by no state or limit of the service. They panic if the secret or version they name does not exist, for that
// is a mistake of the test.
type Project struct {
	server   *Server
	id       string
	name     string
	domainID string
	created  uint64
	secrets  map[string]*secret
}

// secret is a secret with its labels. Secret.Versions is kept in numeric order, and the labels are in labels alone.
type secret struct {
	Secret

	labels map[string]label
	last   int64 // The highest version number ever given out: numbers are not used again.
	apart  bool  // Whether versions are dated at least a second apart.
}

type label struct {
	version string
	updated time.Time
}

func isBuiltIn(stage string) bool { return stage == stageCurrent || stage == stagePrevious }

func number(versionID string) int64 {
	n, err := strconv.ParseInt(strings.TrimPrefix(versionID, "v"), 10, 64)
	if err != nil {
		return 0
	}
	return n
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

// labelsOf lists the labels on a version by name; never nil.
func (s *secret) labelsOf(versionID string) []string {
	names := []string{}
	for _, name := range slices.Sorted(maps.Keys(s.labels)) {
		if s.labels[name].version == versionID {
			names = append(names, name)
		}
	}
	return names
}

// addVersion stores a new version under the next number, without labels.
func (s *secret) addVersion(v Version, now time.Time) *Version {
	s.last++
	v.ID = "v" + strconv.FormatInt(s.last, 10)
	v.CreateTime = s.nextCreateTime(now)
	v.KMSKeyID = s.KMSKeyID
	v.Stages = nil
	s.Versions = append(s.Versions, v)
	s.touch(now)
	return s.newest()
}

// nextCreateTime dates a version that is made now.
func (s *secret) nextCreateTime(now time.Time) time.Time {
	at := now.Truncate(time.Second)
	if before := s.newest(); s.apart && before != nil && !at.After(before.CreateTime) {
		return before.CreateTime.Add(time.Second)
	}
	return at
}

// succeed labels a new version the way the service does unless it is told which labels to use.
func (s *secret) succeed(versionID string, now time.Time) {
	if current, ok := s.labels[stageCurrent]; ok {
		s.place(stagePrevious, current.version, now)
	}
	s.place(stageCurrent, versionID, now)
}

// place puts a label on a version, and so takes it from the one it was on.
func (s *secret) place(stage, versionID string, now time.Time) {
	s.labels[stage] = label{version: versionID, updated: now.Truncate(time.Second)}
}

// wouldExceedStageLimit tells whether labelling with these names makes too many labels.
func (s *secret) wouldExceedStageLimit(stages []string, builtInsCount bool) bool {
	names := map[string]bool{}
	for _, name := range slices.AppendSeq(slices.Clone(stages), maps.Keys(s.labels)) {
		if builtInsCount || !isBuiltIn(name) {
			names[name] = true
		}
	}
	return len(names) > maxStages
}

func (s *secret) deleteVersion(id string) {
	s.Versions = slices.DeleteFunc(s.Versions, func(v Version) bool { return v.ID == id })
	maps.DeleteFunc(s.labels, func(_ string, l label) bool { return l.version == id })
}

func (s *secret) collectUnlabelled() (collected bool) {
	before := len(s.Versions)
	s.Versions = slices.DeleteFunc(s.Versions, func(v Version) bool { return len(s.labelsOf(v.ID)) == 0 })
	return len(s.Versions) < before
}

func (s *secret) touch(now time.Time) { s.UpdateTime = now.Truncate(time.Second) }

// snapshot copies the secret for the world outside.
func (s *secret) snapshot() Secret {
	copied := s.Secret
	copied.EventSubscriptions = slices.Clone(s.EventSubscriptions)
	copied.Tags = maps.Clone(s.Tags)
	copied.Versions = slices.Clone(s.Versions)
	for i := range copied.Versions {
		copied.Versions[i].Stages = s.labelsOf(copied.Versions[i].ID)
	}
	return copied
}

func byNumber(a, b Version) int { return cmp.Compare(number(a.ID), number(b.ID)) }
