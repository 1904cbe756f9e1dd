package airbyte

import (
	"fmt"
	"sync"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/host/config"
)

// A wire writes messages. It is the [host.Destination] of replaced secrets while no
// sync is running.
type wire struct {
	lines *host.LineWriter
	form  func() (*config.Form, error)
	began time.Time

	mu            sync.Mutex // guards configuration
	configuration []byte     // as the platform gave it, with the values that were replaced since
}

func newWire(lines *host.LineWriter) *wire { return &wire{lines: lines, began: time.Now()} }

// now returns the time as the number of nanoseconds since 1970. It never goes back.
func (w *wire) now() int64 { return w.began.UnixNano() + int64(time.Since(w.began)) }

// millis returns the time as the number of milliseconds since 1970.
func (w *wire) millis() int64 { return w.now() / int64(time.Millisecond) }

// log writes a LOG message.
func (w *wire) log(level, text string) error {
	return w.lines.JSON(&message{Type: "LOG", Log: &logEntry{Level: level, Message: text}})
}

// status writes the status of a stream.
func (w *wire) status(d descriptor, status string) error {
	return w.lines.JSON(&message{Type: "TRACE", Trace: &trace{
		Type: "STREAM_STATUS", EmittedAt: w.millis(), StreamStatus: &streamStatus{d, status},
	}})
}

// report writes an error with its explanation. The descriptor names the stream that
// failed; it is nil if the error does not belong to one stream.
func (w *wire) report(explanation string, err error, d *descriptor) error {
	return w.lines.JSON(&message{Type: "TRACE", Trace: &trace{
		Type: "ERROR", EmittedAt: w.millis(), Error: &traceError{
			Message: explanation, InternalMessage: err.Error(), FailureType: failureTypeOf(connector.KindOf(err)), Descriptor: d,
		},
	}})
}

// Write implements [host.Destination] for replaced secrets.
func (w *wire) Write(op *host.Operation) error {
	if op.Kind != host.OpReplacedSecret {
		return fmt.Errorf("write a message: unexpected operation %v", op.Kind)
	}
	return w.replace(op.Field, op.Value)
}

// replace hands the configuration with a new value of a field to the platform, which
// replaces the whole configuration. The old value is no longer valid, so the platform
// must receive the new one before the connector continues.
func (w *wire) replace(field string, value connector.Secret) error {
	form, err := w.form()
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	replaced, err := form.Replace(w.configuration, field, value)
	if err != nil {
		return err
	}
	w.configuration = replaced
	if err := w.lines.JSON(&message{Type: "CONTROL", Control: &control{
		Type: "CONNECTOR_CONFIG", EmittedAt: w.millis(), ConnectorConfig: connectorConfig{replaced},
	}}); err != nil {
		return err
	}
	return w.lines.Flush()
}
