# Rotation, roll-back and roll-forward, one apply each. A plan after each one shows that nothing moves by itself: an update
# would make update_time unknown, and a replacement the expiry's id.

variables {
  secret_name = "db-password"
  valid_for   = "720h"
  stages      = { BATCH-JOB = "v2" }
}

run "rotates_to_the_newest_version" {
  assert {
    condition     = output.current_version_id == "v3" && output.previous_version_id == "v2"
    error_message = "SYSCURRENT should move from v2 to v3."
  }

  assert {
    condition = (
      csms_secret_stage.current[0].expected_version_id == "v2" && csms_secret_stage.previous[0].expected_version_id == "v1" &&
      csms_secret_stage.keep_current.expected_version_id == "" && csms_secret_stage.pinned["BATCH-JOB"].expected_version_id == ""
    )
    error_message = "Each stage should be taken only from where the plan found it, and made only if there was none."
  }

  assert {
    condition = output.stages == tomap({
      SYSCURRENT = "v3", SYSPREVIOUS = "v2", KEEP-CURRENT = "v3", KEEP-PREVIOUS = "v2",
      BATCH-JOB  = "v2", CANDIDATE = "v3",
    })
    error_message = "SYSPREVIOUS should be on the version that SYSCURRENT left, and the module's stages on the two."
  }

  assert {
    condition     = output.expire_time == timeadd(output.rotated_at, "720h")
    error_message = "The previous version should stay valid for 720 hours after the rotation."
  }

  assert {
    condition     = length(output.expiring_versions) == 0 && length(output.versions_without_stage) == 0
    error_message = "v2 expires only in 30 days, and v1, which has no stage any more, has expired."
  }
}

run "then_plans_nothing" {
  command = plan

  assert {
    condition = output.stages == tomap({
      SYSCURRENT = "v3", SYSPREVIOUS = "v2", KEEP-CURRENT = "v3", KEEP-PREVIOUS = "v2",
      BATCH-JOB  = "v2", CANDIDATE = "v3",
    })
    error_message = "No stage should move."
  }

  assert {
    condition     = csms_secret_stage.current[0].update_time == output.rotated_at
    error_message = "SYSCURRENT should not move."
  }

  assert {
    condition     = output.expire_time == timeadd(output.rotated_at, "720h")
    error_message = "The expiry should not move with the time of the plan."
  }
}

run "rolls_back" {
  variables {
    version_id = "v2"
  }

  assert {
    condition     = output.stages["SYSCURRENT"] == "v2" && output.stages["SYSPREVIOUS"] == "v3" && output.stages["KEEP-PREVIOUS"] == "v3"
    error_message = "The two versions should have changed places."
  }

  assert {
    condition     = csms_secret_version_expiry.previous[0].version_id == "v3"
    error_message = "The version that was taken back should expire."
  }
}

# The expiry that v2 got as the previous version is still there, and the service cannot clear it.
run "warns_that_the_version_rolled_back_to_expires" {
  command = plan

  variables {
    version_id   = "v2"
    alarm_before = "721h"
  }

  expect_failures = [check.versions_in_use_stay_valid]
}

run "gives_the_version_rolled_back_to_a_later_expiry" {
  variables {
    version_id          = "v2"
    alarm_before        = "721h"
    current_expire_time = "2280-01-01T00:00:00Z"
  }

  assert {
    condition     = length(output.expiring_versions) == 0
    error_message = "The current version should not expire soon any more."
  }
}

run "rolls_forward" {
  variables {
    version_id = "v3"
  }

  assert {
    condition     = output.stages["SYSCURRENT"] == "v3" && output.stages["SYSPREVIOUS"] == "v2" && output.stages["KEEP-PREVIOUS"] == "v2"
    error_message = "The two versions should have changed places again."
  }
}
