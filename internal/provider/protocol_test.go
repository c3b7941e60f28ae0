package provider_test

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/csms/terraform-provider-csms/internal/csms/csmstest"
	"github.com/csms/terraform-provider-csms/internal/provider"
)

// walk drives a provider through the calls that Terraform makes in one walk over its
// graph, without Terraform: so also those of a Terraform that is newer than the CLI at
// hand, and with every diagnostic in view, warnings included.
type walk struct {
	t tester
	tfprotov6.ProviderServer
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

// newWalk configures a provider for the mock. Terraform configures one for every walk:
// plan and apply of one command are two walks.
func newWalk(t tester, m *mock) *walk {
	t.Helper()
	return newWalkWith(t, m.settings())
}

// newWalkWith configures a provider with the given attributes.
func newWalkWith(t tester, settings map[string]any) *walk {
	t.Helper()
	w := newUnconfiguredWalk(t)
	w.must(w.configure(settings))
	return w
}

func newUnconfiguredWalk(t tester) *walk {
	t.Helper()
	return newWalkOn(t, provider.NewServer("test")())
}

func newWalkOn(t tester, server tfprotov6.ProviderServer) *walk {
	t.Helper()
	w := &walk{t: t, ProviderServer: server}
	var err error
	if w.schema, err = w.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		t.Fatal(err)
	}
	if w.identities, err = w.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{}); err != nil {
		t.Fatal(err)
	}
	return w
}

// has reports whether a resource has an attribute.
func (w *walk) has(typeName, attribute string) bool {
	return slices.ContainsFunc(w.schema.ResourceSchemas[typeName].Block.Attributes, func(a *tfprotov6.SchemaAttribute) bool {
		return a.Name == attribute
	})
}

// settings are the provider's attributes that point it at the mock.
func (m *mock) settings() map[string]any {
	return map[string]any{
		"region": csmstest.DefaultRegion, "access_key": csmstest.DefaultAccessKey, "secret_key": csmstest.DefaultSecretKey,
		"endpoint": m.url, "auth_url": m.url + "/v3",
	}
}

// with returns settings with further ones.
func with(settings map[string]any, name string, value any) map[string]any {
	settings = maps.Clone(settings)
	settings[name] = value
	return settings
}

