package main

import (
	"flag"
	"net/http"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// disputes gives a flag for each point on which what is known of the service does not decide.
func (s *settings) disputes() group {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	s.answerDisputes(flags)
	s.timeDisputes(flags)
	s.stageDisputes(flags)
	s.stateDisputes(flags)
	return group{"Where the documentation of the service is silent or contradicts itself, play it otherwise:", flags}
}

func (s *settings) answerDisputes(flags *flag.FlagSet) {
	s.choose(flags, "not-found-status",
		"answer `404` or 400 for what does not exist. The calls' pages list 404, the table of error codes has 400 (default 404)",
		map[string]csmstest.Option{
			"404": csmstest.WithNotFoundStatus(http.StatusNotFound),
			"400": csmstest.WithNotFoundStatus(http.StatusBadRequest),
		})
	s.choose(flags, "last-page-marker",
		"mark the last page of a list by a next_marker that is `absent`, null, empty or last-id. The documentation shows no last page\n"+
			"(default absent)",
		map[string]csmstest.Option{
			"absent":  csmstest.WithLastPageMarker(csmstest.MarkerAbsent),
			"null":    csmstest.WithLastPageMarker(csmstest.MarkerNull),
			"empty":   csmstest.WithLastPageMarker(csmstest.MarkerEmpty),
			"last-id": csmstest.WithLastPageMarker(csmstest.MarkerLastID),
		})
	s.choose(flags, "version-order",
		"list versions in `ascending` or descending order. The documentation names none (default ascending)",
		map[string]csmstest.Option{
			"ascending":  csmstest.WithVersionOrder(csmstest.Ascending),
			"descending": csmstest.WithVersionOrder(csmstest.Descending),
		})
	s.flip(flags, "service-refuses-tokens",
		"refuse bad tokens as the service does, 403 KMS.0302 or KMS.0303, not as the gateway, 401 APIGW.0301. Both are documented",
		csmstest.WithTokensRefusedByService())
}

func (s *settings) timeDisputes(flags *flag.FlagSet) {
	s.flip(flags, "seconds",
		"answer with timestamps in seconds, as the documentation says, not in milliseconds, as its samples are and real clients read",
		csmstest.WithSecondsTimestamps())
	s.flip(flags, "omit-expire-time",
		"leave expire_time out of the answer that sets it, as the sample in the documentation does", csmstest.WithoutExpireTimeInAnswer())
	s.flip(flags, "null-expire-time",
		"send null for an expiry that is not set. The samples leave it out; the documentation calls it empty", csmstest.WithNullExpireTime())
	s.flip(flags, "clear-expiry",
		"let an expire_time of 0 or null remove an expiry. No page says how to remove one, and none forbids 0", csmstest.WithExpiryClearing())
	s.flip(flags, "keep-update-time",
		"leave a label's update_time alone when it is put where it is already. Nothing is known about it",
		csmstest.WithUpdateTimeKeptOnSameVersion())
}

func (s *settings) stageDisputes(flags *flag.FlagSet) {
	s.flip(flags, "previous-follows-current",
		"move SYSPREVIOUS to the version that SYSCURRENT is moved away from. It is documented for new versions only",
		csmstest.WithPreviousFollowingCurrent())
	s.flip(flags, "built-ins-uncounted",
		"leave SYSCURRENT and SYSPREVIOUS out of the 12 labels a secret may have. The documentation can be read either way",
		csmstest.WithBuiltInsOutsideStageLimit())
	s.flip(flags, "create-stage-by-post",
		"let only POST create labels. The page of that call is newer than clients which create them by PUT, and does not say what\n"+
			"became of that",
		csmstest.WithStageCreationByPostOnly())
	s.flip(flags, "refuse-existing-stage",
		"answer 400 CSMS.0002 to POST of a label that exists, instead of moving it. The page of that call says nothing of it",
		csmstest.WithExistingStageRefused())
	s.flip(flags, "delete-missing-stage",
		"answer 204 to the deletion of a label that does not exist. The main provider's code hints at it; the pages list 404",
		csmstest.WithMissingStageDeleteOK())
	s.flip(flags, "collect-unlabelled",
		"delete versions without labels before the next request. The service may do so; when it does is not said",
		csmstest.WithUnlabelledVersionCollection())
}

func (s *settings) stateDisputes(flags *flag.FlagSet) {
	s.flip(flags, "inactive-reads-refused",
		"refuse to list the versions and read the labels of a secret that is not ENABLED. Pages of other calls have this rule,\n"+
			"those of these calls do not",
		csmstest.WithInactiveSecretReadsRefused())
	s.flip(flags, "inactive-stage-writes",
		"let labels be moved and deleted whatever the secret's state. The pages of these calls name no state",
		csmstest.WithInactiveSecretStageWrites())
}
