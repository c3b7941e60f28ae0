variable "secret_name" {
  type        = string
  description = "Name of the secret."
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]{1,64}$", var.secret_name))
    error_message = "The name of a secret has 1 to 64 letters, digits, hyphens, underscores or dots."
  }
}

variable "region" {
  type        = string
  description = "Region of the secret. Null is the provider's."
  default     = null
}

variable "stages" {
  type        = map(string)
  description = "Stages that applications read by, and the version that each one is on, such as { BLUE = \"v1\", GREEN = \"v2\" }. Null is the newest version at the time of the plan."
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.stages) : can(regex("^[A-Za-z0-9_-]{1,64}$", name)) && !startswith(name, "SYS")])
    error_message = "The name of a stage has 1 to 64 letters, digits, hyphens or underscores; names that start with SYS are the service's."
  }

  validation {
    condition     = alltrue([for id in values(var.stages) : id == null || can(regex("^v[0-9]+$", id))])
    error_message = "The id of a version is a v and a number, such as v3. For the newest version write null."
  }

  validation {
    condition     = length(var.stages) <= 10
    error_message = "A secret has 12 stages at most, of which SYSCURRENT and SYSPREVIOUS are two."
  }
}

variable "keep_stage" {
  type        = string
  description = "Beginning of a second stage for each one, as in KEEP-BLUE, which moves first. So a version that one stage leaves while another one comes has a stage all the time, and the service does not remove it. Null saves these stages."
  default     = "KEEP"

  validation {
    condition     = var.keep_stage == null || can(regex("^[A-Za-z0-9_-]{1,32}$", var.keep_stage)) && !startswith(coalesce(var.keep_stage, "-"), "SYS")
    error_message = "The stage has 1 to 32 letters, digits, hyphens or underscores; names that start with SYS are the service's."
  }
}

variable "alarm_before" {
  type        = string
  description = "How long before a pinned version expires the check warns."
  default     = "168h"
  nullable    = false

  validation {
    condition     = can(timeadd("2000-01-01T00:00:00Z", var.alarm_before))
    error_message = "A duration has hours, minutes and seconds, as in 168h."
  }
}
