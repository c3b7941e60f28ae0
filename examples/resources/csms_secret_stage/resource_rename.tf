# Another name replaces the resource. The service may delete a version that has no stage, so the version gets the new one before the old
# one is deleted.
resource "csms_secret_stage" "fallback" {
  secret_name = "db-password"
  name        = "FALLBACK"
  version_id  = "v1"

  lifecycle {
    create_before_destroy = true
  }
}
