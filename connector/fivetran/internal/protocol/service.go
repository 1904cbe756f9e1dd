package protocol

// Service is the full name of the gRPC service.
const Service = "fivetran_sdk.v2.SourceConnector"

// The methods of the service.
const (
	MethodForm   = "ConfigurationForm"
	MethodTest   = "Test"
	MethodSchema = "Schema"
	MethodUpdate = "Update"
)

// MaxMessage is the largest size of a message in bytes, in both directions.
const MaxMessage = 128 << 20

// MaxRecords is the largest number of records in one message.
const MaxRecords = 100
