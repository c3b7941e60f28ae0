# A rotation job says by a stage which version shall be current.

variables {
  secret_name  = "db-password"
  follow_stage = "CANDIDATE"
}

run "moves_to_the_version_with_the_stage" {
  expect_failures = [check.valid_versions_have_stages]

  assert {
    condition     = output.stages["SYSCURRENT"] == "v3" && output.stages["SYSPREVIOUS"] == "v2" && output.stages["KEEP-PREVIOUS"] == "v2"
    error_message = "The stage decides, not the newest version."
  }

  assert {
    condition     = output.expire_time == null
    error_message = "Without valid_for the module should leave expiries alone."
  }

  assert {
    condition     = join(",", output.versions_without_stage) == "v1"
    error_message = "v1 does not expire, and no stage keeps it any more."
  }
}
