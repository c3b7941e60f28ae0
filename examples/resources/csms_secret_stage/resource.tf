data "csms_secret_versions" "db_password" {
  secret_name = "db-password"
}

locals {
  newest_first = reverse(data.csms_secret_versions.db_password.versions[*].version_id)
}

# Applications read the newest version.
resource "csms_secret_stage" "current" {
  secret_name = "db-password"
  name        = "SYSCURRENT"
  version_id  = local.newest_first[0]
}

# The one before stays findable under a label of its own.
resource "csms_secret_stage" "rollback" {
  secret_name = "db-password"
  name        = "ROLLBACK"
  version_id  = local.newest_first[1]
}
