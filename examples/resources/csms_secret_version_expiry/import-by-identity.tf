import {
  to = csms_secret_version_expiry.previous
  identity = {
    secret_name = "api-key"
    version_id  = "v1"
  }
}
