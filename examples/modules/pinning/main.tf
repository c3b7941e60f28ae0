# Applications that read a version by a stage of their own, and so change it when somebody says so, not when the secret is
# rotated.

# As the secret is before this apply. Each stage is moved only from where it is seen here (expected_version_id), so that what
# somebody else moves between plan and apply stops the apply. An absent stage is "", not null: null would be no condition at all.
data "csms_secret_versions" "before" {
  secret_name = var.secret_name
  region      = var.region
}

locals {
  before  = data.csms_secret_versions.before
  targets = { for name, id in var.stages : name => id == null ? local.before.latest_version_id : id }
}

# The service may remove a version without a stage. Where two stages change places, each version has one of these by the time
# that its own stage leaves.
resource "csms_secret_stage" "keep" {
  for_each = var.keep_stage == null ? {} : local.targets

  secret_name         = var.secret_name
  region              = var.region
  name                = "${var.keep_stage}-${each.key}"
  version_id          = each.value
  expected_version_id = lookup(local.before.stages, "${var.keep_stage}-${each.key}", "")

  lifecycle {
    precondition {
      condition     = length(var.stages) <= 5
      error_message = "A secret has 12 stages at most, and each of ${length(var.stages)} has a second one. Pin 5 at most, or set keep_stage to null."
    }
  }
}

resource "csms_secret_stage" "pinned" {
  for_each = local.targets

  secret_name         = var.secret_name
  region              = var.region
  name                = each.key
  version_id          = each.value
  expected_version_id = lookup(local.before.stages, each.key, "")

  depends_on = [csms_secret_stage.keep]
}

# As the secret is after this apply.
data "csms_secret_versions" "after" {
  secret_name = var.secret_name
  region      = var.region

  depends_on = [csms_secret_stage.keep, csms_secret_stage.pinned]
}
