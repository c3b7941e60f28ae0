package csms_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

// inParallel makes many calls at once and returns their errors.
func inParallel(t *testing.T, client *csms.Client, calls int) []error {
	t.Helper()
	errs := make([]error, calls)
	var done sync.WaitGroup
	for i := range calls {
		done.Go(func() { _, errs[i] = client.ListVersions(t.Context(), "db") })
	}
	done.Wait()
	return errs
}

func TestAWrongKeyIsTriedOnceHoweverManyCallsThereAre(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.config.SecretKey = "wrong"
	s.config.RetryWaitMin, s.config.RetryWaitMax = time.Hour, time.Hour // nobody waits to be refused again
	client := s.client(t)
	for _, err := range append(inParallel(t, client, 20), inParallel(t, client, 1)...) {
		if csms.ReasonOf(err) != csms.ReasonCredentials || !strings.Contains(err.Error(), "APIGW.0301") {
			t.Errorf("the error is %v", err)
		}
	}
	if n := len(s.Requests()); n != 1 {
		t.Errorf("%d requests were sent with a wrong key, want 1", n)
	}
}

func TestARightKeyIsUsedByManyCallsAtOnceAfterTheFirst(t *testing.T) {
	t.Parallel()
	s := newService(t)
	client := s.client(t)
	if err := inParallel(t, client, 1)[0]; err != nil {
		t.Fatal(err)
	}
	var waiting sync.WaitGroup
	const calls = 8
	waiting.Add(calls)
	s.Fail(csmstest.Fault{Operation: "ListVersions", Times: calls, Do: func() { waiting.Done(); waiting.Wait() }})
	for _, err := range inParallel(t, client, calls) {
		if err != nil {
			t.Error(err)
		}
	}
}

func TestALostFirstAnswerLetsTheNextCallFindOut(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.config.MaxRetries = 0
	s.Fail(csmstest.Fault{Reset: true})
	client := s.client(t)
	if err := inParallel(t, client, 1)[0]; err == nil {
		t.Fatal("the lost answer is no error")
	}
	if err := inParallel(t, client, 1)[0]; err != nil {
		t.Error(err)
	}
}

// refusingEverything answers whatever comes next as a gateway does that does not like the signature or the token.
func refusingEverything(s *service) {
	s.Fail(csmstest.Fault{
		Times: -1, Status: http.StatusUnauthorized, Body: `{"error_code":"APIGW.0301","error_msg":"verify aksk signature fail"}`,
	})
}

func TestKeyRefusedInMidRunIsNotSentAgain(t *testing.T) {
	t.Parallel()
	s := newService(t)
	client := s.client(t)
	if err := inParallel(t, client, 1)[0]; err != nil {
		t.Fatal(err)
	}
	refusingEverything(s)
	if _, err := client.GetStage(t.Context(), "first", "GREEN"); csms.ReasonOf(err) != csms.ReasonCredentials {
		t.Fatalf("got %v", err)
	}
	s.ResetRequests()
	for _, err := range inParallel(t, client, 20) {
		e := errorOf(t, err)
		if csms.ReasonOf(e) != csms.ReasonCredentials || e.Attempts != 0 || !strings.Contains(e.Message, "nothing more is sent") {
			t.Errorf("got %v", e)
		}
		if e.Operation != csms.OperationListVersions || e.SecretName != "db" || e.Stage != "" {
			t.Errorf("the error is about another call: %v", e)
		}
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests were sent after the refusal", n)
	}
}

func TestExpiredTokenIsNotSentAgain(t *testing.T) {
	t.Parallel()
	s := newService(t, csmstest.WithToken("some-token"))
	s.config.AccessKey, s.config.SecretKey, s.config.Token = "", "", "some-token"
	client := s.client(t)
	if err := inParallel(t, client, 1)[0]; err != nil {
		t.Fatal(err)
	}
	s.Fail(csmstest.Fault{Times: -1, Status: http.StatusForbidden, Body: `{"error_code":"KMS.0303","error_msg":"expired"}`})
	for range 2 {
		if err := inParallel(t, client, 1)[0]; csms.ReasonOf(err) != csms.ReasonCredentials {
			t.Errorf("got %v", err)
		}
	}
	if n := len(s.Requests()); n != 2 {
		t.Errorf("%d requests were sent, want 2", n)
	}
}

