package provider_test

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/csms/terraform-provider-csms/internal/provider"
)

// tfServer drives a provider through the calls that Terraform makes in one walk over its graph,
// without Terraform: so also those of a Terraform that is newer than the CLI at hand, and with
// every diagnostic in view, warnings included.
type tfServer struct {
	t tester
	tfprotov6.ProviderServer
	settings   map[string]any
	schema     *tfprotov6.GetProviderSchemaResponse
	identities *tfprotov6.GetResourceIdentitySchemasResponse
}

// tester is a test, or one run of a property.
type tester interface {
	Helper()
	Fatal(args ...any)
	Errorf(format string, args ...any)
	Cleanup(func())
	Context() context.Context
}

// newTFServer configures a provider for the mock. Terraform configures one for every walk: plan and
// apply of one command are two walks.
func newTFServer(t tester, m *mock) *tfServer {
	t.Helper()
	return newTFServerWith(t, m.settings())
}

// newTFServerWith configures a provider with the given attributes.
func newTFServerWith(t tester, settings map[string]any) *tfServer {
	t.Helper()
	s := newUnconfiguredTFServer(t)
	s.must(s.configure(settings))
	return s
}

func newUnconfiguredTFServer(t tester) *tfServer {
	t.Helper()
	return newTFServerOn(t, provider.NewServer("test")())
}

