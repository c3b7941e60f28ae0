# Left out, the newest version is current. An older one rolls back, for as long as it is set.
variable "version_id" {
  type    = string
  default = null
}

data "csms_secret_versions" "api_key" {
  secret_name = "api-key"
}

resource "csms_secret_stage" "live" {
  secret_name = "api-key"
  name        = "SYSCURRENT"
  version_id  = coalesce(var.version_id, data.csms_secret_versions.api_key.latest_version_id)
}

# To take the last rotation back: terraform apply -var version_id="$(terraform output -raw roll_back_to)"
output "roll_back_to" {
  value = csms_secret_stage.live.previous_version_id
}
