package csms_test

import (
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/csms/terraform-provider-csms/internal/csms"
	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/huaweicloud"
)

func TestConfigurationThatCannotWorkIsRefused(t *testing.T) {
	t.Parallel()
	notPEM := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(notPEM, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		change func(*huaweicloud.Config)
		want   string
	}{
		"no region":           {func(c *huaweicloud.Config) { c.Region = "" }, "region"},
		"region as a path":    {func(c *huaweicloud.Config) { c.Region = "cn/../x" }, "region"},
		"project with slash":  {func(c *huaweicloud.Config) { c.ProjectID = "a/b" }, "project"},
		"endpoint scheme":     {func(c *huaweicloud.Config) { c.Endpoint = "ftp://x" }, "endpoint"},
		"endpoint host":       {func(c *huaweicloud.Config) { c.Endpoint = "https://" }, "endpoint"},
		"endpoint user":       {func(c *huaweicloud.Config) { c.Endpoint = "https://me:hunter2@x" }, "endpoint"},
		"endpoint query":      {func(c *huaweicloud.Config) { c.Endpoint = "https://x?a=b" }, "endpoint"},
		"endpoint unreadable": {func(c *huaweicloud.Config) { c.Endpoint = "https://me:hunter2@x:y:z" }, "endpoint"},
		"endpoint template":   {func(c *huaweicloud.Config) { c.Endpoint = "https://x/{project_id}" }, "endpoint"},
		"auth_url":            {func(c *huaweicloud.Config) { c.AuthURL = "://" }, "auth_url"},
		"retries":             {func(c *huaweicloud.Config) { c.MaxRetries = -1 }, "retries"},
		"missing CA file":     {func(c *huaweicloud.Config) { c.CACertFile = notPEM + ".missing" }, "CA"},
		"empty CA file":       {func(c *huaweicloud.Config) { c.CACertFile = notPEM }, "certificate"},
		"access key alone":    {func(c *huaweicloud.Config) { c.SecretKey = "" }, "secret key"},
		"secret key alone":    {func(c *huaweicloud.Config) { c.AccessKey = "" }, "access key"},
		"security token":      {func(c *huaweicloud.Config) { c.AccessKey, c.SecretKey, c.SecurityToken = "", "", "hunter2" }, "security token"},
		"key with line break": {func(c *huaweicloud.Config) { c.SecretKey = "hunter2\n" }, "secret key"},
		"token with blank":    {func(c *huaweicloud.Config) { c.AccessKey, c.SecretKey, c.Token = "", "", "hunter2 " }, "token"},
		"key and token":       {func(c *huaweicloud.Config) { c.Token = "hunter2" }, "more than one"},
		"key and password":    {func(c *huaweicloud.Config) { c.UserID, c.Password = "u", "hunter2" }, "more than one"},
		"key and OIDC":        {func(c *huaweicloud.Config) { c.OIDC = huaweicloud.OIDC{IdentityProviderID: "i", IDToken: "hunter2"} }, "more than one"},
		"key and metadata":    {func(c *huaweicloud.Config) { c.ECSMetadata = true }, "more than one"},
		"password alone":      {func(c *huaweicloud.Config) { *c = huaweicloud.Config{Region: "r", Password: "hunter2"} }, "user name"},
		"user without domain": {func(c *huaweicloud.Config) { *c = huaweicloud.Config{Region: "r", UserName: "u", Password: "hunter2"} }, "domain"},
		"OIDC without idp": {func(c *huaweicloud.Config) {
			*c = huaweicloud.Config{Region: "r", OIDC: huaweicloud.OIDC{IDToken: "hunter2"}}
		}, "identity provider"},
		"OIDC without token": {func(c *huaweicloud.Config) {
			*c = huaweicloud.Config{Region: "r", OIDC: huaweicloud.OIDC{IdentityProviderID: "i"}}
		}, "ID token"},
		"OIDC, two tokens": {func(c *huaweicloud.Config) {
			*c = huaweicloud.Config{Region: "r", OIDC: huaweicloud.OIDC{IdentityProviderID: "i", IDToken: "hunter2", IDTokenFile: "f"}}
		}, "leave one"},
		"agency without name":   {func(c *huaweicloud.Config) { c.AssumeRole = []huaweicloud.AssumeRole{{DomainName: "d"}} }, "no name"},
		"agency without domain": {func(c *huaweicloud.Config) { c.AssumeRole = []huaweicloud.AssumeRole{{AgencyName: "a"}} }, "domain"},
		"agency for a minute": {func(c *huaweicloud.Config) {
			c.AssumeRole = []huaweicloud.AssumeRole{{AgencyName: "a", DomainID: "d", Duration: time.Minute}}
		}, "15m"},
		"pace":         {func(c *huaweicloud.Config) { c.MaxRequestsPerSecond = -1 }, "per second"},
		"metadata URL": {func(c *huaweicloud.Config) { c.MetadataURL = "ftp://x" }, "metadata"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := configFor("https://kms.example")
			tt.change(&cfg)
			_, err := csms.New(cfg)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want an error about the %s", err, tt.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error tells a secret: %v", err)
			}
		})
	}
}

