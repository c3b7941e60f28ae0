package huaweicloud

// Operations as an [Error] and an [Attempt] name them. The names of a project and of an agency
// follow theirs.
const (
	OperationGetProject   = "look up the project"
	OperationGetAccount   = "look up the account"
	OperationLogin        = "obtain a token"
	OperationAssumeAgency = "assume the agency"
	OperationGetMetadata  = "read the metadata of the cloud server"
)
