import {
  to = csms_secret_version_expiry.previous
  id = "db-password/v1"
}
