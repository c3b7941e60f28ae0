# A secret that has never been rotated has no previous version.

variables {
  secret_name = "api-key"
  valid_for   = "720h"
}

run "adopts_the_only_version" {
  assert {
    condition     = output.stages == tomap({ SYSCURRENT = "v1", KEEP-CURRENT = "v1" })
    error_message = "SYSCURRENT is in place, and the module's stage comes beside it."
  }

  assert {
    condition     = output.previous_version_id == null && output.expire_time == null
    error_message = "There is no version before the first."
  }

  assert {
    condition     = csms_secret_stage.current[0].expected_version_id == "v1" && csms_secret_stage.keep_current.expected_version_id == ""
    error_message = "Each stage should be taken only from where the plan found it, and made only if there was none."
  }
}

run "refuses_to_keep_what_is_not_there" {
  command = plan

  variables {
    has_previous = true
  }

  expect_failures = [csms_secret_stage.keep_previous]
}
