variable "secret_name" {
  type        = string
  description = "Name of the secret to rotate."
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

variable "version_id" {
  type        = string
  description = "Id of the version that shall be current, such as v3. To roll back, set it to an older one. Null takes it from follow_stage, or else the newest version. It may be known only after apply."
  default     = null

  validation {
    condition     = var.version_id == null || can(regex("^v[0-9]+$", var.version_id))
    error_message = "The id of a version is a v and a number, such as v3. For the newest version leave version_id out."
  }
}

variable "follow_stage" {
  type        = string
  description = "Stage that whoever writes new versions puts on the one that shall be current, such as CANDIDATE. SYSCURRENT is follow mode: somebody else rotates, and the module moves neither SYSCURRENT nor SYSPREVIOUS."
  default     = null

  validation {
    condition     = var.follow_stage == null || can(regex("^[A-Za-z0-9_-]{1,64}$", var.follow_stage))
    error_message = "The name of a stage has 1 to 64 letters, digits, hyphens or underscores."
  }

  validation {
    condition     = try(var.follow_stage != "SYSPREVIOUS", true)
    error_message = "SYSPREVIOUS follows SYSCURRENT: the two would change places at every apply. To roll back, set version_id."
  }
}

variable "has_previous" {
  type        = bool
  description = "Whether the secret has a version before the current one. Null finds it out at plan. Set it to true where version_id is known only after apply and only one version has a stage yet, and where the module has depends_on."
  default     = null
}

variable "valid_for" {
  type        = string
  description = "How long the previous version stays valid after the rotation, such as 720h. Null leaves its expiry alone."
  default     = null

  validation {
    condition     = var.valid_for == null || try(timecmp(timeadd("2000-01-01T00:00:00Z", var.valid_for), "2000-01-01T00:00:00Z") > 0, false)
    error_message = "A duration has hours, minutes and seconds, as in 720h or 1h30m, and is more than zero."
  }
}

variable "current_expire_time" {
  type        = string
  description = "When the current version expires, such as 2030-01-31T00:00:00Z. Null leaves its expiry alone. After a roll-back the current version still has the expiry that it got as the previous one; the service cannot clear it, but a later one can be set here."
  default     = null
}

variable "keep_stage" {
  type        = string
  description = "Beginning of the module's own stages, as in KEEP-CURRENT and KEEP-PREVIOUS. Nobody else moves these, so they keep the service from removing the two versions when somebody else's rotation takes SYSCURRENT or SYSPREVIOUS from them."
  default     = "KEEP"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,55}$", var.keep_stage)) && !startswith(var.keep_stage, "SYS")
    error_message = "The stage has 1 to 55 letters, digits, hyphens or underscores; names that start with SYS are the service's."
  }
}

variable "stages" {
  type        = map(string)
  description = "Stages to pin besides, and the version that each one is on, such as { BATCH-JOB = \"v2\" }."
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.stages) : can(regex("^[A-Za-z0-9_-]{1,64}$", name)) && !startswith(name, "SYS")])
    error_message = "The name of a stage has 1 to 64 letters, digits, hyphens or underscores; names that start with SYS are the service's."
  }

  validation {
    condition     = length(var.stages) <= 8
    error_message = "A secret has 12 stages at most, of which SYSCURRENT, SYSPREVIOUS and the module's own two are four."
  }
}

variable "alarm_before" {
  type        = string
  description = "How long before a version in use expires the check warns."
  default     = "168h"
  nullable    = false

  validation {
    condition     = can(timeadd("2000-01-01T00:00:00Z", var.alarm_before))
    error_message = "A duration has hours, minutes and seconds, as in 168h."
  }
}
