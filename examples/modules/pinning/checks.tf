locals {
  versions = { for v in data.csms_secret_versions.after.versions : v.version_id => v }
  pinned   = { for name, stage in csms_secret_stage.pinned : name => stage.version_id }

  expiring_stages = {
    for name, id in local.pinned : name => local.versions[id].expire_time
    if try(timecmp(local.versions[id].expire_time, timeadd(plantimestamp(), var.alarm_before)) < 0, false)
  }

  # By number: v10 is newer than v9.
  outdated_stages = sort([
    for name, id in local.pinned : name
    if try(tonumber(trimprefix(id, "v")) < tonumber(trimprefix(data.csms_secret_versions.after.stages["SYSCURRENT"], "v")), false)
  ])

  versions_without_stage = [for id, v in local.versions : id if length(v.version_stages) == 0 && !v.expired]
}

check "pinned_versions_stay_valid" {
  assert {
    condition = length(local.expiring_stages) == 0
    error_message = format("Stages of the secret %s are on versions that have expired or will within %s: %s.", var.secret_name, var.alarm_before,
    join(", ", [for name, time in local.expiring_stages : "${name} on ${local.pinned[name]} at ${time}"]))
  }
}

check "valid_versions_have_stages" {
  assert {
    condition = length(local.versions_without_stage) == 0
    error_message = format("Versions of the secret %s have no stage, so the service may remove them although they have not expired: %s.",
    var.secret_name, join(", ", local.versions_without_stage))
  }
}