func newTFServerOn(t tester, server tfprotov6.ProviderServer) *tfServer {
	t.Helper()
	s := &tfServer{t: t, ProviderServer: server}
	var err error
	if s.schema, err = s.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		t.Fatal(err)
	}
	if s.identities, err = s.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{}); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *tfServer) configure(settings map[string]any) []*tfprotov6.Diagnostic {
	s.t.Helper()
	s.settings = settings
	resp, err := s.ConfigureProvider(s.t.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.14.0",
		Config:           s.dynamic(s.schema.Provider.ValueType(), settings),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.Diagnostics
}

// must fails the test at an error.
func (s *tfServer) must(diagnostics []*tfprotov6.Diagnostic) {
	s.t.Helper()
	if text := texts(diagnostics, tfprotov6.DiagnosticSeverityError); text != "" {
		s.t.Fatal(text)
	}
}

// instance is a resource as Terraform has it in its state; nil attributes are absence.
type instance struct {
	typeName string
	state    map[string]any
	private  []byte
	identity *tfprotov6.ResourceIdentityData
}

func (s *tfServer) typeOf(typeName string) tftypes.Type {
	return s.schema.ResourceSchemas[typeName].ValueType()
}

// read refreshes an instance.
func (s *tfServer) read(i instance) (instance, []*tfprotov6.Diagnostic) {
	s.t.Helper()
	resp, err := s.ReadResource(s.t.Context(), s.readRequest(i))
	if err != nil {
		s.t.Fatal(err)
	}
	if errorsOf(resp.Diagnostics) == "" {
		i.state, i.private, i.identity = s.strings(resp.NewState, s.typeOf(i.typeName)), resp.Private, resp.NewIdentity
	}
	return i, resp.Diagnostics
}

func (s *tfServer) readRequest(i instance) *tfprotov6.ReadResourceRequest {
	s.t.Helper()
	return &tfprotov6.ReadResourceRequest{
		TypeName: i.typeName, CurrentState: s.dynamic(s.typeOf(i.typeName), i.state), Private: i.private, CurrentIdentity: i.identity,
	}
}

// change is a planned change of an instance.
type change struct {
	instance
	config          map[string]any
	planned         *tfprotov6.DynamicValue
	plannedPrivate  []byte
	requiresReplace bool
}

// empty tells whether the plan changes nothing.
func (s *tfServer) empty(c change) bool {
	s.t.Helper()
	typ := s.typeOf(c.typeName)
	planned, err := c.planned.Unmarshal(typ)
	if err != nil {
		s.t.Fatal(err)
	}
	return planned.Equal(value(typ, c.state))
}

// plan plans an instance for a configuration; nil plans its destruction.
func (s *tfServer) plan(i instance, config map[string]any) (change, []*tfprotov6.Diagnostic) {
	s.t.Helper()
	resp, err := s.PlanResourceChange(s.t.Context(), s.planRequest(i, config))
	if err != nil {
		s.t.Fatal(err)
	}
	c := change{instance: i, config: config, planned: resp.PlannedState, plannedPrivate: resp.PlannedPrivate, requiresReplace: len(resp.RequiresReplace) > 0}
	return c, resp.Diagnostics
}

// planBefore plans in a walk of its own, before this one, which applies. So does Terraform, but for
// the deletion of deposed objects.
func (s *tfServer) planBefore(i instance, config map[string]any) (change, []*tfprotov6.Diagnostic) {
	s.t.Helper()
	return newTFServerWith(s.t, s.settings).plan(i, config)
}

func (s *tfServer) planRequest(i instance, config map[string]any) *tfprotov6.PlanResourceChangeRequest {
	s.t.Helper()
	return &tfprotov6.PlanResourceChangeRequest{
		TypeName:         i.typeName,
		PriorState:       s.dynamic(s.typeOf(i.typeName), i.state),
		ProposedNewState: s.dynamic(s.typeOf(i.typeName), s.proposed(i, config)),
		Config:           s.dynamic(s.typeOf(i.typeName), config),
		PriorPrivate:     i.private,
		PriorIdentity:    i.identity,
	}
}

// proposed merges configuration and prior state as Terraform does: a computed attribute that is not
// configured keeps its prior value.
func (s *tfServer) proposed(i instance, config map[string]any) map[string]any {
	if config == nil {
		return nil
	}
	proposed := maps.Clone(config)
	for _, a := range s.schema.ResourceSchemas[i.typeName].Block.Attributes {
		if _, configured := config[a.Name]; !configured && a.Computed {
			if i.state == nil {
				proposed[a.Name] = unknown
			} else {
				proposed[a.Name] = i.state[a.Name]
			}
		}
	}
	return proposed
}

// apply carries out a planned change.
func (s *tfServer) apply(c change) (instance, []*tfprotov6.Diagnostic) {
	s.t.Helper()
	return s.applyWithin(s.t.Context(), c)
}

func (s *tfServer) applyWithin(ctx context.Context, c change) (instance, []*tfprotov6.Diagnostic) {
	s.t.Helper()
	resp, err := s.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: c.typeName, PriorState: s.dynamic(s.typeOf(c.typeName), c.state), PlannedState: c.planned,
		Config: s.dynamic(s.typeOf(c.typeName), c.config), PlannedPrivate: c.plannedPrivate, PlannedIdentity: c.identity,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	i := c.instance
	i.state, i.private, i.identity = s.strings(resp.NewState, s.typeOf(c.typeName)), resp.Private, resp.NewIdentity
	return i, resp.Diagnostics
}

// create plans and applies a new instance, and fails the test if that fails.
func (s *tfServer) create(typeName string, config map[string]any) instance {
	s.t.Helper()
	c, diagnostics := s.plan(instance{typeName: typeName}, config)
	s.must(diagnostics)
	i, diagnostics := s.apply(c)
	s.must(diagnostics)
	return i
}

// change plans and applies; nil destroys. A plan that is refused is not applied.
func (s *tfServer) change(i instance, config map[string]any) (instance, []*tfprotov6.Diagnostic) {
	s.t.Helper()
	plan := s.plan
	if config == nil {
		plan = s.planBefore
	}
	c, planned := plan(i, config)
	if errorsOf(planned) != "" {
		return i, planned
	}
	i, applied := s.apply(c)
	return i, append(planned, applied...)
}

// validate returns the errors of a resource's configuration.
func (s *tfServer) validate(typeName string, config map[string]any) string {
	s.t.Helper()
	resp, err := s.ValidateResourceConfig(s.t.Context(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: typeName, Config: s.dynamic(s.typeOf(typeName), config),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return errorsOf(resp.Diagnostics)
}

// readData reads a data source and returns its attributes that are strings.
func (s *tfServer) readData(typeName string, config map[string]any) (map[string]any, []*tfprotov6.Diagnostic) {
	s.t.Helper()
	typ := s.schema.DataSourceSchemas[typeName].ValueType()
	resp, err := s.ReadDataSource(s.t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: typeName, Config: s.dynamic(typ, config)})
	if err != nil {
		s.t.Fatal(err)
	}
	if resp.State == nil {
		return nil, resp.Diagnostics
	}
	return s.strings(resp.State, typ), resp.Diagnostics
}

// validateData returns the errors of a data source's configuration.
func (s *tfServer) validateData(typeName string, config map[string]any) string {
	s.t.Helper()
	resp, err := s.ValidateDataResourceConfig(s.t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{
		TypeName: typeName, Config: s.dynamic(s.schema.DataSourceSchemas[typeName].ValueType(), config),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return errorsOf(resp.Diagnostics)
}

// importing imports by id or by identity and reads what was imported, as Terraform does.
func (s *tfServer) importing(typeName, id string, identity map[string]any) (instance, []*tfprotov6.Diagnostic) {
	s.t.Helper()
	req := &tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: id}
	if identity != nil {
		typ := s.identities.IdentitySchemas[typeName].ValueType()
		req.Identity = &tfprotov6.ResourceIdentityData{IdentityData: s.dynamic(typ, identity)}
	}
	resp, err := s.ImportResourceState(s.t.Context(), req)
	if err != nil {
		s.t.Fatal(err)
	}
	if len(resp.ImportedResources) != 1 {
		return instance{typeName: typeName}, resp.Diagnostics
	}
	found := resp.ImportedResources[0]
	i, diagnostics := s.read(instance{typeName: typeName, state: s.strings(found.State, s.typeOf(typeName)), private: found.Private, identity: found.Identity})
	return i, append(resp.Diagnostics, diagnostics...)
}

// identityOf unpacks the identity of an instance.
func (s *tfServer) identityOf(i instance) map[string]any {
	s.t.Helper()
	if i.identity == nil {
		return nil
	}
	return s.strings(i.identity.IdentityData, s.identities.IdentitySchemas[i.typeName].ValueType())
}

// mustPlan is plan of what has to work.
func mustPlan(s *tfServer, i instance, config map[string]any) change {
	s.t.Helper()
	plan := s.plan
	if config == nil {
		plan = s.planBefore
	}
	c, diagnostics := plan(i, config)
	s.must(diagnostics)
	return c
}

// has reports whether a resource has an attribute.
func (s *tfServer) has(typeName, attribute string) bool {
	return slices.ContainsFunc(s.schema.ResourceSchemas[typeName].Block.Attributes, func(a *tfprotov6.SchemaAttribute) bool {
		return a.Name == attribute
	})
}
