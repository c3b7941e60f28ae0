# Every version that has an expiry.
list "csms_secret_version_expiry" "all" {
  provider         = csms
  include_resource = true
}
