output "versions" {
  description = "Id of the version that each pinned stage is on, by the stage's name."
  value       = local.pinned
}

output "pinned_at" {
  description = "When each stage was put on its version, in RFC 3339 and UTC, by the stage's name."
  value       = { for name, stage in csms_secret_stage.pinned : name => stage.update_time }
}

output "previous_versions" {
  description = "Id of the version that each stage was on before, by the stage's name: where a way back leads. Null if the stage was new."
  value       = { for name, stage in csms_secret_stage.pinned : name => stage.previous_version_id }
}

output "outdated_stages" {
  description = "Stages on a version older than SYSCURRENT's: who reads by them has not followed the last rotation."
  value       = local.outdated_stages
}

output "expiring_stages" {
  description = "Stages on a version that has expired or will within alarm_before, and its expiry."
  value       = local.expiring_stages
}

output "versions_without_stage" {
  description = "Ids of the versions that the service may remove although they have not expired."
  value       = local.versions_without_stage
}
