package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// FrameworkCalls counts what a server leaves to the framework.
type FrameworkCalls struct {
	listingServer
	Reads, Plans int
}

// CountFrameworkCalls counts from now on. The server must be one of NewServer.
func CountFrameworkCalls(s tfprotov6.ProviderServer) *FrameworkCalls {
	ours, ok := s.(*server)
	if !ok {
		panic("not a server of NewServer")
	}
	calls := &FrameworkCalls{listingServer: ours.listingServer}
	ours.listingServer = calls
	return calls
}

func (c *FrameworkCalls) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	c.Reads++
	return c.listingServer.ReadResource(ctx, req)
}

func (c *FrameworkCalls) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	c.Plans++
	return c.listingServer.PlanResourceChange(ctx, req)
}

// RemedyFor is what a diagnostic says to do about an error.
func RemedyFor(err error) string { return remedyFor(err) }
