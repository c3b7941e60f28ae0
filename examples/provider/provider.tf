terraform {
  required_providers {
    csms = {
      source = "csms/csms"
    }
  }
}

# The keys come from the environment: HW_ACCESS_KEY and HW_SECRET_KEY.
provider "csms" {
  region = "cn-north-4"
}
