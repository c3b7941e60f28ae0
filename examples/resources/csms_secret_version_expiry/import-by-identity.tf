import {
  to = csms_secret_version_expiry.previous
  identity = {
    secret_name = "db-password"
    version_id  = "v1"
  }
}
