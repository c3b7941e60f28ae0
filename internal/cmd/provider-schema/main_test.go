package main

import (
	"bytes"
	"encoding/json"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
)

func TestRunPrintsEverySchemaOfTheProvider(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	var schemas tfjson.ProviderSchemas
	if err := json.Unmarshal(out.Bytes(), &schemas); err != nil {
		t.Fatal(err)
	}
	csms := schemas.Schemas["csms"]
	if csms == nil {
		t.Fatal("there is no provider csms in the output")
	}
	for _, resource := range []string{"csms_secret_stage", "csms_secret_version_expiry"} {
		if csms.ResourceSchemas[resource] == nil || csms.ResourceIdentitySchemas[resource] == nil || csms.ListResourceSchemas[resource] == nil {
			t.Errorf("%s lacks its schema, its identity or its list", resource)
		}
	}
	if len(csms.DataSourceSchemas) == 0 || len(csms.Functions) == 0 {
		t.Error("data sources or functions are missing")
	}
	if csms.ConfigSchema.Block.Attributes["secret_key"] == nil {
		t.Error("the provider's own arguments are missing")
	}
}
