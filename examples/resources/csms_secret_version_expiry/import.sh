# The name of the secret and the id of the version
terraform import csms_secret_version_expiry.previous api-key/v1

# With a region other than the provider's
terraform import csms_secret_version_expiry.previous eu-west-101/api-key/v1
