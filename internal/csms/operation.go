package csms

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
	OperationGetProject    = "look up the project"
	OperationGetAccount    = "look up the account"
	OperationLogin         = "obtain a token"
	OperationAssumeAgency  = "assume the agency"
	OperationGetMetadata   = "read the metadata of the cloud server"
)
