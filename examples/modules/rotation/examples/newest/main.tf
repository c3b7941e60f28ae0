# Something else writes new versions, without SYSCURRENT; the next apply makes the newest one current.
module "rotation" {
  source = "../.."

  secret_name = "db-password"
  valid_for   = "720h"
}

output "rotation" {
  value = module.rotation
}
