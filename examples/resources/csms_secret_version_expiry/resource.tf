data "csms_secret_version" "previous" {
  secret_name = "api-key"
  stage       = "SYSPREVIOUS"
}

resource "csms_secret_version_expiry" "previous" {
  secret_name = "api-key"
  version_id  = data.csms_secret_version.previous.version_id
  expire_time = "2099-12-31T00:00:00Z"
}
