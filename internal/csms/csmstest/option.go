package csmstest

import (
	"fmt"
	"net/http"
	"time"
)

// Option changes how a Server behaves. Most options choose one reading of a point on which the
// API's documentation is silent or contradicts itself.
type Option func(*config)

// LastPageMarker says what stands in page_info.next_marker when there is no further page.
type LastPageMarker int

// The forms of the last page's marker that clients must cope with.
const (
	MarkerAbsent LastPageMarker = iota // The field is left out.
	MarkerNull                         // The field is null.
	MarkerEmpty                        // The field is the empty string.
	MarkerLastID                       // The field names the last record, and the page after it is empty.
)

// VersionOrder says in which order versions are listed.
type VersionOrder int

// The orders in which versions may be listed; the documentation names none.
const (
	Ascending  VersionOrder = iota // By number, v1 first.
	Descending                     // By number, the newest first.
)

type config struct {
	clock          func() time.Time
	signatureClock func() time.Time
	projects       []projectConfig
	keys           map[string]accessKey
	tokens         map[string]bool
	users          []user
	agencies       []Agency

	identityProviders []identityProvider

	metadata       Metadata
	tokenLifetime  time.Duration
	observe        func(Request)
	save           func(Snapshot) error
	maxRequests    int
	withoutContent bool

	notFoundStatus          int
	lastPageMarker          LastPageMarker
	versionOrder            VersionOrder
	omitExpireTime          bool
	nullExpireTime          bool
	seconds                 bool
	previousFollows         bool
	updateTimeKept          bool
	expiryClearing          bool
	builtInsUncounted       bool
	missingStageDeleteOK    bool
	collectUnstaged         bool
	inactiveReadsRefused    bool
	inactiveStageWrites     bool
	stageCreationByPostOnly bool
	existingStageRefused    bool
	tokenRefusedByService   bool
	valuesAsStored          bool
	distinctTimes           bool
}

type projectConfig struct{ name, id, domainID string }

func defaultConfig() config {
	return config{
		clock:          time.Now,
		signatureClock: time.Now,
		projects:       []projectConfig{{name: DefaultRegion, id: DefaultProjectID, domainID: DefaultDomainID}},
		keys: map[string]accessKey{
			DefaultAccessKey: {secretKey: DefaultSecretKey, domainID: DefaultDomainID},
		},
		tokens:         map[string]bool{},
		users:          []user{{id: DefaultUserID, name: DefaultUserName, password: DefaultPassword}},
		tokenLifetime:  24 * time.Hour,
		notFoundStatus: http.StatusNotFound,
	}
}

// WithCredentials adds a permanent access key.
func WithCredentials(accessKey, secretKey string) Option {
	return WithTemporaryCredentials(accessKey, secretKey, "")
}

// WithTemporaryCredentials adds an access key that is valid only together with a security token,
// sent as X-Security-Token.
func WithTemporaryCredentials(accessKeyID, secretKey, securityToken string) Option {
	return func(c *config) {
		c.keys[accessKeyID] = accessKey{secretKey: secretKey, securityToken: securityToken, domainID: DefaultDomainID}
	}
}

// WithToken adds a token that is accepted as X-Auth-Token. Its scope is the default project.
func WithToken(token string) Option { return func(c *config) { c.tokens[token] = true } }

// WithUser adds an IAM user of the account DefaultDomainName, who can obtain tokens by name or id
// and password.
func WithUser(id, name, password string) Option {
	return func(c *config) { c.users = append(c.users, user{id: id, name: name, password: password}) }
}

// WithTokenLifetime sets how long tokens obtained from IAM are valid by the service's clock,
// instead of 24 hours.
func WithTokenLifetime(d time.Duration) Option { return func(c *config) { c.tokenLifetime = d } }

// WithProject adds a project with its own secrets to the default account. A project is named after
// its region; sub-projects are named region_name. Nothing keeps two projects from having one name,
// so that clients can be tested for what they make of it.
func WithProject(name, projectID string) Option {
	return func(c *config) {
		c.projects = append(c.projects, projectConfig{name: name, id: projectID, domainID: DefaultDomainID})
	}
}

// WithAgency adds an agency that can be assumed, and the projects of its account. It panics if a
// name or the account's id is missing.
func WithAgency(a Agency) Option {
	if a.Name == "" || a.DomainID == "" || a.DomainName == "" {
		panic("csmstest: an agency has a name and an account with id and name")
	}
	return func(c *config) {
		c.agencies = append(c.agencies, a)
		for name, id := range a.Projects {
			c.projects = append(c.projects, projectConfig{name: name, id: id, domainID: a.DomainID})
		}
	}
}

// WithIdentityProvider adds an identity provider of the default account and an ID token of its
// making.
func WithIdentityProvider(id, idToken string) Option {
	return func(c *config) {
		c.identityProviders = append(c.identityProviders, identityProvider{id: id, token: idToken})
	}
}

// WithMetadata gives the cloud server, whose metadata service this is too, an agency of the default
// account, and chooses the protocol. The default is MetadataWithoutAgency.
func WithMetadata(m Metadata) Option { return func(c *config) { c.metadata = m } }

// WithClock sets the service's clock, see Server.SetClock. The default is time.Now.
func WithClock(now func() time.Time) Option { return func(c *config) { c.clock = now } }

// WithSignatureClock sets the clock from which a signature's date may differ by at most 15 minutes.
// The default is time.Now.
func WithSignatureClock(now func() time.Time) Option {
	return func(c *config) { c.signatureClock = now }
}

