variable "new_version_id" {
  type        = string
  description = "Id that the new version will get."
}

# Stands for the resource that writes the new version: its id is known only after apply.
resource "terraform_data" "new_version" {
  input = var.new_version_id

  triggers_replace = var.new_version_id
}

module "rotation" {
  source = "../.."

  secret_name = "db-password"
  version_id  = terraform_data.new_version.output
  valid_for   = "720h"

  # Without it, the first rotation of a secret with a single version could not be planned.
  has_previous = true
}

output "rotation" {
  value = module.rotation
}
