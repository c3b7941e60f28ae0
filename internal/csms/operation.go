package csms

import "github.com/csms/terraform-provider-csms/internal/huaweicloud"

// Operations as an [Error] and an [Attempt] name them.
const (
	OperationGetStage      = "read the stage"
	OperationPutStage      = "move the stage"
	OperationCreateStage   = "create the stage"
	OperationDeleteStage   = "delete the stage"
	OperationListVersions  = "list the versions"
	OperationUpdateVersion = "set the expiry of the version"
	OperationGetSecret     = "read the secret"
	OperationListSecrets   = "list the secrets"
	OperationLockSecret    = "wait for another change of the secret"
)

// Operations that one of CSMS may need first.
const (
	OperationGetProject   = huaweicloud.OperationGetProject
	OperationGetAccount   = huaweicloud.OperationGetAccount
	OperationLogin        = huaweicloud.OperationLogin
	OperationAssumeAgency = huaweicloud.OperationAssumeAgency
	OperationGetMetadata  = huaweicloud.OperationGetMetadata
)
