import {
  to = csms_secret_version_expiry.previous
  id = "api-key/v1"
}
