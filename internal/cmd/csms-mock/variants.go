package main

import (
	"net/http"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// choices are the variants that have a few values.
var choices = []struct {
	name, usage string
	options     map[string]csmstest.Option
}{
	{
		"not-found-status", "respond with `404` or 400 for what does not exist. The calls' pages list 404,\n" +
			"the table of error codes has 400 (default 404)",
		map[string]csmstest.Option{
			"404": csmstest.WithNotFoundStatus(http.StatusNotFound),
			"400": csmstest.WithNotFoundStatus(http.StatusBadRequest),
		},
	},
	{
		"last-page-marker", "mark the last page of a list by a next_marker that is `absent`, null, empty or\n" +
			"last-id. The documentation shows no last page (default absent)",
		map[string]csmstest.Option{
			"absent":  csmstest.WithLastPageMarker(csmstest.MarkerAbsent),
			"null":    csmstest.WithLastPageMarker(csmstest.MarkerNull),
			"empty":   csmstest.WithLastPageMarker(csmstest.MarkerEmpty),
			"last-id": csmstest.WithLastPageMarker(csmstest.MarkerLastID),
		},
	},
	{
		"version-order",
		"list versions in `ascending` or descending order. The documentation names none\n(default ascending)",
		map[string]csmstest.Option{
			"ascending":  csmstest.WithVersionOrder(csmstest.Ascending),
			"descending": csmstest.WithVersionOrder(csmstest.Descending),
		},
	},
}

// variants are on or off.
var variants = []struct {
	name, usage string
	option      csmstest.Option
}{
	{"service-refuses-tokens", "refuse bad tokens as the service does, 403 KMS.0302 or KMS.0303, not as the\n" +
		"gateway, 401 APIGW.0301. Both are documented", csmstest.WithTokensRefusedByService()},
	{"seconds", "respond with timestamps in seconds, as the documentation says, not in\n" +
		"milliseconds, as its samples are and real clients read", csmstest.WithSecondsTimestamps()},
	{"omit-expire-time", "leave expire_time out of the response that sets it, as the sample in the\n" +
		"documentation does", csmstest.WithoutExpireTimeInAnswer()},
	{"null-expire-time", "send null for an expiry that is not set. The samples leave it out; the\n" +
		"documentation calls it empty", csmstest.WithNullExpireTime()},
	{"clear-expiry", "let an expire_time of 0 or null remove an expiry. No page says how to remove\n" +
		"one, and none forbids 0", csmstest.WithExpiryClearing()},
	{"keep-update-time", "leave a stage's update_time alone when it is put where it is already. Nothing\n" +
		"is known about it", csmstest.WithUpdateTimeKeptOnSameVersion()},
	{"previous-follows-current", "move SYSPREVIOUS to the version that SYSCURRENT is moved away from. It is\n" +
		"documented for new versions only", csmstest.WithPreviousFollowingCurrent()},
	{"built-ins-uncounted", "leave SYSCURRENT and SYSPREVIOUS out of the 12 stages a secret may have. The\n" +
		"documentation can be read either way", csmstest.WithBuiltInsOutsideStageLimit()},
	{"create-stage-by-post", "let only POST create stages. The page of that call is newer than clients which\n" +
		"create them by PUT, and does not say what became of that", csmstest.WithStageCreationByPostOnly()},
	{"refuse-existing-stage", "respond with 400 CSMS.0002 to POST of a stage that exists, instead of moving\n" +
		"it. The page of that call says nothing of it", csmstest.WithExistingStageRefused()},
	{"delete-missing-stage", "respond with 204 to the deletion of a stage that does not exist. The main\n" +
		"provider's code hints at it; the pages list 404", csmstest.WithMissingStageDeleteOK()},
	{"collect-unstaged", "delete versions without stages before the next request. The service may do\n" +
		"so; when it does is not said", csmstest.WithUnlabelledVersionCollection()},
	{"inactive-reads-refused", "refuse to list the versions and read the stages of a secret that is not\n" +
		"ENABLED. Pages of other calls have this rule, those of these calls do not",
		csmstest.WithInactiveSecretReadsRefused()},
	{"inactive-stage-writes", "let stages be moved and deleted whatever the secret's state. The pages of\n" +
		"these calls name no state", csmstest.WithInactiveSecretStageWrites()},
}