func TestEndpointsThatPeopleWrite(t *testing.T) {
	t.Parallel()
	server := csmstest.New()
	server.PutSecret(csmstest.Secret{Name: "db"})
	mux := http.NewServeMux()
	mux.Handle("/", server)
	mux.Handle("/kms/", http.StripPrefix("/kms", server))
	mux.Handle("/of/cn-north-4/", http.StripPrefix("/of/cn-north-4", server))
	mux.Handle("/with%20blank/", http.StripPrefix("/with blank", server))
	listener := httptest.NewServer(mux)
	t.Cleanup(listener.Close)
	for _, suffix := range []string{"", "/", "/kms", "/kms/", "/of/{region}", "/of/{region}/", "/with%20blank"} {
		cfg := configFor(listener.URL + suffix)
		cfg.ProjectID = ""
		for _, version := range []string{"", "/v3", "/v3/"} {
			cfg.AuthURL = strings.TrimSuffix(listener.URL+suffix, "/") + version
			if _, err := newClient(t, cfg).GetSecret(t.Context(), "db"); err != nil {
				t.Errorf("endpoint %q, auth_url %q: %v", suffix, version, err)
			}
		}
	}
}

func TestRegionsHaveOneClientEach(t *testing.T) {
	t.Parallel()
	client := newClient(t, huaweicloud.Config{Region: "cn-north-4", AccessKey: "a", SecretKey: "b"})
	var mu sync.Mutex
	seen := map[*csms.Client]bool{}
	concurrently(20, func(int) {
		other, err := client.InRegion("ap-southeast-1")
		if err != nil {
			t.Error(err)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		seen[other] = true
	})
	if len(seen) != 1 {
		t.Fatalf("%d clients of one region", len(seen))
	}
	for other := range seen {
		back, err := other.InRegion("cn-north-4")
		if err != nil || back != client || other.Region() != "ap-southeast-1" {
			t.Errorf("the way back leads to %v, %v", back, err)
		}
	}
	for _, region := range []string{"", "cn-north-4"} {
		if same, err := client.InRegion(region); err != nil || same != client {
			t.Errorf("InRegion(%q) = %v, %v", region, same, err)
		}
	}
	if _, err := client.InRegion("../x"); err == nil {
		t.Error("a region that is none is accepted")
	}
}

func TestRegionsHaveTheirOwnEndpointAndProject(t *testing.T) {
	t.Parallel()
	const otherProject = "ffffffffffffffffffffffffffffffff"
	s := newService(t, csmstest.WithProject("eu-west-101", otherProject))
	s.Project(otherProject).PutSecret(csmstest.Secret{Name: "web"})
	mux := http.NewServeMux()
	for _, region := range []string{"cn-north-4", "eu-west-101"} {
		mux.Handle("/"+region+"/", http.StripPrefix("/"+region, s))
	}
	listener := httptest.NewServer(mux)
	t.Cleanup(listener.Close)
	s.config.Endpoint = listener.URL + "/{region}"
	client := s.client(t)
	other, err := client.InRegion("eu-west-101")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.GetSecret(t.Context(), "web"); err != nil {
		t.Error(err)
	}
	if _, err := client.GetSecret(t.Context(), "db"); err != nil {
		t.Error(err)
	}
	if n := s.Count("ListProjects"); n != 1 {
		t.Errorf("%d projects were looked up, want that of the other region only", n)
	}
}

func TestEndpointOfOneRegionDoesNotServeAnother(t *testing.T) {
	t.Parallel()
	client := newClient(t, configFor("https://kms.example"))
	_, err := client.InRegion("eu-west-101")
	if err == nil || !strings.Contains(err.Error(), "{region}") || !strings.Contains(err.Error(), "eu-west-101") {
		t.Errorf("got %v", err)
	}
}

// overTLS puts a service behind a certificate, whose authority it writes to a file.
func overTLS(t *testing.T) (s *service, caFile string) {
	t.Helper()
	s = newService(t)
	listener := httptest.NewUnstartedServer(s)
	listener.EnableHTTP2 = true
	listener.Config.ErrorLog = discardLog()
	listener.StartTLS()
	t.Cleanup(listener.Close)
	caFile = filepath.Join(t.TempDir(), "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: listener.Certificate().Raw})
	if err := os.WriteFile(caFile, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	s.config.Endpoint, s.config.AuthURL = listener.URL, listener.URL
	return s, caFile
}

func TestCertificatesAreVerified(t *testing.T) {
	t.Parallel()
	s, caFile := overTLS(t)
	_, err := s.client(t).GetSecret(t.Context(), "db")
	if e := errorOf(t, err); e.StatusCode != 0 || e.Attempts != 1 || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("an unknown authority, %d attempts: %v", e.Attempts, err)
	}
	trusting, careless := s.config, s.config
	trusting.CACertFile = caFile
	careless.Insecure = true
	for name, cfg := range map[string]huaweicloud.Config{"cacert_file": trusting, "insecure": careless} {
		if _, err := newClient(t, cfg).GetSecret(t.Context(), "db"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(s.Requests()); n != 2 {
		t.Errorf("%d requests arrived, want 2", n)
	}
}

func TestPlainHTTPBehindAnHTTPSAddressIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.config.Endpoint = strings.Replace(s.url, "http:", "https:", 1)
	_, err := s.client(t).GetSecret(t.Context(), "db")
	if e := errorOf(t, err); e.Attempts != 1 {
		t.Errorf("%d attempts: %v", e.Attempts, err)
	}
}

func TestTooLargeAnswersAreRefused(t *testing.T) {
	t.Parallel()
	body := `{"version_metadatas":[` + strings.Repeat(" ", 11<<20) + `]}`
	_, err := answering(t, http.StatusOK, nil, body).ListVersions(t.Context(), "db")
	if e := errorOf(t, err); !strings.Contains(err.Error(), "10 MiB") || e.Attempts != 1 {
		t.Errorf("%d attempts: %v", e.Attempts, err)
	}
	body = `{"version_metadatas":[` + strings.Repeat(" ", 9<<20) + `]}`
	if _, err := answering(t, http.StatusOK, nil, body).ListVersions(t.Context(), "db"); err != nil {
		t.Errorf("9 MiB: %v", err)
	}
}

func TestMediaTypeOfASuccessDoesNotMatter(t *testing.T) {
	t.Parallel()
	for _, mediaType := range []string{"application/json", "text/plain", "application/xml", "application/bson", "application/octet-stream", ""} {
		client := answering(t, http.StatusOK, http.Header{"Content-Type": {mediaType}}, `{"version_metadatas":[{"id":"v1"}]}`)
		if got, err := client.ListVersions(t.Context(), "db"); err != nil || len(got) != 1 {
			t.Errorf("%q: got %v, %v", mediaType, got, err)
		}
	}
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	t.Parallel()
	for _, parallelism := range []int{10, 50} {
		s := newService(t)
		var together sync.WaitGroup // so that every round needs as many connections as requests
		opened := &connections{}
		listener := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			together.Done()
			together.Wait()
			s.ServeHTTP(w, r)
		}))
		listener.Config.ConnState = opened.observe
		listener.Start()
		t.Cleanup(listener.Close)
		s.config.Endpoint = listener.URL
		s.config.MaxRetries = 0
		together.Add(1)
		client := s.acquainted(t)
		for range 5 {
			together.Add(parallelism)
			s.Fail(csmstest.Fault{Status: http.StatusInternalServerError})
			concurrently(parallelism, func(int) {
				_, err := client.GetStage(t.Context(), "db", "GREEN")
				var e *csms.Error
				if err != nil && (!errors.As(err, &e) || e.StatusCode != http.StatusInternalServerError) {
					t.Error(err)
				}
			})
		}
		if n := opened.count(); n != parallelism {
			t.Errorf("%d connections for 5 times %d requests", n, parallelism)
		}
	}
}

func TestUserAgentEndsInTheCallers(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.config.UserAgent = "Terraform/1.11.4 terraform-provider-csms/dev"
	if _, err := s.client(t).GetSecret(t.Context(), "db"); err != nil {
		t.Fatal(err)
	}
	if got := s.Requests()[0].Header.Get("User-Agent"); !strings.HasSuffix(got, "; "+s.config.UserAgent) {
		t.Errorf("sent %q", got)
	}
}
