package provider

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// Nearly all objects of nearly all plans have not drifted and are not to be changed. The
// server answers for them with what it was sent. The framework, which is asked about all
// others, would come to the same answer, but decodes, copies and walks each object a
// dozen times before: most of what the provider spent on a plan.

// resourceWithNoOp is a resource that recognises, by its state alone, an object to which
// nothing happens.
type resourceWithNoOp interface {
	resource.ResourceWithConfigure
	resource.ResourceWithIdentity

	// hasNoDrift tells whether the service is known to have the object as the state has
	// it. It makes no call, so false may mean that nobody looked.
	hasNoDrift(state attributes) bool

	// planNoOp notes that a plan leaves the object as the state has it, and returns what is
	// to be said about that.
	planNoOp(state attributes, instance string) diag.Diagnostics
}

// attributes are the strings among the attributes of an object.
type attributes map[string]types.String

// noOpType is such a resource, and how Terraform spells its states and identities.
type noOpType struct {
	resourceWithNoOp
	state    tftypes.Type
	identity tftypes.Object
}

// noOpTypes are the resource types by name. There are none without a session.
func (p *csmsProvider) noOpTypes(ctx context.Context) map[string]noOpType {
	found := make(map[string]noOpType)
	if p.session == nil {
		return found
	}
	for _, construct := range p.Resources(ctx) {
		r, ok := construct().(resourceWithNoOp)
		if !ok {
			continue
		}
		var (
			name     resource.MetadataResponse
			schema   resource.SchemaResponse
			identity resource.IdentitySchemaResponse
		)
		r.Metadata(ctx, resource.MetadataRequest{ProviderTypeName: providerName}, &name)
		r.Schema(ctx, resource.SchemaRequest{}, &schema)
		r.IdentitySchema(ctx, resource.IdentitySchemaRequest{}, &identity)
		r.Configure(ctx, resource.ConfigureRequest{ProviderData: p.session}, &resource.ConfigureResponse{})
		t := noOpType{resourceWithNoOp: r, state: schema.Schema.Type().TerraformType(ctx)}
		if t.identity, ok = identity.IdentitySchema.Type().TerraformType(ctx).(tftypes.Object); ok {
			found[name.TypeName] = t
		}
	}
	return found
}

// readNoDrift answers for an object that is known to be as the state has it, and
// returns nil for any other.
func (s *server) readNoDrift(ctx context.Context, req *tfprotov6.ReadResourceRequest) *tfprotov6.ReadResourceResponse {
	t, ok := s.noOps[req.TypeName]
	if !ok {
		return nil
	}
	values := t.values(req.CurrentState)
	state := stringsOf(values)
	if values == nil || !t.hasNoDrift(state) {
		return nil
	}
	identity := req.CurrentIdentity
	if isNone(identity) { // of a state that is older than identities
		if identity = t.identityOf(values); identity == nil {
			return nil
		}
	}
	tflog.Trace(ctx, "Read finds the object as the state has it", map[string]any{"type": req.TypeName, "id": state["id"].ValueString()})
	return &tfprotov6.ReadResourceResponse{NewState: req.CurrentState, NewIdentity: identity, Private: req.Private}
}

// planNoOp answers for an object that the configuration wants as the state has it,
// and returns nil for any other, and where there is something to say.
func (s *server) planNoOp(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) *tfprotov6.PlanResourceChangeResponse {
	t, ok := s.noOps[req.TypeName]
	if !ok || !isSame(req.PriorState, req.ProposedNewState) {
		return nil
	}
	instance, private, err := nameInstance(req.PriorPrivate)
	if err != nil {
		return nil
	}
	values := t.values(req.PriorState)
	state := stringsOf(values)
	if values == nil || t.planNoOp(state, instance) != nil {
		return nil
	}
	tflog.Trace(ctx, "Plan leaves the object as the state has it", map[string]any{"type": req.TypeName, "id": state["id"].ValueString()})
	return &tfprotov6.PlanResourceChangeResponse{PlannedState: req.PriorState, PlannedIdentity: req.PriorIdentity, PlannedPrivate: private}
}

// nameInstance is instanceOf for private state as Terraform has it.
func nameInstance(prior []byte) (instance string, planned []byte, err error) {
	private := make(map[string][]byte)
	if len(prior) > 0 {
		if err := json.Unmarshal(prior, &private); err != nil {
			return "", nil, err
		}
	}
	if name := private[instanceKey]; name != nil {
		return string(name), prior, nil
	}
	name := newInstanceName()
	private[instanceKey] = name
	planned, err = json.Marshal(private)
	return string(name), planned, err
}

// isSame tells whether two objects are spelled alike, as Terraform spells equal ones.
func isSame(a, b *tfprotov6.DynamicValue) bool {
	return a != nil && b != nil && len(a.MsgPack) > 0 && bytes.Equal(a.MsgPack, b.MsgPack)
}

// values decodes an object; nil if there is none.
func (t noOpType) values(state *tfprotov6.DynamicValue) map[string]tftypes.Value {
	if state == nil {
		return nil
	}
	object, err := state.Unmarshal(t.state)
	if err != nil {
		return nil
	}
	var values map[string]tftypes.Value
	if object.As(&values) != nil {
		return nil
	}
	return values
}

func isNone(identity *tfprotov6.ResourceIdentityData) bool {
	if identity == nil || identity.IdentityData == nil {
		return true
	}
	null, err := identity.IdentityData.IsNull()
	return null || err != nil
}

// identityOf picks the identity from an object, all of whose parts are attributes too.
func (t noOpType) identityOf(values map[string]tftypes.Value) *tfprotov6.ResourceIdentityData {
	parts := make(map[string]tftypes.Value)
	for name := range t.identity.AttributeTypes {
		parts[name] = values[name]
	}
	identity, err := tfprotov6.NewDynamicValue(t.identity, tftypes.NewValue(t.identity, parts))
	if err != nil {
		return nil
	}
	return &tfprotov6.ResourceIdentityData{IdentityData: &identity}
}

func stringsOf(values map[string]tftypes.Value) attributes {
	found := make(attributes, len(values))
	for name, value := range values {
		var text *string
		if value.Type().Is(tftypes.String) && value.As(&text) == nil {
			found[name] = types.StringPointerValue(text)
		}
	}
	return found
}
