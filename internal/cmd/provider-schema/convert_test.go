package main

import (
	"encoding/json"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// converted is what Terraform's own reader of the format makes of the converted schemas.
func converted(t *testing.T, schemas *tfprotov6.GetProviderSchemaResponse, identities *tfprotov6.GetResourceIdentitySchemasResponse) *tfjson.ProviderSchema {
	t.Helper()
	schema, err := convert(schemas, identities)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(schema)
	if err != nil {
		t.Fatal(err)
	}
	var read tfjson.ProviderSchema
	if err := json.Unmarshal(encoded, &read); err != nil {
		t.Fatal(err)
	}
	return &read
}

func schemaOf(attributes ...*tfprotov6.SchemaAttribute) *tfprotov6.Schema {
	return &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{Attributes: attributes}}
}

func TestConvertKeepsWhatDocumentationSaysOfAnAttribute(t *testing.T) {
	t.Parallel()
	in := &tfprotov6.SchemaAttribute{
		Name: "token", Type: tftypes.Map{ElementType: tftypes.String}, Description: "A *token*.",
		DescriptionKind: tfprotov6.StringKindMarkdown, Optional: true, Computed: true, Sensitive: true, Deprecated: true,
	}
	got := converted(t, &tfprotov6.GetProviderSchemaResponse{
		Provider:        schemaOf(in),
		ResourceSchemas: map[string]*tfprotov6.Schema{"csms_thing": {Version: 3, Block: &tfprotov6.SchemaBlock{}}},
	}, &tfprotov6.GetResourceIdentitySchemasResponse{})

	a := got.ConfigSchema.Block.Attributes["token"]
	if a == nil || a.AttributeType.FriendlyName() != "map of string" || a.Description != "A *token*." || a.DescriptionKind != "markdown" ||
		!a.Optional || !a.Computed || !a.Sensitive || !a.Deprecated || a.Required || a.WriteOnly {
		t.Errorf("attribute came out as %+v", a)
	}
	if got.ResourceSchemas["csms_thing"].Version != 3 {
		t.Errorf("the schema's version came out as %d, want 3", got.ResourceSchemas["csms_thing"].Version)
	}
}

func TestConvertFollowsNestedAttributesAndBlocks(t *testing.T) {
	t.Parallel()
	leaf := &tfprotov6.SchemaAttribute{Name: "leaf", Type: tftypes.Bool, Required: true}
	root := schemaOf(&tfprotov6.SchemaAttribute{
		Name:       "nested",
		NestedType: &tfprotov6.SchemaObject{Nesting: tfprotov6.SchemaObjectNestingModeList, Attributes: []*tfprotov6.SchemaAttribute{leaf}},
	})
	root.Block.BlockTypes = []*tfprotov6.SchemaNestedBlock{{
		TypeName: "block", Nesting: tfprotov6.SchemaNestedBlockNestingModeSet, MinItems: 1, MaxItems: 2, Block: schemaOf(leaf).Block,
	}}
	got := converted(t, &tfprotov6.GetProviderSchemaResponse{Provider: root}, &tfprotov6.GetResourceIdentitySchemasResponse{}).ConfigSchema.Block

	nested := got.Attributes["nested"].AttributeNestedType
	if nested.NestingMode != tfjson.SchemaNestingModeList || !nested.Attributes["leaf"].Required {
		t.Errorf("nested attribute came out as %+v", nested)
	}
	block := got.NestedBlocks["block"]
	if block.NestingMode != tfjson.SchemaNestingModeSet || block.MinItems != 1 || block.MaxItems != 2 || !block.Block.Attributes["leaf"].Required {
		t.Errorf("block came out as %+v", block)
	}
}

func TestConvertKeepsFunctionsIdentitiesAndLists(t *testing.T) {
	t.Parallel()
	got := converted(t, &tfprotov6.GetProviderSchemaResponse{
		Provider:            schemaOf(),
		ListResourceSchemas: map[string]*tfprotov6.Schema{"csms_thing": schemaOf(&tfprotov6.SchemaAttribute{Name: "secret_name", Type: tftypes.String})},
		Functions: map[string]*tfprotov6.Function{"convert": {
			Summary:           "Converts.",
			Parameters:        []*tfprotov6.FunctionParameter{{Name: "time", Type: tftypes.String, AllowNullValue: true}},
			VariadicParameter: &tfprotov6.FunctionParameter{Name: "more", Type: tftypes.Number},
			Return:            &tfprotov6.FunctionReturn{Type: tftypes.Number},
		}},
	}, &tfprotov6.GetResourceIdentitySchemasResponse{IdentitySchemas: map[string]*tfprotov6.ResourceIdentitySchema{
		"csms_thing": {Version: 1, IdentityAttributes: []*tfprotov6.ResourceIdentitySchemaAttribute{
			{Name: "region", Type: tftypes.String, OptionalForImport: true, Description: "Region."},
		}},
	}})

	f := got.Functions["convert"]
	if f.Summary != "Converts." || f.ReturnType.FriendlyName() != "number" || f.VariadicParameter.Name != "more" ||
		len(f.Parameters) != 1 || f.Parameters[0].Name != "time" || !f.Parameters[0].IsNullable {
		t.Errorf("function came out as %+v", f)
	}
	id := got.ResourceIdentitySchemas["csms_thing"]
	if id.Version != 1 || !id.Attributes["region"].OptionalForImport || id.Attributes["region"].Description != "Region." {
		t.Errorf("identity came out as %+v", id)
	}
	if got.ListResourceSchemas["csms_thing"].Block.Attributes["secret_name"] == nil {
		t.Error("the list resource has lost its attribute")
	}
}

func TestConvertRefusesWhatItWouldLeaveOut(t *testing.T) {
	t.Parallel()
	_, err := convert(&tfprotov6.GetProviderSchemaResponse{
		Provider:      schemaOf(),
		ActionSchemas: map[string]*tfprotov6.ActionSchema{"csms_rotate": {}},
	}, &tfprotov6.GetResourceIdentitySchemasResponse{})
	if err == nil {
		t.Error("an action was left out without an error")
	}
}

func TestConvertRefusesACountBelowZero(t *testing.T) {
	t.Parallel()
	schema := schemaOf()
	schema.Version = -1
	if _, err := convert(&tfprotov6.GetProviderSchemaResponse{Provider: schema}, &tfprotov6.GetResourceIdentitySchemasResponse{}); err == nil {
		t.Error("a negative version was accepted")
	}
}

func TestFirstErrorPassesOverWarnings(t *testing.T) {
	t.Parallel()
	warning := &tfprotov6.Diagnostic{Severity: tfprotov6.DiagnosticSeverityWarning, Summary: "Old"}
	if err := firstError([]*tfprotov6.Diagnostic{warning}); err != nil {
		t.Errorf("a warning became the error %v", err)
	}
	broken := &tfprotov6.Diagnostic{Severity: tfprotov6.DiagnosticSeverityError, Summary: "Broken", Detail: "no name"}
	if err := firstError([]*tfprotov6.Diagnostic{warning, broken}); err == nil || !strings.Contains(err.Error(), "Broken: no name") {
		t.Errorf("got %v, want the error that the schema is broken", err)
	}
}
