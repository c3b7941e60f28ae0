# Somebody else's configuration, with a state of its own: it wants the stage ROLLBACK on another version.

terraform {
  required_providers {
    csms = {
      source = "csms/csms"
    }
  }
}

provider "csms" {}

resource "csms_secret_stage" "rollback" {
  secret_name = "db-password"
  name        = "ROLLBACK"
  version_id  = "v1"
}

data "csms_secret_versions" "all" {
  secret_name = "db-password"
  depends_on  = [csms_secret_stage.rollback]
}

output "stages" {
  value = data.csms_secret_versions.all.stages
}
