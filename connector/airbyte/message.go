package airbyte

import (
	"encoding/json"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/internal/pasted"
)

// protocolVersion is the version of the protocol that the messages follow.
const protocolVersion = "0.2.0"

// A message is a line of output. Type determines which other field is set. RECORD and
// STATE messages are built without it; see delivery.
type message struct {
	Type             string            `json:"type"`
	Spec             *specification    `json:"spec,omitempty"`
	ConnectionStatus *connectionStatus `json:"connectionStatus,omitempty"`
	Catalog          *catalog          `json:"catalog,omitempty"`
	Trace            *trace            `json:"trace,omitempty"`
	Log              *logEntry         `json:"log,omitempty"`
	Control          *control          `json:"control,omitempty"`
}

type specification struct {
	ProtocolVersion         string          `json:"protocol_version"`
	SupportsIncremental     bool            `json:"supportsIncremental"`
	ConnectionSpecification json.RawMessage `json:"connectionSpecification"`
}

type connectionStatus struct {
	Status  string `json:"status"` // SUCCEEDED or FAILED
	Message string `json:"message,omitempty"`
}

type trace struct {
	Type         string        `json:"type"`       // STREAM_STATUS or ERROR
	EmittedAt    int64         `json:"emitted_at"` // in milliseconds
	StreamStatus *streamStatus `json:"stream_status,omitempty"`
	Error        *traceError   `json:"error,omitempty"`
}

type streamStatus struct {
	Descriptor descriptor `json:"stream_descriptor"`
	Status     string     `json:"status"`
}

// The statuses of a stream.
const (
	statusStarted    = "STARTED"
	statusRunning    = "RUNNING"
	statusComplete   = "COMPLETE"
	statusIncomplete = "INCOMPLETE"
)

type traceError struct {
	Message         string      `json:"message"`
	InternalMessage string      `json:"internal_message"`
	FailureType     string      `json:"failure_type"`
	Descriptor      *descriptor `json:"stream_descriptor,omitempty"`
}

// failureTypeOf returns Airbyte's term for a kind of failure.
func failureTypeOf(kind connector.Kind) string {
	switch kind {
	case connector.Configuration:
		return "config_error"
	case connector.Transient, connector.Interrupted:
		return "transient_error"
	}
	return "system_error"
}

type logEntry struct {
	Level   string `json:"level"` // FATAL, ERROR, WARN, INFO, DEBUG or TRACE
	Message string `json:"message"`
}

type control struct {
	Type            string          `json:"type"`       // CONNECTOR_CONFIG
	EmittedAt       int64           `json:"emitted_at"` // in milliseconds
	ConnectorConfig connectorConfig `json:"connectorConfig"`
}

type connectorConfig struct {
	Config json.RawMessage `json:"config"`
}

// A descriptor names a stream.
type descriptor struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace,omitempty"`
}

// quoted returns the descriptor as JSON, in which the name comes first.
func (d *descriptor) quoted() string {
	text, _ := json.Marshal(d) // strings can always be encoded
	return string(text)
}

// shown returns the name of a stream that the platform has sent, for people: the source
// may not have the stream, and something else may have been pasted in its place.
func (d descriptor) shown() string { return pasted.Label(d.String()) }

// String returns the name of the stream, after its namespace if it has one.
func (d descriptor) String() string {
	if d.Namespace == "" {
		return d.Name
	}
	return d.Namespace + "." + d.Name
}
