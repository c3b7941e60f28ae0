data "csms_secret_stage" "current" {
  secret_name = "db-password"
  name        = "SYSCURRENT"
}

output "rotated_at" {
  value = data.csms_secret_stage.current.update_time
}
