data "csms_secret_versions" "db_password" {
  secret_name = "db-password"
}

locals {
  stages = data.csms_secret_versions.db_password.stages
  newest = data.csms_secret_versions.db_password.latest_version_id

  # The version before the newest: still the current one until the newest is, and the one with SYSPREVIOUS from then on.
  previous = local.stages["SYSCURRENT"] == local.newest ? local.stages["SYSPREVIOUS"] : local.stages["SYSCURRENT"]
}

# Applications read the newest version.
resource "csms_secret_stage" "current" {
  secret_name = "db-password"
  name        = "SYSCURRENT"
  version_id  = local.newest

  # Where the plan found it. If somebody else moves it before the apply, the apply stops, the first one too.
  expected_version_id = lookup(local.stages, "SYSCURRENT", "")

  # The version before has its new stage before it loses this one.
  depends_on = [csms_secret_stage.previous]
}

# The version before stays findable.
resource "csms_secret_stage" "previous" {
  secret_name = "db-password"
  name        = "SYSPREVIOUS"
  version_id  = local.previous

  # "" where there is none yet: then it must be absent at the apply as well.
  expected_version_id = lookup(local.stages, "SYSPREVIOUS", "")
}
