package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/csms/terraform-provider-csms/internal/csms"
)

// RemedyFor is what a diagnostic says to do about an error.
func RemedyFor(err error) string { return remedyFor(err) }

// NewImpatientServer is NewServer with waits between two attempts that are too short to
// notice, however long the service asks for and however often it refuses.
func NewImpatientServer(version string) func() tfprotov6.ProviderServer {
	return serve(func() provider.Provider {
		return &csmsProvider{version: version, newClient: func(cfg csms.Config) (*csms.Client, error) {
			cfg.RetryWaitMin, cfg.RetryWaitMax, cfg.RetryAfterMax = time.Nanosecond, time.Nanosecond, time.Nanosecond
			cfg.SlowestPace = 1e6
			return csms.New(cfg)
		}}
	})
}
