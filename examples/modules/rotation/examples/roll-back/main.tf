variable "version_id" {
  type        = string
  description = "The version that shall be current. To roll back, name the older one."
  default     = null

  validation {
    condition     = var.version_id == null || can(regex("^v[0-9]+$", var.version_id))
    error_message = "This is not the id of a version, such as v2. If it is what terraform output printed, roll_back_to is null: there is no version before the current one, so there is nothing to roll back to."
  }
}

variable "current_expire_time" {
  type        = string
  description = "A version that is taken back has the expiry that it got when it was left: give it a later one."
  default     = null
}

module "rotation" {
  source = "../.."

  secret_name         = "db-password"
  version_id          = var.version_id
  valid_for           = "720h"
  current_expire_time = var.current_expire_time
}

output "rotation" {
  value = module.rotation
}

# To take the last rotation back, whoever made it:
#
#   terraform apply -refresh-only
#   terraform apply -var version_id="$(terraform output -raw roll_back_to)"
output "roll_back_to" {
  value = module.rotation.previous_version_id
}
