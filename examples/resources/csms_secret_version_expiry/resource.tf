data "csms_secret_stage" "current" {
  secret_name = "api-key"
  name        = "SYSCURRENT"
}

data "csms_secret_version" "previous" {
  secret_name = "api-key"
  stage       = "SYSPREVIOUS"
}

# The version before expires 30 days after the rotation.
resource "csms_secret_version_expiry" "previous" {
  secret_name = "api-key"
  version_id  = data.csms_secret_version.previous.version_id
  expire_time = timeadd(data.csms_secret_stage.current.update_time, "720h")
}
