package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"
)

// convert puts the provider's answers into Terraform's JSON form. Kinds of object that the provider does not have are
// refused, not left out: a page missing from the documentation would not be noticed.
func convert(in *tfprotov6.GetProviderSchemaResponse, identities *tfprotov6.GetResourceIdentitySchemasResponse) (*tfjson.ProviderSchema, error) {
	if len(in.EphemeralResourceSchemas)+len(in.ActionSchemas)+len(in.StateStoreSchemas) > 0 {
		return nil, errors.New("ephemeral resources, actions and state stores are not converted yet")
	}
	var c converter
	out := &tfjson.ProviderSchema{
		ConfigSchema:            c.schema(in.Provider),
		ResourceSchemas:         each(in.ResourceSchemas, c.schema),
		DataSourceSchemas:       each(in.DataSourceSchemas, c.schema),
		ListResourceSchemas:     each(in.ListResourceSchemas, c.schema),
		Functions:               each(in.Functions, c.function),
		ResourceIdentitySchemas: each(identities.IdentitySchemas, c.identity),
	}
	return out, errors.Join(c.errs...)
}

func each[In, Out any](in map[string]In, convert func(In) Out) map[string]Out {
	out := make(map[string]Out, len(in))
	for name, value := range in {
		out[name] = convert(value)
	}
	return out
}

// converter gathers the errors, so that the tree of schemas can be built as plain expressions.
type converter struct{ errs []error }

func (c *converter) schema(in *tfprotov6.Schema) *tfjson.Schema {
	return &tfjson.Schema{Version: c.count(in.Version), Block: c.block(in.Block)}
}

func (c *converter) block(in *tfprotov6.SchemaBlock) *tfjson.SchemaBlock {
	nested := make(map[string]*tfjson.SchemaBlockType, len(in.BlockTypes))
	for _, b := range in.BlockTypes {
		nested[b.TypeName] = &tfjson.SchemaBlockType{
			NestingMode: tfjson.SchemaNestingMode(strings.ToLower(b.Nesting.String())),
			Block:       c.block(b.Block),
			MinItems:    c.count(b.MinItems),
			MaxItems:    c.count(b.MaxItems),
		}
	}
	return &tfjson.SchemaBlock{
		Attributes:      c.attributes(in.Attributes),
		NestedBlocks:    nested,
		Description:     in.Description,
		DescriptionKind: descriptionKind(in.DescriptionKind),
		Deprecated:      in.Deprecated,
	}
}

func (c *converter) attributes(in []*tfprotov6.SchemaAttribute) map[string]*tfjson.SchemaAttribute {
	out := make(map[string]*tfjson.SchemaAttribute, len(in))
	for _, a := range in {
		out[a.Name] = &tfjson.SchemaAttribute{
			AttributeType:       c.ctyType(a.Type),
			AttributeNestedType: c.nested(a.NestedType),
			Description:         a.Description,
			DescriptionKind:     descriptionKind(a.DescriptionKind),
			Deprecated:          a.Deprecated,
			Required:            a.Required,
			Optional:            a.Optional,
			Computed:            a.Computed,
			Sensitive:           a.Sensitive,
			WriteOnly:           a.WriteOnly,
		}
	}
	return out
}

func (c *converter) nested(in *tfprotov6.SchemaObject) *tfjson.SchemaNestedAttributeType {
	if in == nil {
		return nil
	}
	return &tfjson.SchemaNestedAttributeType{
		Attributes:  c.attributes(in.Attributes),
		NestingMode: tfjson.SchemaNestingMode(strings.ToLower(in.Nesting.String())),
	}
}

func (c *converter) function(in *tfprotov6.Function) *tfjson.FunctionSignature {
	out := &tfjson.FunctionSignature{
		Description:        in.Description,
		Summary:            in.Summary,
		DeprecationMessage: in.DeprecationMessage,
		ReturnType:         c.ctyType(in.Return.Type),
		VariadicParameter:  c.parameter(in.VariadicParameter),
	}
	for _, p := range in.Parameters {
		out.Parameters = append(out.Parameters, c.parameter(p))
	}
	return out
}

func (c *converter) parameter(in *tfprotov6.FunctionParameter) *tfjson.FunctionParameter {
	if in == nil {
		return nil
	}
	return &tfjson.FunctionParameter{
		Name:        in.Name,
		Description: in.Description,
		IsNullable:  in.AllowNullValue,
		Type:        c.ctyType(in.Type),
	}
}

func (c *converter) identity(in *tfprotov6.ResourceIdentitySchema) *tfjson.IdentitySchema {
	out := &tfjson.IdentitySchema{
		Version:    c.count(in.Version),
		Attributes: make(map[string]*tfjson.IdentityAttribute, len(in.IdentityAttributes)),
	}
	for _, a := range in.IdentityAttributes {
		out.Attributes[a.Name] = &tfjson.IdentityAttribute{
			IdentityType:      c.ctyType(a.Type),
			Description:       a.Description,
			RequiredForImport: a.RequiredForImport,
			OptionalForImport: a.OptionalForImport,
		}
	}
	return out
}

// ctyType goes through the JSON form that the two type systems have in common; an attribute with a nested type has no type.
func (c *converter) ctyType(in tftypes.Type) cty.Type {
	if in == nil {
		return cty.NilType
	}
	out := cty.NilType
	encoded, err := json.Marshal(in)
	if err == nil {
		err = json.Unmarshal(encoded, &out)
	}
	if err != nil {
		c.errs = append(c.errs, fmt.Errorf("convert the type %s: %w", in, err))
	}
	return out
}

func (c *converter) count(n int64) uint64 {
	if n < 0 {
		c.errs = append(c.errs, fmt.Errorf("the schema has a negative count: %d", n))
		return 0
	}
	return uint64(n)
}

func descriptionKind(in tfprotov6.StringKind) tfjson.SchemaDescriptionKind {
	return tfjson.SchemaDescriptionKind(strings.ToLower(in.String()))
}