func TestCallThatWaitsForItsNextAttemptDoesNotSendRefusedCredentials(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.Fail(csmstest.Fault{Operation: "ShowSecret", Status: http.StatusServiceUnavailable})
	var client *csms.Client
	// The other call is refused when the first attempt of this one has failed and its wait begins.
	s.config.OnAttempt = func(ctx context.Context, a huaweicloud.Attempt) {
		if a.Status == http.StatusServiceUnavailable {
			refusingEverything(s)
			_, _ = client.ListVersions(ctx, "db")
		}
	}
	client = s.client(t)
	if err := inParallel(t, client, 1)[0]; err != nil {
		t.Fatal(err)
	}
	_, err := client.GetSecret(t.Context(), "db")
	if e := errorOf(t, err); csms.ReasonOf(e) != csms.ReasonCredentials || e.Attempts != 1 {
		t.Errorf("got %v", e)
	}
	if n := s.Count("ShowSecret"); n != 1 {
		t.Errorf("%d attempts were sent, want 1", n)
	}
}

func TestCallsThatWaitForTheirTurnDoNotSendRefusedCredentials(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.config.MaxRequestsPerSecond = 4
	client := s.client(t)
	if err := inParallel(t, client, 1)[0]; err != nil {
		t.Fatal(err)
	}
	refusingEverything(s)
	for _, err := range inParallel(t, client, 4) {
		if csms.ReasonOf(err) != csms.ReasonCredentials {
			t.Errorf("got %v", err)
		}
	}
	if n := len(s.Requests()); n != 2 {
		t.Errorf("%d requests were sent, want the accepted one and one that was refused", n)
	}
}

func TestRenewedCredentialsThatAreRefusedTooAreNotSentAgain(t *testing.T) {
	t.Parallel()
	for name, tt := range issuing() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newIdentityService(t)
			tt.change(&s.config)
			client := s.client(t)
			s.Fail(csmstest.Fault{
				Operation: "ShowSecret", Times: -1, Status: http.StatusUnauthorized, Body: `{"error_code":"APIGW.0301","error_msg":"no"}`,
			})
			for range 5 {
				_, err := client.GetSecret(t.Context(), "db")
				if csms.ReasonOf(err) != csms.ReasonCredentials {
					t.Errorf("got %v", err)
				}
			}
			if sent, issued := s.Count("ShowSecret"), s.granted(tt.issue); sent != 2 || issued != 2 {
				t.Errorf("%d requests with credentials issued %d times, want 2 and 2", sent, issued)
			}
		})
	}
}

func TestRefusedIDTokenIsPresentedOnce(t *testing.T) {
	t.Parallel()
	s := newIdentityService(t)
	withOIDC(&s.config)
	s.config.OIDC.IDToken = "wrong-id-token"
	client := s.client(t)
	for _, err := range append(inParallel(t, client, 10), inParallel(t, client, 1)...) {
		if e := errorOf(t, err); e.StatusCode != http.StatusUnauthorized || e.Operation != csms.OperationLogin {
			t.Errorf("got %v", err)
		}
	}
	if n := s.Count("CreateTokenWithIdToken"); n != 1 {
		t.Errorf("%d logins", n)
	}
}

func TestRefusedKeyIsNotTriedInOtherRegionsButATokenIs(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*huaweicloud.Config)
		hosts  []string
	}{
		"access key": {func(*huaweicloud.Config) {}, []string{"cn-north-4.invalid"}},
		"token": {
			func(c *huaweicloud.Config) { c.AccessKey, c.SecretKey, c.Token = "", "", "some-token" },
			[]string{"cn-north-4.invalid", "cn-south-1.invalid"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := configFor("http://{region}.invalid")
			tt.change(&cfg)
			var hosts []string
			cfg.Hooks.RoundTrip = func(r *http.Request) (*http.Response, error) {
				hosts = append(hosts, r.URL.Host)
				return &http.Response{StatusCode: http.StatusUnauthorized, Header: http.Header{}, Body: http.NoBody}, nil
			}
			client := newClient(t, cfg)
			for _, region := range []string{"cn-north-4", "cn-south-1", "cn-north-4"} {
				other, err := client.InRegion(region)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := other.GetStage(t.Context(), "db", "GREEN"); csms.ReasonOf(err) != csms.ReasonCredentials {
					t.Errorf("%s: %v", region, err)
				}
			}
			if !slices.Equal(hosts, tt.hosts) {
				t.Errorf("asked %v, want %v", hosts, tt.hosts)
			}
		})
	}
}
