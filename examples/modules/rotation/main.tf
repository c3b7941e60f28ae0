# The two-version pattern: SYSCURRENT on the version that applications read, SYSPREVIOUS on the one they read before, stages
# of the module's own that keep both, and a date from which nobody should need the previous one any more.

# As the secret is before this apply. Nothing here may refer to version_id: Terraform would put off reading until the version
# is made, and know nothing at plan. Each stage is moved only from where it is seen here (expected_version_id), so a rotation by
# somebody else between plan and apply stops the apply. An absent stage is "", not null: null would be no condition at all.
data "csms_secret_versions" "before" {
  secret_name = var.secret_name
  region      = var.region

  lifecycle {
    postcondition {
      condition     = self.latest_version_id != null
      error_message = "The secret ${var.secret_name} has no versions."
    }

    postcondition {
      condition     = var.follow_stage == null || contains(keys(self.stages), coalesce(var.follow_stage, "-"))
      error_message = "No version of the secret ${var.secret_name} has the stage that follow_stage names. There are: ${join(", ", keys(self.stages))}."
    }
  }
}

# In follow mode the module has no resource that knows when the stage moved.
data "csms_secret_stage" "current" {
  count = local.somebody_else_rotates ? 1 : 0

  secret_name = var.secret_name
  region      = var.region
  name        = "SYSCURRENT"
}

locals {
  somebody_else_rotates = var.follow_stage == "SYSCURRENT"

  before   = data.csms_secret_versions.before
  followed = var.follow_stage == null ? local.before.latest_version_id : lookup(local.before.stages, coalesce(var.follow_stage, "-"), null)
  current  = coalesce(var.version_id, local.followed)

  was_current  = lookup(local.before.stages, "SYSCURRENT", null)
  was_previous = lookup(local.before.stages, "SYSPREVIOUS", null)

  # If SYSCURRENT moves, the version that it leaves; if it is in place already, the one that it left then.
  previous = local.was_current != local.current ? local.was_current : local.was_previous != local.current ? local.was_previous : null

  # The number of instances must be known at plan. If two versions carry the two stages, there is a previous one whichever
  # becomes current; otherwise it takes the version that becomes current to know, or has_previous.
  both_present = local.was_current != null && local.was_previous != null && local.was_current != local.was_previous
  has_previous = var.has_previous != null ? var.has_previous : local.both_present ? true : local.previous != null
}

# The service may remove a version without a stage. In this order there is no moment in which one that is needed has none:
# the version that becomes current is kept, stages are taken from others, the version that SYSCURRENT leaves is kept, and
# then it leaves.
resource "csms_secret_stage" "keep_current" {
  secret_name         = var.secret_name
  region              = var.region
  name                = "${var.keep_stage}-CURRENT"
  version_id          = local.current
  expected_version_id = lookup(local.before.stages, "${var.keep_stage}-CURRENT", "")

  lifecycle {
    precondition {
      condition     = var.follow_stage == null ? true : var.version_id == null
      error_message = "Set version_id or follow_stage, not both."
    }
  }
}

resource "csms_secret_stage" "pinned" {
  for_each = var.stages

  secret_name         = var.secret_name
  region              = var.region
  name                = each.key
  version_id          = each.value
  expected_version_id = lookup(local.before.stages, each.key, "")

  lifecycle {
    precondition {
      condition     = !startswith(each.key, "${var.keep_stage}-") && each.key != coalesce(var.follow_stage, "-")
      error_message = "The stage ${each.key} is not to be pinned: it starts with keep_stage, or is follow_stage."
    }
  }

  depends_on = [csms_secret_stage.keep_current]
}

resource "csms_secret_stage" "keep_previous" {
  count = local.has_previous ? 1 : 0

  secret_name         = var.secret_name
  region              = var.region
  name                = "${var.keep_stage}-PREVIOUS"
  version_id          = local.previous
  expected_version_id = lookup(local.before.stages, "${var.keep_stage}-PREVIOUS", "")

  lifecycle {
    precondition {
      condition     = local.previous != null
      error_message = "has_previous is true, but the secret ${var.secret_name} has no version before the current one."
    }
  }

  depends_on = [csms_secret_stage.pinned]
}

resource "csms_secret_stage" "current" {
  count = local.somebody_else_rotates ? 0 : 1

  secret_name         = var.secret_name
  region              = var.region
  name                = "SYSCURRENT"
  version_id          = local.current
  expected_version_id = lookup(local.before.stages, "SYSCURRENT", "")

  depends_on = [csms_secret_stage.keep_previous]
}

# After SYSCURRENT: the service may move SYSPREVIOUS with it, and this has the last word.
resource "csms_secret_stage" "previous" {
  count = local.has_previous && !local.somebody_else_rotates ? 1 : 0

  secret_name         = var.secret_name
  region              = var.region
  name                = "SYSPREVIOUS"
  version_id          = local.previous
  expected_version_id = lookup(local.before.stages, "SYSPREVIOUS", "")

  depends_on = [csms_secret_stage.current]
}

locals {
  rotated_at = local.somebody_else_rotates ? data.csms_secret_stage.current[0].update_time : csms_secret_stage.current[0].update_time

  # Counted from the rotation, so that it is the same in every plan. If that is over already (the module came late), the
  # expiry that the version has stays; if it has none, it gets the whole time from this plan on, and has one at the next.
  due             = var.valid_for == null ? null : timeadd(local.rotated_at, var.valid_for)
  previous_expiry = one([for v in local.before.versions : v.expire_time if v.version_id == local.previous])
  expire_time = (
    var.valid_for == null ? null :
    timecmp(local.due, plantimestamp()) > 0 ? local.due :
    local.previous_expiry != null ? local.previous_expiry : timeadd(plantimestamp(), var.valid_for)
  )
}

resource "csms_secret_version_expiry" "previous" {
  count = local.has_previous && var.valid_for != null ? 1 : 0

  secret_name = var.secret_name
  region      = var.region
  version_id  = local.previous
  expire_time = local.expire_time
}

resource "csms_secret_version_expiry" "current" {
  count = var.current_expire_time == null ? 0 : 1

  secret_name = var.secret_name
  region      = var.region
  version_id  = local.current
  expire_time = var.current_expire_time
}

# As the secret is after this apply.
data "csms_secret_versions" "after" {
  secret_name = var.secret_name
  region      = var.region

  depends_on = [
    csms_secret_stage.keep_current,
    csms_secret_stage.keep_previous,
    csms_secret_stage.pinned,
    csms_secret_stage.current,
    csms_secret_stage.previous,
    csms_secret_version_expiry.previous,
    csms_secret_version_expiry.current,
  ]
}
