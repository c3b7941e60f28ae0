# What the module refuses, before anything is planned.

variables {
  secret_name = "db-password"
}

run "name_of_the_secret" {
  command = plan

  variables {
    secret_name = "team/db-password"
  }

  expect_failures = [var.secret_name]
}

run "alias_instead_of_a_version" {
  command = plan

  variables {
    version_id = "latest"
  }

  expect_failures = [var.version_id]
}

run "version_and_stage_at_once" {
  command = plan

  variables {
    version_id   = "v2"
    follow_stage = "SYSCURRENT"
  }

  expect_failures = [csms_secret_stage.keep_current]
}

run "stage_that_follows" {
  command = plan

  variables {
    follow_stage = "SYSPREVIOUS"
  }

  expect_failures = [var.follow_stage]
}

run "stage_that_is_missing" {
  command = plan

  variables {
    follow_stage = "CANDIDATE"
  }

  expect_failures = [data.csms_secret_versions.before]
}

run "days" {
  command = plan

  variables {
    valid_for = "30d"
  }

  expect_failures = [var.valid_for]
}

run "no_time_at_all" {
  command = plan

  variables {
    valid_for = "0h"
  }

  expect_failures = [var.valid_for]
}

run "stage_of_the_service_to_keep" {
  command = plan

  variables {
    keep_stage = "SYSCURRENT"
  }

  expect_failures = [var.keep_stage]
}

run "stage_of_the_service_to_pin" {
  command = plan

  variables {
    stages = { SYSPREVIOUS = "v1" }
  }

  expect_failures = [var.stages]
}

run "stage_of_the_module_to_pin" {
  command = plan

  variables {
    stages = { KEEP-CURRENT = "v1" }
  }

  expect_failures = [csms_secret_stage.pinned]
}

run "more_stages_than_a_secret_can_have" {
  command = plan

  variables {
    stages = { for n in range(9) : "L${n}" => "v1" }
  }

  expect_failures = [var.stages]
}
