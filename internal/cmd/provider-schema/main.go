// Command provider-schema prints the provider's schemas as JSON, in the form of `terraform providers schema -json`.
//
// The documentation generator reads them from here and not from a Terraform CLI, so that resource identities (Terraform 1.12)
// and list resources (1.14) are documented whichever CLI is installed, and no registry is asked.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/csms/terraform-provider-csms/internal/provider"
)

// providerName is the key under which the generator looks for the provider: the bare type name, not the full address.
const providerName = "csms"

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "provider-schema:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	server := providerserver.NewProtocol6(provider.New("schema")())()
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return fmt.Errorf("ask the provider for its schemas: %w", err)
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return fmt.Errorf("ask the provider for its identity schemas: %w", err)
	}
	if err := firstError(append(schemas.Diagnostics, identities.Diagnostics...)); err != nil {
		return err
	}
	converted, err := convert(schemas, identities)
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(&tfjson.ProviderSchemas{
		FormatVersion: "1.0",
		Schemas:       map[string]*tfjson.ProviderSchema{providerName: converted},
	})
}

func firstError(diagnostics []*tfprotov6.Diagnostic) error {
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return fmt.Errorf("the provider's schema is invalid: %s: %s", d.Summary, d.Detail)
		}
	}
	return nil
}
