# The name of the secret and the name of the stage
terraform import csms_secret_stage.current db-password/SYSCURRENT

# With a region other than the provider's
terraform import csms_secret_stage.current eu-west-101/db-password/SYSCURRENT
