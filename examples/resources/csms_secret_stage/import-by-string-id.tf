import {
  to = csms_secret_stage.current
  id = "db-password/SYSCURRENT"
}
