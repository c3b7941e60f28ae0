# Follow mode: the module takes what it finds, and looks after the previous version only.

variables {
  follow_stage = "SYSCURRENT"
  valid_for    = "720h"
}

run "leaves_the_stages_of_the_service" {
  variables {
    secret_name = "db-password"
  }

  assert {
    condition     = output.current_version_id == "v2" && output.previous_version_id == "v1"
    error_message = "Whoever rotates decides, also if there is a newer version."
  }

  assert {
    condition     = output.stages["KEEP-PREVIOUS"] == "v1" && length(csms_secret_stage.current) == 0 && length(csms_secret_stage.previous) == 0
    error_message = "The module should put stages of its own on the two versions, and leave SYSCURRENT and SYSPREVIOUS alone."
  }

  assert {
    condition     = output.expire_time == timeadd(output.rotated_at, "720h")
    error_message = "The previous version should stay valid for 720 hours after the rotation."
  }
}

run "then_plans_nothing" {
  command = plan

  variables {
    secret_name = "db-password"
  }

  assert {
    condition     = csms_secret_stage.keep_previous[0].update_time != null && output.expire_time == timeadd(output.rotated_at, "720h")
    error_message = "Neither the stage nor the expiry should move."
  }
}

run "warns_of_versions_without_a_stage" {
  variables {
    secret_name = "api-key"
  }

  assert {
    condition     = join(",", output.versions_without_stage) == "v1"
    error_message = "v1 is the version that no stage keeps."
  }

  expect_failures = [check.valid_versions_have_stages]
}
