# What the module refuses, before anything is planned.

variables {
  secret_name = "api-key"
}

run "label_of_the_service" {
  command = plan

  variables {
    labels = { SYSCURRENT = "v1" }
  }

  expect_failures = [var.labels]
}

run "alias_instead_of_a_version" {
  command = plan

  variables {
    labels = { BLUE = "latest" }
  }

  expect_failures = [var.labels]
}

run "more_labels_than_a_secret_can_have" {
  command = plan

  variables {
    labels = { for n in range(11) : "L${n}" => "v1" }
  }

  expect_failures = [var.labels]
}

run "days" {
  command = plan

  variables {
    labels       = {}
    alarm_before = "7d"
  }

  expect_failures = [var.alarm_before]
}

run "more_labels_than_a_secret_can_have_twice" {
  command = plan

  variables {
    labels = { for n in range(6) : "L${n}" => "v1" }
  }

  expect_failures = [csms_secret_stage.keep]
}

run "label_of_the_service_to_keep" {
  command = plan

  variables {
    labels     = {}
    keep_label = "SYS"
  }

  expect_failures = [var.keep_label]
}
