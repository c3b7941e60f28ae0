// Command terraform-provider-csms serves the csms provider to Terraform.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"runtime/debug"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/csms/terraform-provider-csms/internal/provider"
)

// address is where configurations look for the provider: their required_providers
// block names it as csms/csms.
const address = "registry.terraform.io/csms/csms"

// version is set by the linker when a release is built.
var version = "dev"

func main() {
	tuneGarbageCollection()
	silenceUnreadLogs()
	attach := flag.Bool("debug", false, "serve until stopped, so that a debugger can attach; prints TF_REATTACH_PROVIDERS")
	printVersion := flag.Bool("version", false, "print the version and exit")
	flag.Parse()

	if *printVersion {
		fmt.Println("terraform-provider-csms", version)
		return
	}
	var options []tf6server.ServeOpt
	if *attach {
		options = append(options, tf6server.WithManagedDebug())
	}
	if err := tf6server.Serve(address, provider.NewServer(version), options...); err != nil {
		log.Fatal(err)
	}
}

// tuneGarbageCollection trades memory for time: a plan is over in a second and leaves
// its garbage to the operating system. Near the limit it collects as often as it must.
// GOGC and GOMEMLIMIT still have the last word.
func tuneGarbageCollection() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(400)
		debug.SetMemoryLimit(96 << 20)
	}
}

// silenceUnreadLogs turns logs off that nobody reads. By default the framework writes
// some thirty trace messages for each call of Terraform, which reads and drops them all
// unless TF_LOG or one of its kin is set: a third of the time that a plan costs.
func silenceUnreadLogs() {
	for _, variable := range os.Environ() {
		if strings.HasPrefix(variable, "TF_LOG") {
			return
		}
	}
	for _, variable := range []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_PROVIDER_CSMS"} {
		_ = os.Setenv(variable, "off") // a failure leaves the logs on
	}
}
