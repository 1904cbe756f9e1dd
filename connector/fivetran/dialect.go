package fivetran

import (
	"errors"

	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// A Dialect is a variant of the service. The messages are the same, except where the comments
// of the dialects say so.
type Dialect uint8

const (
	// PartnerSDK is the variant of Fivetran's Partner SDK, for sources that Fivetran hosts as
	// gRPC servers. Warnings and tasks are plain text.
	PartnerSDK Dialect = iota
	// ConnectorSDK is the variant that Fivetran's Connector SDK for Python serves, for
	// programs that expect such a server. Warnings and tasks are JSON objects. A default is
	// shown as the placeholder of its field, and an empty text counts as not set. A bool that
	// is true by default, or that is required, is a dropdown. The process prints a line when
	// it is ready, and its log has other names and levels.
	ConnectorSDK
)

var dialectNames = []string{PartnerSDK: "partner-sdk", ConnectorSDK: "connector-sdk"}

// String returns the name of the dialect, such as "partner-sdk".
func (d Dialect) String() string {
	if int(d) < len(dialectNames) {
		return dialectNames[d]
	}
	return "unknown dialect"
}

// MarshalText returns the name of the dialect.
func (d Dialect) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText sets d to the dialect with a name.
func (d *Dialect) UnmarshalText(text []byte) error {
	for i, name := range dialectNames {
		if name == string(text) {
			*d = Dialect(i)
			return nil
		}
	}
	return errors.New("want partner-sdk or connector-sdk")
}

// message returns the text of a warning or of a task.
func (d Dialect) message(text string) string {
	if d != ConnectorSDK {
		return validText(text)
	}
	return string(append(rawjson.AppendString([]byte(`{"message":`), text), '}'))
}
