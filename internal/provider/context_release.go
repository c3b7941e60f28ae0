package provider

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// releasingServer works round a leak of the framework: for StopProvider its server derives a
// context from that of each call and keeps the cancel function of it, and with that the context,
// loggers and all, until the process ends (registerContext in internal/proto6server/serve.go of
// terraform-plugin-framework). That is some 13 KiB a call, hundreds of megabytes in a plan of
// 10,000 objects. So the server is given a context that lets go of the real one when the call
// returns. This file can go, and NewServer return the framework's server, once the framework
// forgets a context at the end of its call.
//
// Only the calls that Terraform makes for each object are wrapped.
type releasingServer struct {
	serverWithLists
}

// serverWithLists is a server that terraform query can ask for list resources.
type serverWithLists interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
}

func (s *releasingServer) ValidateResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return withReleasableContext(ctx, req, s.serverWithLists.ValidateResourceConfig)
}

func (s *releasingServer) UpgradeResourceState(
	ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return withReleasableContext(ctx, req, s.serverWithLists.UpgradeResourceState)
}

func (s *releasingServer) ReadResource(
	ctx context.Context, req *tfprotov6.ReadResourceRequest,
) (*tfprotov6.ReadResourceResponse, error) {
	return withReleasableContext(ctx, req, s.serverWithLists.ReadResource)
}

func (s *releasingServer) PlanResourceChange(
	ctx context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	return withReleasableContext(ctx, req, s.serverWithLists.PlanResourceChange)
}

func (s *releasingServer) ApplyResourceChange(
	ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return withReleasableContext(ctx, req, s.serverWithLists.ApplyResourceChange)
}

func (s *releasingServer) ImportResourceState(
	ctx context.Context, req *tfprotov6.ImportResourceStateRequest,
) (*tfprotov6.ImportResourceStateResponse, error) {
	return withReleasableContext(ctx, req, s.serverWithLists.ImportResourceState)
}

func (s *releasingServer) ValidateDataResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest,
) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return withReleasableContext(ctx, req, s.serverWithLists.ValidateDataResourceConfig)
}

func (s *releasingServer) ReadDataSource(
	ctx context.Context, req *tfprotov6.ReadDataSourceRequest,
) (*tfprotov6.ReadDataSourceResponse, error) {
	return withReleasableContext(ctx, req, s.serverWithLists.ReadDataSource)
}

// withReleasableContext makes a call with a context that refers to ctx only until the call returns.
func withReleasableContext[Request, Response any](
	ctx context.Context, req Request, call func(context.Context, Request) (Response, error),
) (Response, error) {
	releasable := &releasableContext{done: ctx.Done()}
	releasable.ctx.Store(&ctx)
	defer releasable.ctx.Store(nil)
	return call(releasable, req)
}

// releasableContext stands for another context until that is released, and is canceled afterwards.
type releasableContext struct {
	ctx  atomic.Pointer[context.Context]
	done <-chan struct{}
}

// Deadline implements context.Context.
func (c *releasableContext) Deadline() (time.Time, bool) {
	if ctx := c.ctx.Load(); ctx != nil {
		return (*ctx).Deadline()
	}
	return time.Time{}, false
}

// Done implements context.Context.
func (c *releasableContext) Done() <-chan struct{} { return c.done }

// Err implements context.Context.
func (c *releasableContext) Err() error {
	if ctx := c.ctx.Load(); ctx != nil {
		return (*ctx).Err()
	}
	return context.Canceled
}

// Value implements context.Context.
func (c *releasableContext) Value(key any) any {
	if ctx := c.ctx.Load(); ctx != nil {
		return (*ctx).Value(key)
	}
	return nil
}
