terraform {
  required_providers {
    csms = {
      source = "csms/csms"
    }
  }
}

# Against csms-mock, which listens on this address and knows these keys unless told otherwise.
provider "csms" {
  region     = "cn-north-4"
  endpoint   = "http://127.0.0.1:8440"
  project_id = "0123456789abcdef0123456789abcdef"
  access_key = "mock-access-key"
  secret_key = "mock-secret-key"
}
