terraform {
  required_providers {
    csms = {
      source = "csms/csms"
    }
  }
}

# 1893456000000, for expire_time of huaweicloud_csms_secret.
output "expire_time" {
  value = provider::csms::rfc3339_to_milliseconds("2030-01-01T00:00:00Z")
}
