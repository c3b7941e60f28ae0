# Two installations of an application read the secret by BLUE and by GREEN; the router sends people to one of them. For a new
# version: give it to the idle installation, try it there, then switch the router. The old version stays with the other.
variable "live" {
  type        = string
  description = "The installation that people use: blue or green."
  default     = "blue"

  validation {
    condition     = contains(["blue", "green"], var.live)
    error_message = "The installation is blue or green."
  }
}

variable "live_version_id" {
  type        = string
  description = "The version that people's installation reads."
  default     = "v1"
}

variable "idle_version_id" {
  type        = string
  description = "The version that the other installation reads. Null is the newest."
  default     = null
}

module "pinning" {
  source = "../.."

  secret_name = "api-key"
  stages = {
    BLUE  = var.live == "blue" ? var.live_version_id : var.idle_version_id
    GREEN = var.live == "green" ? var.live_version_id : var.idle_version_id
  }
}

output "pinning" {
  value = module.pinning
}
