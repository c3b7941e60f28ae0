# Left out, the newest version is current. An older one rolls back, for as long as it is set.
variable "version_id" {
  type    = string
  default = null

  validation {
    condition     = var.version_id == null || can(regex("^v[0-9]+$", var.version_id))
    error_message = "This is not the id of a version, such as v2. If it is what terraform output printed, roll_back_to is null: the stage has not been on another version, so there is nothing to roll back to."
  }
}

data "csms_secret_versions" "api_key" {
  secret_name = "api-key"
}

resource "csms_secret_stage" "live" {
  secret_name         = "api-key"
  name                = "SYSCURRENT"
  version_id          = coalesce(var.version_id, data.csms_secret_versions.api_key.latest_version_id)
  expected_version_id = lookup(data.csms_secret_versions.api_key.stages, "SYSCURRENT", "")
}

# To take the last rotation back, whoever made it:
#
#   terraform apply -refresh-only
#   terraform apply -var version_id="$(terraform output -raw roll_back_to)"
output "roll_back_to" {
  value = csms_secret_stage.live.previous_version_id
}
