// Command terraform-provider-csms serves the csms provider to Terraform.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"runtime/debug"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/csms/terraform-provider-csms/internal/provider"
)

// address is where configurations look for the provider: their required_providers
// block names it as csms/csms.
const address = "registry.terraform.io/csms/csms"

// version is set by the linker when a release is built.
var version = "dev"

func main() {
	tuneGarbageCollection()
	attach := flag.Bool("debug", false, "serve until stopped, so that a debugger can attach; prints TF_REATTACH_PROVIDERS")
	printVersion := flag.Bool("version", false, "print the version and exit")
	flag.Parse()

	if *printVersion {
		fmt.Println("terraform-provider-csms", version)
		return
	}
	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: address,
		Debug:   *attach,
	})
	if err != nil {
		log.Fatal(err)
	}
}

// tuneGarbageCollection trades memory for time: a plan is over in a second and leaves
// its garbage to the operating system. Beyond the limit it collects as usual. GOGC and
// GOMEMLIMIT still have the last word.
func tuneGarbageCollection() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(400)
		debug.SetMemoryLimit(96 << 20)
	}
}
