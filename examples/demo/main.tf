# The rotation that `make demo` plays. The provider takes everything from the environment.

terraform {
  required_providers {
    csms = {
      source = "csms/csms"
    }
  }
}

provider "csms" {}

# The version that the rotation job wrote, found by the stage that the job gave it.
data "csms_secret_version" "candidate" {
  secret_name = "db-password"
  stage       = "CANDIDATE"
}

# What applications read from now on.
resource "csms_secret_stage" "current" {
  secret_name = "db-password"
  name        = "SYSCURRENT"
  version_id  = data.csms_secret_version.candidate.version_id
}

# A stage of our own on the previous version, for a roll-back.
resource "csms_secret_stage" "rollback" {
  secret_name = "db-password"
  name        = "ROLLBACK"
  version_id  = "v2"
}

# Nobody should need the previous version forever.
resource "csms_secret_version_expiry" "rollback" {
  secret_name = "db-password"
  version_id  = "v2"
  expire_time = "2090-01-01T00:00:00Z"
}

# Read after the changes above.
data "csms_secret_versions" "all" {
  secret_name = "db-password"

  depends_on = [
    csms_secret_stage.current,
    csms_secret_stage.rollback,
    csms_secret_version_expiry.rollback,
  ]
}

output "stages" {
  description = "The version that each stage points at."
  value       = data.csms_secret_versions.all.stages
}

output "expiries" {
  description = "When the versions expire."
  value       = { for v in data.csms_secret_versions.all.versions : v.version_id => v.expire_time if v.expire_time != null }
}
