output "current_version_id" {
  description = "Id of the version that SYSCURRENT is on."
  value       = local.current
}

output "previous_version_id" {
  description = "Id of the version before: where a roll-back leads. Null if there is none."
  value       = local.has_previous ? local.previous : null
}

output "rotated_at" {
  description = "When SYSCURRENT was last moved, in RFC 3339 and UTC."
  value       = local.rotated_at
}

output "expire_time" {
  description = "When the previous version expires, in RFC 3339 and UTC. Null if the module does not set it."
  value       = one(csms_secret_version_expiry.previous[*].expire_time)
}

output "stages" {
  description = "Id of the version that each stage is on, by the stage's name."
  value       = data.csms_secret_versions.after.stages
}

output "expiring_versions" {
  description = "Expiry of each version that has SYSCURRENT or one of stages and has expired or will within alarm_before, by the version's id."
  value       = local.expiring_versions
}

output "versions_without_stage" {
  description = "Ids of the versions that the service may remove although they have not expired."
  value       = local.versions_without_stage
}
