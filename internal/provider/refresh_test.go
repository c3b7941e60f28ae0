package provider_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
)

// fifty is two stages and two expiries on each of fifty secrets.
const fifty = `
resource "csms_secret_stage" "all" {
  for_each = { for pair in setproduct(range(50), ["BLUE", "GREEN"]) : "${pair[0]}-${pair[1]}" => pair }

  secret_name = "secret-${each.value[0]}"
  name        = each.value[1]
  version_id  = "v1"
}

resource "csms_secret_version_expiry" "all" {
  for_each = { for pair in setproduct(range(50), ["v1", "v2"]) : "${pair[0]}-${pair[1]}" => pair }

  secret_name = "secret-${each.value[0]}"
  version_id  = each.value[1]
  expire_time = "2090-01-01T00:00:00Z"
}
`

func newFiftySecrets(t *testing.T) *mock {
	t.Helper()
	m := newMock(t)
	for i := range 50 {
		secret := secretDB()
		secret.Name = fmt.Sprintf("secret-%d", i)
		m.PutSecret(secret)
	}
	return m
}

func TestRefresh_CostsOneCallPerSecretAndOnePerStageThatMoved(t *testing.T) {
	t.Parallel()
	m := newFiftySecrets(t)
	c := newCLI(t, m, fifty)
	c.must("apply", "-auto-approve", "-parallelism=50")
	if n := m.Count("PutStage") + m.Count("UpdateVersion"); n != 200 {
		t.Fatalf("the apply wrote %d times, want 200 times", n)
	}
	m.ResetRequests()
	if output, code := c.run("plan", "-detailed-exitcode", "-no-color"); code != 0 {
		t.Fatalf("the plan after the apply exits with %d:\n%s", code, output)
	}
	m.assertRequests(t, map[string]int{"ListProjects": 1, "ListVersions": 50})

	for _, secret := range []string{"secret-7", "secret-8", "secret-9"} {
		m.MoveStage(secret, "BLUE", "v3")
	}
	m.ResetRequests()
	if output, code := c.run("plan", "-detailed-exitcode", "-no-color"); code != 2 || !strings.Contains(output, "0 to add, 3 to change, 0 to destroy") {
		t.Fatalf("the plan after three stages moved exits with %d:\n%s", code, output)
	}
	m.assertRequests(t, map[string]int{"ListProjects": 1, "ListVersions": 50, "ShowStage": 3})
}

func TestRefresh_ConcurrentRefreshSharesOneCall(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	m.setExpiry(t, "v1", year2090)
	m.Fail(csmstest.Fault{Operation: "ListVersions", Delay: 50 * time.Millisecond})
	s := newTFServer(t, m)
	var done sync.WaitGroup
	for range 20 {
		done.Go(func() { s.refreshes(managedExpiry(year2090)) })
		done.Go(func() { s.refreshes(managedStage("SYSCURRENT", "v2")) })
	}
	done.Wait()
	m.assertRequests(t, map[string]int{"ListProjects": 1, "ListVersions": 1})
}

func TestRefresh_ProjectThatIsGivenIsNotLookedUp(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	s := newTFServerWith(t, with(m.settings(), "project_id", csmstest.DefaultProjectID))
	s.create(expiryType, expiry("v1", year2090))
	s.create(stageType, stage("GREEN", "v1"))
	if n := m.Count("ListProjects"); n > 0 {
		t.Errorf("the project was looked up %d times", n)
	}
}

func TestRefresh_NextWalkAsksAnew(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	for walks := 1; walks <= 2; walks++ {
		s := newTFServer(t, m)
		s.refreshes(managedStage("SYSCURRENT", "v2"))
		if n := m.Count("ListVersions"); n != walks {
			t.Errorf("after %d walks the versions were listed %d times", walks, n)
		}
	}
}

