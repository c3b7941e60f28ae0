locals {
  # What applications read as far as the module knows. The previous version is meant to expire.
  stages_in_use = concat(["SYSCURRENT"], keys(var.stages))

  expiring_versions = {
    for v in data.csms_secret_versions.after.versions : v.version_id => v.expire_time
    if v.expire_time != null
    && length(setintersection(v.version_stages, local.stages_in_use)) > 0
    && timecmp(coalesce(v.expire_time, "9999-12-31T23:59:59Z"), timeadd(plantimestamp(), var.alarm_before)) < 0
  }

  versions_without_stage = [
    for v in data.csms_secret_versions.after.versions : v.version_id
    if length(v.version_stages) == 0 && !v.expired
  ]
}

check "versions_in_use_stay_valid" {
  assert {
    condition = length(local.expiring_versions) == 0
    error_message = format("Versions of the secret %s that are in use have expired or will within %s: %s.", var.secret_name, var.alarm_before,
    join(", ", [for id, time in local.expiring_versions : "${id} at ${time}"]))
  }
}

check "valid_versions_have_stages" {
  assert {
    condition = length(local.versions_without_stage) == 0
    error_message = format("Versions of the secret %s have no stage, so the service may remove them although they have not expired: %s.",
    var.secret_name, join(", ", local.versions_without_stage))
  }
}
