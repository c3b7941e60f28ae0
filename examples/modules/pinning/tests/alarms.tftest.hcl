# What the module warns of.

variables {
  secret_name = "api-key"
}

run "expired_and_unlabelled_versions" {
  variables {
    labels = { LEGACY = "v9", REPORTS = "v12" }
  }

  expect_failures = [check.pinned_versions_stay_valid, check.valid_versions_are_labelled]

  assert {
    condition     = output.expiring_labels == { LEGACY = "2020-01-01T00:00:00Z" }
    error_message = "LEGACY is on an expired version; REPORTS is not, for a long time."
  }

  assert {
    condition     = join(",", output.unlabelled_versions) == "v10"
    error_message = "v10 is the version that no label keeps."
  }

  assert {
    condition     = join(",", output.outdated_labels) == "LEGACY"
    error_message = "v9 is older than v11; v12 is not."
  }
}

run "versions_that_will_expire" {
  variables {
    labels       = { REPORTS = "v12", BATCH = "v10" }
    alarm_before = "1000000h"
  }

  expect_failures = [check.pinned_versions_stay_valid]

  assert {
    condition     = join(",", keys(output.expiring_labels)) == "REPORTS"
    error_message = "REPORTS is on a version that expires within alarm_before."
  }
}
