# What the module refuses, before anything is planned.

variables {
  secret_name = "api-key"
}

run "stage_of_the_service" {
  command = plan

  variables {
    stages = { SYSCURRENT = "v1" }
  }

  expect_failures = [var.stages]
}

run "alias_instead_of_a_version" {
  command = plan

  variables {
    stages = { BLUE = "latest" }
  }

  expect_failures = [var.stages]
}

run "more_stages_than_a_secret_can_have" {
  command = plan

  variables {
    stages = { for n in range(11) : "L${n}" => "v1" }
  }

  expect_failures = [var.stages]
}

run "days" {
  command = plan

  variables {
    stages       = {}
    alarm_before = "7d"
  }

  expect_failures = [var.alarm_before]
}

run "more_stages_than_a_secret_can_have_twice" {
  command = plan

  variables {
    stages = { for n in range(6) : "L${n}" => "v1" }
  }

  expect_failures = [csms_secret_stage.keep]
}

run "stage_of_the_service_to_keep" {
  command = plan

  variables {
    stages     = {}
    keep_stage = "SYS"
  }

  expect_failures = [var.keep_stage]
}
