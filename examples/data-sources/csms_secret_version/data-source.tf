# The version that is current now.
data "csms_secret_version" "current" {
  secret_name = "db-password"
}

# A version by its id.
data "csms_secret_version" "first" {
  secret_name = "db-password"
  version_id  = "v1"
}

output "current_version_expires" {
  value = data.csms_secret_version.current.expire_time
}
