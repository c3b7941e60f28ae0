locals {
  # What applications read as far as the module knows. The previous version is meant to expire.
  labels_in_use = concat(["SYSCURRENT"], keys(var.labels))

  expiring_versions = {
    for v in data.csms_secret_versions.after.versions : v.version_id => v.expire_time
    if v.expire_time != null
    && length(setintersection(v.version_stages, local.labels_in_use)) > 0
    && timecmp(coalesce(v.expire_time, "9999-12-31T23:59:59Z"), timeadd(plantimestamp(), var.alarm_before)) < 0
  }

  unlabelled_versions = [
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

check "valid_versions_are_labelled" {
  assert {
    condition = length(local.unlabelled_versions) == 0
    error_message = format("Versions of the secret %s have no label, so the service may remove them although they have not expired: %s.",
    var.secret_name, join(", ", local.unlabelled_versions))
  }
}
