terraform {
  required_providers {
    csms = {
      source = "csms/csms"
    }
  }
}

# 2030-01-01T00:00:00Z, from expire_time of huaweicloud_csms_secret.
output "expires" {
  value = provider::csms::milliseconds_to_rfc3339(1893456000000)
}
