variable "new_version_id" {
  type        = string
  description = "A new value here stands for a change of whatever writes new versions."
}

# Stands for a resource that writes a new version but does not tell its id.
resource "terraform_data" "new_version" {
  triggers_replace = var.new_version_id
}

# The module looks at the secret after that resource has changed. So nothing is known at plan, except what is said here.
module "rotation" {
  source = "../.."

  secret_name  = "db-password"
  valid_for    = "720h"
  has_previous = true

  depends_on = [terraform_data.new_version]
}

output "rotation" {
  value = module.rotation
}
