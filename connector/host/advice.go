package host

import (
	"errors"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// advice returns the last clause of a message to the person who runs the
// connector. It is empty if err already says what to do.
func advice(err error) string {
	for e, ok := errors.AsType[*connector.Error](err); ok; e, ok = errors.AsType[*connector.Error](e.Err) {
		if e.Hint != "" {
			return ""
		}
	}
	if _, ok := errors.AsType[*state.Error](err); ok {
		return "" // its text says what to do
	}
	switch connector.KindOf(err) {
	case connector.Configuration:
		return "; check the configuration"
	case connector.Transient:
		return "; try again later"
	case connector.Interrupted:
		return ""
	}
	if _, ok := errors.AsType[*schema.RowError](err); ok {
		return "; the connector and its schema disagree, which is a defect of the connector"
	}
	return "; this is a defect of the connector"
}
