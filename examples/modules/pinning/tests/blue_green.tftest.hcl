# Two stages that change places in one apply. In a plan, a stage that moves has no known update_time, which fails an assertion.

variables {
  secret_name = "api-key"
}

run "pins_blue_and_gives_green_the_newest_version" {
  variables {
    stages = { BLUE = "v1", GREEN = null }
  }

  assert {
    condition     = output.versions == { BLUE = "v1", GREEN = "v2" }
    error_message = "BLUE should be on v1 and GREEN on the newest version."
  }

  assert {
    condition     = join(",", output.outdated_stages) == "BLUE"
    error_message = "BLUE has not followed the last rotation."
  }
}

run "then_plans_nothing" {
  command = plan

  variables {
    stages = { BLUE = "v1", GREEN = null }
  }

  assert {
    condition     = alltrue([for at in values(output.pinned_at) : at != null])
    error_message = "No stage should move."
  }
}

run "swaps_both_in_one_apply" {
  variables {
    stages = { BLUE = "v2", GREEN = "v1" }
  }

  assert {
    condition     = output.versions == { BLUE = "v2", GREEN = "v1" }
    error_message = "BLUE and GREEN should have changed places."
  }

  assert {
    condition     = output.previous_versions == { BLUE = "v1", GREEN = "v2" }
    error_message = "The way back should be known."
  }

  assert {
    condition = (
      csms_secret_stage.pinned["BLUE"].expected_version_id == "v1" && csms_secret_stage.pinned["GREEN"].expected_version_id == "v2" &&
      csms_secret_stage.keep["BLUE"].expected_version_id == "v1"
    )
    error_message = "Each stage should be taken only from where the plan found it."
  }
}

run "swaps_back" {
  variables {
    stages = run.swaps_both_in_one_apply.previous_versions
  }

  assert {
    condition     = output.versions == { BLUE = "v1", GREEN = "v2" }
    error_message = "BLUE and GREEN should be where they were."
  }
}

run "saves_the_stages_that_keep" {
  variables {
    stages     = { BLUE = "v1", GREEN = "v2" }
    keep_stage = null
  }

  assert {
    condition     = length(csms_secret_stage.keep) == 0 && output.versions == { BLUE = "v1", GREEN = "v2" }
    error_message = "There should be no second stages, and the others should stay."
  }
}