func TestRefresh_DataSourcesAskTheServiceEachTime(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		typeName, operation string
		config              map[string]any
	}{
		"version":  {versionType, "ListVersions", inSecretDB(nil)},
		"versions": {versionsType, "ListVersions", inSecretDB(nil)},
		"stage":    {stageType, "ShowStage", inSecretDB(map[string]any{"name": "SYSCURRENT"})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecret(t)
			s := newTFServer(t, m)
			s.refreshes(managedStage("SYSCURRENT", "v2"))
			m.ResetRequests()
			for range 3 {
				s.must(failing(s.readData(tt.typeName, tt.config)))
			}
			m.assertRequests(t, map[string]int{tt.operation: 3})
		})
	}
}

func TestRefresh_DataSourceSeesWhatAnotherProviderHasJustWritten(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	s := newTFServer(t, m)
	s.refreshes(managedStage("SYSCURRENT", "v2"))
	m.AddVersion("db")
	got, diagnostics := s.readData(versionsType, inSecretDB(nil))
	s.must(diagnostics)
	if got["latest_version_id"] != "v4" {
		t.Errorf("found %v, want the new version v4", got)
	}
}

func TestRefresh_WriteDropsWhatIsRememberedOfItsSecretAlone(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(*tfServer) []*tfprotov6.Diagnostic{
		"expiry": func(s *tfServer) []*tfprotov6.Diagnostic {
			return failing(s.change(managedExpiry(year2090), expiry("v1", farther)))
		},
		"stage": func(s *tfServer) []*tfprotov6.Diagnostic {
			return failing(s.change(managedStage("SYSCURRENT", "v2"), stage("SYSCURRENT", "v3")))
		},
		"stage deletion": func(s *tfServer) []*tfprotov6.Diagnostic { return failing(s.change(managedStage("BLUE", "v1"), nil)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newSecrets(t)
			m.MoveStage("db", "BLUE", "v1")
			other := managedStage("SYSCURRENT", "v1")
			other.state["secret_name"] = "api"
			s := newTFServer(t, m)
			s.refreshes(managedExpiry(year2090))
			s.refreshes(other)
			s.must(write(s))
			m.ResetRequests()
			s.refreshes(other)
			m.assertRequests(t, map[string]int{})
			s.refreshes(managedExpiry(year2090))
			s.refreshes(managedExpiry(year2090))
			m.assertRequests(t, map[string]int{"ListVersions": 1})
		})
	}
}

func TestRefresh_ThatFailedIsNotRemembered(t *testing.T) {
	t.Parallel()
	m := newSecret(t)
	m.setExpiry(t, "v1", year2090)
	m.Fail(csmstest.Fault{Operation: "ListVersions", Status: http.StatusForbidden})
	s := newTFServer(t, m)
	if _, diagnostics := s.read(managedExpiry(year2090)); errorsOf(diagnostics) == "" {
		t.Error("the first refresh succeeded")
	}
	i, diagnostics := s.read(managedExpiry(year2090))
	s.must(diagnostics)
	if i.state["expire_time"] != year2090 {
		t.Error(i.state)
	}
}

func TestRefresh_OfOneSecretDoesNotWaitForAnother(t *testing.T) {
	t.Parallel()
	m := newSecrets(t)
	arrived, release := make(chan struct{}), make(chan struct{})
	m.Fail(csmstest.Fault{Operation: "ListVersions", Do: func() { close(arrived); <-release }})
	s := newTFServer(t, m)
	var done sync.WaitGroup
	done.Go(func() { s.refreshes(managedExpiry(year2090)) })
	other := managedExpiry(year2090)
	other.state["secret_name"] = "api"
	<-arrived
	s.refreshes(other)
	close(release)
	done.Wait()
}

// refreshes expects a refresh to succeed. Unlike must, it may be called from any goroutine.
func (s *tfServer) refreshes(i instance) {
	s.t.Helper()
	if _, diagnostics := s.read(i); len(diagnostics) > 0 {
		s.t.Errorf("%s: %s", i.state["id"], errorsOf(diagnostics)+warningsOf(diagnostics))
	}
}
