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
	identity map[string]tftypes.Type // By attribute, all of which a state has too.
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
			metadata resource.MetadataResponse
			schema   resource.SchemaResponse
			identity resource.IdentitySchemaResponse
		)
		r.Metadata(ctx, resource.MetadataRequest{ProviderTypeName: providerName}, &metadata)
		r.Schema(ctx, resource.SchemaRequest{}, &schema)
		r.IdentitySchema(ctx, resource.IdentitySchemaRequest{}, &identity)
		r.Configure(ctx, resource.ConfigureRequest{ProviderData: p.session}, &resource.ConfigureResponse{})
		t := noOpType{r, schema.Schema.Type().TerraformType(ctx), make(map[string]tftypes.Type)}
		for name, part := range identity.IdentitySchema.Attributes {
			t.identity[name] = part.GetType().TerraformType(ctx)
		}
		found[metadata.TypeName] = t
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
	state, ok := t.attributes(req.CurrentState)
	if _, err := decodePrivate(req.Private); err != nil || !ok || !t.hasNoDrift(state) {
		return nil
	}
	identity := req.CurrentIdentity
	if isNone(identity) { // of a state that is older than identities
		if identity = t.identityOf(state); identity == nil {
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
	state, ok := t.attributes(req.PriorState)
	if !ok {
		return nil
	}
	instance, private, err := nameInstance(req.PriorPrivate)
	if err != nil {
		return nil
	}
	if len(t.planNoOp(state, instance)) > 0 {
		req.PriorPrivate = private // so that the framework plans the same instance
		return nil
	}
	tflog.Trace(ctx, "Plan leaves the object as the state has it", map[string]any{"type": req.TypeName, "id": state["id"].ValueString()})
	return &tfprotov6.PlanResourceChangeResponse{PlannedState: req.PriorState, PlannedIdentity: req.PriorIdentity, PlannedPrivate: private}
}

// nameInstance is instanceOf for private state as Terraform has it.
func nameInstance(prior []byte) (instance string, planned []byte, err error) {
	private, err := decodePrivate(prior)
	if err != nil {
		return "", nil, err
	}
	if name := private[instanceKey]; name != nil {
		return string(name), prior, nil
	}
	name := newInstanceName()
	private[instanceKey] = name
	planned, err = json.Marshal(private)
	return string(name), planned, err
}

// decodePrivate decodes what the framework keeps beside a state, and fails for what a
// provider on another library kept there.
func decodePrivate(data []byte) (map[string][]byte, error) {
	var private map[string][]byte
	if len(data) > 0 {
		if err := json.Unmarshal(data, &private); err != nil {
			return nil, err
		}
	}
	if private == nil { // nothing, or null
		private = make(map[string][]byte)
	}
	return private, nil
}

// isSame tells whether two objects are spelled alike, as Terraform spells equal ones.
func isSame(a, b *tfprotov6.DynamicValue) bool {
	return a != nil && b != nil && len(a.MsgPack) > 0 && bytes.Equal(a.MsgPack, b.MsgPack)
}

// attributes decodes an object. It is false for none, and for one of another schema.
func (t noOpType) attributes(object *tfprotov6.DynamicValue) (attributes, bool) {
	if object == nil {
		return nil, false
	}
	decoded, err := object.Unmarshal(t.state)
	if err != nil || decoded.IsNull() {
		return nil, false
	}
	var values map[string]tftypes.Value
	if decoded.As(&values) != nil {
		return nil, false
	}
	found := make(attributes, len(values))
	for name, value := range values {
		var text *string
		if value.Type().Is(tftypes.String) && value.As(&text) == nil {
			found[name] = types.StringPointerValue(text)
		}
	}
	return found, true
}

func isNone(identity *tfprotov6.ResourceIdentityData) bool {
	if identity == nil || identity.IdentityData == nil {
		return true
	}
	null, err := identity.IdentityData.IsNull()
	return null || err != nil
}

func (t noOpType) identityOf(state attributes) *tfprotov6.ResourceIdentityData {
	parts := make(map[string]tftypes.Value)
	for name, part := range t.identity {
		parts[name] = tftypes.NewValue(part, state[name].ValueStringPointer())
	}
	typ := tftypes.Object{AttributeTypes: t.identity}
	identity, err := tfprotov6.NewDynamicValue(typ, tftypes.NewValue(typ, parts))
	if err != nil {
		return nil
	}
	return &tfprotov6.ResourceIdentityData{IdentityData: &identity}
}
