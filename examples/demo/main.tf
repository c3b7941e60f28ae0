# The rotation that `make demo` plays against the mock endpoint. The provider takes everything from the environment.

terraform {
  required_providers {
    csms = {
      source = "csms/csms"
    }
  }
}

provider "csms" {}

variable "secret_name" {
  type    = string
  default = "db-password"
}

variable "old_version_expires" {
  type        = string
  description = "When the version that was current before the rotation expires."
}

# The version that the rotation job wrote, found by the label that the job gave it.
data "csms_secret_version" "candidate" {
  secret_name = var.secret_name
  stage       = "CANDIDATE"
}

# What applications read from now on.
resource "csms_secret_stage" "current" {
  secret_name = var.secret_name
  name        = "SYSCURRENT"
  version_id  = data.csms_secret_version.candidate.version_id
}

# A label of our own, so that the version before stays findable for a roll-back.
resource "csms_secret_stage" "rollback" {
  secret_name = var.secret_name
  name        = "ROLLBACK"
  version_id  = "v2"
}

# Nobody should need the version before for ever.
resource "csms_secret_version_expiry" "rollback" {
  secret_name = var.secret_name
  version_id  = "v2"
  expire_time = var.old_version_expires
}

# Read after the changes above.
data "csms_secret_versions" "all" {
  secret_name = var.secret_name

  depends_on = [
    csms_secret_stage.current,
    csms_secret_stage.rollback,
    csms_secret_version_expiry.rollback,
  ]
}

output "stages" {
  description = "The version that each label points at."
  value       = data.csms_secret_versions.all.stages
}

output "expiries" {
  description = "When the versions expire."
  value       = { for v in data.csms_secret_versions.all.versions : v.version_id => v.expire_time if v.expire_time != null }
}
