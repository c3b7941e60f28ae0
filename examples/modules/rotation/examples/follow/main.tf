# Something else rotates, such as the service's own rotation or a console user. The module looks after what is left behind:
# the version before keeps a stage and gets an expiry at the next apply.
module "rotation" {
  source = "../.."

  secret_name  = "db-password"
  follow_stage = "SYSCURRENT"
  valid_for    = "720h"
}

output "rotation" {
  value = module.rotation
}
