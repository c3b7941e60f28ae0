output "versions" {
  description = "Id of the version that each pinned label is on, by the label's name."
  value       = local.pinned
}

output "pinned_at" {
  description = "When each label was put on its version, in RFC 3339 and UTC, by the label's name."
  value       = { for name, stage in csms_secret_stage.pinned : name => stage.update_time }
}

output "previous_versions" {
  description = "Id of the version that each label was on before, by the label's name: where a way back leads. Null if the label was new."
  value       = { for name, stage in csms_secret_stage.pinned : name => stage.previous_version_id }
}

output "outdated_labels" {
  description = "Labels on a version older than SYSCURRENT's: who reads by them has not followed the last rotation."
  value       = local.outdated_labels
}

output "expiring_labels" {
  description = "Labels on a version that has expired or will within alarm_before, and its expiry."
  value       = local.expiring_labels
}

output "unlabelled_versions" {
  description = "Ids of the versions that the service may remove although they have not expired."
  value       = local.unlabelled_versions
}
