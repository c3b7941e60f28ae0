# What the module warns of.

variables {
  secret_name = "api-key"
}

run "expired_versions_and_versions_without_stage" {
  variables {
    stages = { LEGACY = "v9", REPORTS = "v12" }
  }

  expect_failures = [check.pinned_versions_stay_valid, check.valid_versions_have_stages]

  assert {
    condition     = output.expiring_stages == { LEGACY = "2020-01-01T00:00:00Z" }
    error_message = "LEGACY is on an expired version; REPORTS is not, for a long time."
  }

  assert {
    condition     = join(",", output.versions_without_stage) == "v10"
    error_message = "v10 is the version that no stage keeps."
  }

  assert {
    condition     = join(",", output.outdated_stages) == "LEGACY"
    error_message = "v9 is older than v11; v12 is not."
  }
}

run "versions_that_will_expire" {
  variables {
    stages       = { REPORTS = "v12", BATCH = "v10" }
    alarm_before = "1000000h"
  }

  expect_failures = [check.pinned_versions_stay_valid]

  assert {
    condition     = join(",", keys(output.expiring_stages)) == "REPORTS"
    error_message = "REPORTS is on a version that expires within alarm_before."
  }
}
