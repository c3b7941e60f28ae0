data "csms_secret_versions" "db_password" {
  secret_name = "db-password"
}

# Applications read the newest version.
resource "csms_secret_stage" "current" {
  secret_name = "db-password"
  name        = "SYSCURRENT"
  version_id  = data.csms_secret_versions.db_password.latest_version_id
}

# The first version stays findable under a label of its own.
resource "csms_secret_stage" "initial" {
  secret_name = "db-password"
  name        = "INITIAL"
  version_id  = "v1"
}