// WithRequestLog calls observe after each request, with what Server.Requests would return of it.
// Calls may be concurrent.
func WithRequestLog(observe func(Request)) Option { return func(c *config) { c.observe = observe } }

// WithRequestLimit keeps only the last n requests for Server.Requests, so that a server that runs
// for long does not grow.
func WithRequestLimit(n int) Option { return func(c *config) { c.maxRequests = n } }

// WithoutContent keeps neither headers nor bodies for Server.Requests, so that a server that runs
// for long does not hold whatever it is sent.
func WithoutContent() Option { return func(c *config) { c.withoutContent = true } }

// WithSave calls save with all that the server holds after each change of it, before the change is
// answered, and while the server does nothing else. If it fails, the response is 500.
func WithSave(save func(Snapshot) error) Option { return func(c *config) { c.save = save } }

// WithNotFoundStatus sets the status of responses that say a secret, version or stage does not
// exist: 404, as the API's pages list and as is the default, or 400, as its error table has it. It
// panics for any other.
func WithNotFoundStatus(status int) Option {
	if status != http.StatusNotFound && status != http.StatusBadRequest {
		panic(fmt.Sprintf("csmstest: the status of a missing resource is 404 or 400, not %d", status))
	}
	return func(c *config) { c.notFoundStatus = status }
}

// WithoutExpireTimeInAnswer leaves expire_time out of the response to an update of a version, as in
// the documentation's sample.
func WithoutExpireTimeInAnswer() Option { return func(c *config) { c.omitExpireTime = true } }

// WithLastPageMarker chooses how lists mark their last page. The default is MarkerAbsent.
func WithLastPageMarker(m LastPageMarker) Option { return func(c *config) { c.lastPageMarker = m } }

// WithVersionOrder chooses the order of version lists. The default is Ascending.
func WithVersionOrder(o VersionOrder) Option { return func(c *config) { c.versionOrder = o } }

// WithPreviousFollowingCurrent moves SYSPREVIOUS to the version that SYSCURRENT leaves when
// SYSCURRENT is moved. By default only the creation of a version does so.
func WithPreviousFollowingCurrent() Option { return func(c *config) { c.previousFollows = true } }

// WithUpdateTimeKeptOnSameVersion leaves a stage's update_time alone when it is put on the version
// it is on already. By default it is set to the present.
func WithUpdateTimeKeptOnSameVersion() Option { return func(c *config) { c.updateTimeKept = true } }

// WithSecondsTimestamps responds with timestamps in seconds, as the documentation's prose says,
// instead of the milliseconds of its samples. Requests are read in milliseconds all the same.
func WithSecondsTimestamps() Option { return func(c *config) { c.seconds = true } }

// WithNullExpireTime sends null for an expire_time that is not set, instead of leaving it out.
func WithNullExpireTime() Option { return func(c *config) { c.nullExpireTime = true } }

// WithExpiryClearing lets an expire_time of 0 or null remove a version's expiry. By default both
// are refused with CSMS.0002.
func WithExpiryClearing() Option { return func(c *config) { c.expiryClearing = true } }

// WithBuiltInsOutsideStageLimit does not count SYSCURRENT and SYSPREVIOUS among the 12 stages that
// a secret may have.
func WithBuiltInsOutsideStageLimit() Option { return func(c *config) { c.builtInsUncounted = true } }

// WithMissingStageDeleteOK answers 204 to the deletion of a stage that does not exist, instead of
// CSMS.0005.
func WithMissingStageDeleteOK() Option { return func(c *config) { c.missingStageDeleteOK = true } }

// WithUnlabelledVersionCollection deletes versions without a stage before the next request is
// processed. By default they are kept.
func WithUnlabelledVersionCollection() Option { return func(c *config) { c.collectUnstaged = true } }

// WithInactiveSecretReadsRefused refuses the list of versions and the reading of stages unless the
// secret is ENABLED.
func WithInactiveSecretReadsRefused() Option {
	return func(c *config) { c.inactiveReadsRefused = true }
}

// WithInactiveSecretStageWrites lets stages be moved and deleted whatever the secret's state. By
// default it must be ENABLED, as for every other write.
func WithInactiveSecretStageWrites() Option { return func(c *config) { c.inactiveStageWrites = true } }

// WithStageCreationByPostOnly answers CSMS.0005 to PUT of a stage that does not exist yet; POST
// …/stages creates it.
func WithStageCreationByPostOnly() Option {
	return func(c *config) { c.stageCreationByPostOnly = true }
}

// WithExistingStageRefused answers CSMS.0002 to POST of a stage that exists, whatever version it is
// on. By default POST moves it, as
// PUT does. The API's pages name no code for it.
func WithExistingStageRefused() Option { return func(c *config) { c.existingStageRefused = true } }

// WithTokensRefusedByService refuses tokens as the service does (403 KMS.0302 or KMS.0303) instead
// of as the gateway does (401 APIGW.0301).
func WithTokensRefusedByService() Option { return func(c *config) { c.tokenRefusedByService = true } }

// WithValuesAsStored lets the plaintext call respond with the very value that was stored, which a
// client that manages values needs. By default each value is prefixed with PlaintextMark.
func WithValuesAsStored() Option { return func(c *config) { c.valuesAsStored = true } }

// WithDistinctVersionTimes dates each version at least a second after the one before. The service
// keeps whole seconds, so that versions made in quick succession share one, and a client that takes
// the version of the latest create_time for the newest picks a wrong one.
func WithDistinctVersionTimes() Option { return func(c *config) { c.distinctTimes = true } }
