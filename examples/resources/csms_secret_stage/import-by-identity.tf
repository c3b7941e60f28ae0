import {
  to = csms_secret_stage.current
  identity = {
    secret_name = "db-password"
    name        = "SYSCURRENT"
  }
}