func (w *walk) configure(settings map[string]any) []*tfprotov6.Diagnostic {
	w.t.Helper()
	resp, err := w.ConfigureProvider(w.t.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.14.0",
		Config:           w.dynamic(w.schema.Provider.ValueType(), settings),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return resp.Diagnostics
}

// must fails the test at an error.
func (w *walk) must(diagnostics []*tfprotov6.Diagnostic) {
	w.t.Helper()
	if text := texts(diagnostics, tfprotov6.DiagnosticSeverityError); text != "" {
		w.t.Fatal(text)
	}
}

// texts returns summary and detail of the diagnostics of a severity.
func texts(diagnostics []*tfprotov6.Diagnostic, severity tfprotov6.DiagnosticSeverity) string {
	var text string
	for _, d := range diagnostics {
		if d.Severity == severity {
			text += d.Summary + ": " + d.Detail + "\n"
		}
	}
	return text
}

func warningsOf(diagnostics []*tfprotov6.Diagnostic) string {
	return texts(diagnostics, tfprotov6.DiagnosticSeverityWarning)
}

func errorsOf(diagnostics []*tfprotov6.Diagnostic) string {
	return texts(diagnostics, tfprotov6.DiagnosticSeverityError)
}

// unknown stands for a value that is known after apply.
var unknown = tftypes.UnknownValue

// value makes an object of a type: attributes that are left out are null.
func value(typ tftypes.Type, attributes map[string]any) tftypes.Value {
	object, ok := typ.(tftypes.Object)
	if !ok || attributes == nil {
		return tftypes.NewValue(typ, nil)
	}
	values := make(map[string]tftypes.Value)
	for name, attributeType := range object.AttributeTypes {
		switch nested := attributes[name].(type) {
		case map[string]any:
			values[name] = value(attributeType, nested)
		case []map[string]any:
			values[name] = listValue(attributeType, nested)
		default:
			values[name] = tftypes.NewValue(attributeType, nested)
		}
	}
	return tftypes.NewValue(object, values)
}

func listValue(typ tftypes.Type, elements []map[string]any) tftypes.Value {
	list, ok := typ.(tftypes.List)
	if !ok {
		return tftypes.NewValue(typ, nil)
	}
	values := make([]tftypes.Value, len(elements))
	for i, element := range elements {
		values[i] = value(list.ElementType, element)
	}
	return tftypes.NewValue(list, values)
}

func (w *walk) dynamic(typ tftypes.Type, attributes map[string]any) *tfprotov6.DynamicValue {
	w.t.Helper()
	d, err := tfprotov6.NewDynamicValue(typ, value(typ, attributes))
	if err != nil {
		w.t.Fatal(err)
	}
	return &d
}

// strings unpacks the string attributes of an object, and those of objects in it; null
// and unknown ones are left out. It is nil for a null object.
func (w *walk) strings(d *tfprotov6.DynamicValue, typ tftypes.Type) map[string]any {
	w.t.Helper()
	v, err := d.Unmarshal(typ)
	if err != nil {
		w.t.Fatal(err)
	}
	return stringsOf(v)
}

func stringsOf(v tftypes.Value) map[string]any {
	var attributes map[string]tftypes.Value
	if v.IsNull() || v.As(&attributes) != nil {
		return nil
	}
	found := make(map[string]any)
	for name, attribute := range attributes {
		var text string
		switch {
		case !attribute.IsKnown() || attribute.IsNull():
		case attribute.Type().Is(tftypes.String) && attribute.As(&text) == nil:
			found[name] = text
		case attribute.Type().Is(tftypes.Object{}):
			found[name] = stringsOf(attribute)
		}
	}
	return found
}

// instance is a resource as Terraform has it in its state; nil attributes are absence.
type instance struct {
	typeName string
	state    map[string]any
	private  []byte
	identity *tfprotov6.ResourceIdentityData
}

func (w *walk) typeOf(typeName string) tftypes.Type {
	return w.schema.ResourceSchemas[typeName].ValueType()
}

// read refreshes an instance.
func (w *walk) read(i instance) (instance, []*tfprotov6.Diagnostic) {
	w.t.Helper()
	resp, err := w.ReadResource(w.t.Context(), w.readRequest(i))
	if err != nil {
		w.t.Fatal(err)
	}
	if errorsOf(resp.Diagnostics) == "" {
		i.state, i.private, i.identity = w.strings(resp.NewState, w.typeOf(i.typeName)), resp.Private, resp.NewIdentity
	}
	return i, resp.Diagnostics
}

func (w *walk) readRequest(i instance) *tfprotov6.ReadResourceRequest {
	w.t.Helper()
	return &tfprotov6.ReadResourceRequest{
		TypeName: i.typeName, CurrentState: w.dynamic(w.typeOf(i.typeName), i.state), Private: i.private, CurrentIdentity: i.identity,
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
func (w *walk) empty(c change) bool {
	w.t.Helper()
	typ := w.typeOf(c.typeName)
	planned, err := c.planned.Unmarshal(typ)
	if err != nil {
		w.t.Fatal(err)
	}
	return planned.Equal(value(typ, c.state))
}

// plan plans an instance for a configuration; nil plans its destruction.
func (w *walk) plan(i instance, config map[string]any) (change, []*tfprotov6.Diagnostic) {
	w.t.Helper()
	resp, err := w.PlanResourceChange(w.t.Context(), w.planRequest(i, config))
	if err != nil {
		w.t.Fatal(err)
	}
	c := change{instance: i, config: config, planned: resp.PlannedState, plannedPrivate: resp.PlannedPrivate, requiresReplace: len(resp.RequiresReplace) > 0}
	return c, resp.Diagnostics
}

func (w *walk) planRequest(i instance, config map[string]any) *tfprotov6.PlanResourceChangeRequest {
	w.t.Helper()
	return &tfprotov6.PlanResourceChangeRequest{
		TypeName:         i.typeName,
		PriorState:       w.dynamic(w.typeOf(i.typeName), i.state),
		ProposedNewState: w.dynamic(w.typeOf(i.typeName), w.proposed(i, config)),
		Config:           w.dynamic(w.typeOf(i.typeName), config),
		PriorPrivate:     i.private,
		PriorIdentity:    i.identity,
	}
}

// proposed merges configuration and prior state as Terraform does: a computed
// attribute that is not configured keeps its prior value.
func (w *walk) proposed(i instance, config map[string]any) map[string]any {
	if config == nil {
		return nil
	}
	proposed := maps.Clone(config)
	for _, a := range w.schema.ResourceSchemas[i.typeName].Block.Attributes {
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
func (w *walk) apply(c change) (instance, []*tfprotov6.Diagnostic) {
	w.t.Helper()
	return w.applyWithin(w.t.Context(), c)
}

func (w *walk) applyWithin(ctx context.Context, c change) (instance, []*tfprotov6.Diagnostic) {
	w.t.Helper()
	resp, err := w.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: c.typeName, PriorState: w.dynamic(w.typeOf(c.typeName), c.state), PlannedState: c.planned,
		Config: w.dynamic(w.typeOf(c.typeName), c.config), PlannedPrivate: c.plannedPrivate, PlannedIdentity: c.identity,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	i := c.instance
	i.state, i.private, i.identity = w.strings(resp.NewState, w.typeOf(c.typeName)), resp.Private, resp.NewIdentity
	return i, resp.Diagnostics
}

// create plans and applies a new instance, and fails the test if that fails.
func (w *walk) create(typeName string, config map[string]any) instance {
	w.t.Helper()
	c, diagnostics := w.plan(instance{typeName: typeName}, config)
	w.must(diagnostics)
	i, diagnostics := w.apply(c)
	w.must(diagnostics)
	return i
}

// stage and expiry are configurations of the two resources for the secret "db".
func stage(name, version string) map[string]any {
	return map[string]any{"secret_name": "db", "name": name, "version_id": version}
}

func expiry(version, expireTime string) map[string]any {
	return map[string]any{"secret_name": "db", "version_id": version, "expire_time": expireTime}
}
