# Applications that read a version by a label of their own, and so change it when somebody says so, not when the secret is
# rotated.

data "csms_secret_versions" "before" {
  secret_name = var.secret_name
  region      = var.region
}

# The provider moves labels of one secret one after another, and each straight to its new version: two that change places
# are never both on one version for longer than a call, and none is ever gone.
resource "csms_secret_stage" "pinned" {
  for_each = var.labels

  secret_name = var.secret_name
  region      = var.region
  name        = each.key
  version_id  = each.value == null ? data.csms_secret_versions.before.latest_version_id : each.value
}

# As the secret is after this apply.
data "csms_secret_versions" "after" {
  secret_name = var.secret_name
  region      = var.region

  depends_on = [csms_secret_stage.pinned]
}
