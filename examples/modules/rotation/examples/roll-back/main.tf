variable "version_id" {
  type        = string
  description = "The version that shall be current. To roll back, name the older one."
  default     = null
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
