data "csms_secret_versions" "db_password" {
  secret_name = "db-password"
}

output "newest_version" {
  value = data.csms_secret_versions.db_password.latest_version_id
}

output "current_version" {
  value = data.csms_secret_versions.db_password.stages["SYSCURRENT"]
}

# Versions without a stage: the service may remove them.
output "versions_without_stage" {
  value = [for v in data.csms_secret_versions.db_password.versions : v.version_id if length(v.version_stages) == 0]
}
