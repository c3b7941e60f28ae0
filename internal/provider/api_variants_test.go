package provider_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// stageVariants are services that read the API's documentation differently where it is silent or
// contradicts itself.
func stageVariants() map[string][]csmstest.Option {
	return map[string][]csmstest.Option{
		"as documented":                          nil,
		"what is missing is 400":                 {csmstest.WithNotFoundStatus(http.StatusBadRequest)},
		"a missing stage is deleted":             {csmstest.WithMissingStageDeleteOK()},
		"update_time stays on a PUT again":       {csmstest.WithUpdateTimeKeptOnSameVersion()},
		"SYSPREVIOUS follows SYSCURRENT":         {csmstest.WithPreviousFollowingCurrent()},
		"only POST creates stages":               {csmstest.WithStageCreationByPostOnly()},
		"times are in seconds":                   {csmstest.WithSecondsTimestamps()},
		"newest version first":                   {csmstest.WithVersionOrder(csmstest.Descending)},
		"last page has null marker":              {csmstest.WithLastPageMarker(csmstest.MarkerNull)},
		"last page has empty marker":             {csmstest.WithLastPageMarker(csmstest.MarkerEmpty)},
		"last page has last id as marker":        {csmstest.WithLastPageMarker(csmstest.MarkerLastID)},
		"built-in stages are not counted":        {csmstest.WithBuiltInsOutsideStageLimit()},
		"versions without a stage are collected": {csmstest.WithUnlabelledVersionCollection()},
		"everything the other way round": {
			csmstest.WithNotFoundStatus(http.StatusBadRequest), csmstest.WithMissingStageDeleteOK(),
			csmstest.WithUpdateTimeKeptOnSameVersion(), csmstest.WithPreviousFollowingCurrent(),
			csmstest.WithStageCreationByPostOnly(), csmstest.WithSecondsTimestamps(),
			csmstest.WithVersionOrder(csmstest.Descending), csmstest.WithLastPageMarker(csmstest.MarkerLastID),
			csmstest.WithBuiltInsOutsideStageLimit(), csmstest.WithInactiveSecretStageWrites(),
		},
	}
}

// forEachAPIVariant runs a test against a service of each kind that has the secret "db", in which
// every version has a stage: v1 SYSPREVIOUS, v2 SYSCURRENT, v3 KEEP. No two requests come in the
// same second there, so that a time that changes is seen to.
func forEachAPIVariant(t *testing.T, test func(*testing.T, *mock)) {
	t.Helper()
	for name, opts := range stageVariants() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t, opts...)
			m.SetClock(ticking())
			m.MoveStage("db", "KEEP", "v3")
			test(t, m)
		})
	}
}

// ticking is a clock that goes on by a second whenever somebody looks.
func ticking() func() time.Time {
	var looks atomic.Int64
	return func() time.Time { return time.Unix(1_900_000_000+looks.Add(1), 0) }
}

// expiryVariants are services that read the API's documentation of versions and their expiry
// differently where it is silent or contradicts itself.
func expiryVariants() map[string][]csmstest.Option {
	return map[string][]csmstest.Option{
		"as documented":         nil,
		"missing is 400":        {csmstest.WithNotFoundStatus(http.StatusBadRequest)},
		"answer without expiry": {csmstest.WithoutExpireTimeInAnswer()},
		"timestamps in seconds": {csmstest.WithSecondsTimestamps()},
		"no expiry is null":     {csmstest.WithNullExpireTime()},
		"0 clears an expiry":    {csmstest.WithExpiryClearing()},
		"newest first":          {csmstest.WithVersionOrder(csmstest.Descending)},
		"last marker null":      {csmstest.WithLastPageMarker(csmstest.MarkerNull)},
		"last marker empty":     {csmstest.WithLastPageMarker(csmstest.MarkerEmpty)},
		"last marker is an id":  {csmstest.WithLastPageMarker(csmstest.MarkerLastID)},
		"all at once": {
			csmstest.WithNotFoundStatus(http.StatusBadRequest), csmstest.WithoutExpireTimeInAnswer(), csmstest.WithSecondsTimestamps(),
			csmstest.WithNullExpireTime(), csmstest.WithVersionOrder(csmstest.Descending), csmstest.WithLastPageMarker(csmstest.MarkerLastID),
		},
	}
}

// forEachExpiryVariant runs a test against a service of each kind that has the secret "db".
func forEachExpiryVariant(t *testing.T, test func(t *testing.T, m *mock)) {
	t.Helper()
	for name, options := range expiryVariants() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newSecret(t, options...))
		})
	}
}
