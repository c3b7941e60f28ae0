# Every stage of every secret, the built-in ones included.
list "csms_secret_stage" "all" {
  provider = csms
}

# The stages of one secret, with the version that each is on.
list "csms_secret_stage" "db_password" {
  provider         = csms
  include_resource = true

  config {
    secret_name = "db-password"
  }
}
