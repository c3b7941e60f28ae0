terraform {
  required_version = ">= 1.5"

  required_providers {
    csms = {
      source = "csms/csms"
    }
  }
}
