terraform {
  required_providers {
    csms = {
      source = "csms/csms"
    }
  }
}

# The region and the keys come from the environment.
provider "csms" {}
