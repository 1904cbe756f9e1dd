package connectortest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
)

// A journey is a sync that is to be made.
type journey struct {
	// from is the state to begin at.
	from json.RawMessage
	// into is where the operations go; nil is a new platform.
	into *Destination
	// selection is what is wanted of the source, as a request holds it.
	selection json.RawMessage
	// before is called before each operation is applied, counted from 0. Its
	// error cuts the stream: the operation does not arrive.
	before func(n int, op *host.Operation) error
	// cancel is filled with what tells the sync to end, before it begins.
	cancel *context.CancelCauseFunc
	// network replaces the network of the connector's clients.
	network http.RoundTripper
	// connector is another one than the suite's.
	connector connector.Connector
	// limit is how long the sync may take; 0 is the suite's tooLong.
	limit time.Duration
	// watched says that goroutines that the sync leaves behind are looked for.
	watched bool
}

// A delivery is a sync that was made.
type delivery struct {
	into       *Destination
	err        error
	state      json.RawMessage // of its last checkpoint
	log        string
	began      time.Time
	ended      time.Time
	hung       bool     // it was ended because it seemed never to end
	haunted    bool     // by what virtual time has left behind
	refused    string   // rows that the connector has passed over
	late       bool     // it did not end when it was told to
	goroutines []string // that the sync has left behind
}

// errHung ends a sync that seems never to end.
var errHung = errors.New("connectortest: the sync does not end")

// failure returns the sync's error as a report has it, with the end of its log.
func (d *delivery) failure() string {
	text := d.err.Error()
	if !errors.As(d.err, new(*exitError)) { // a process does not say the kind
		text += fmt.Sprintf(" (kind %v)", connector.KindOf(d.err))
	}
	if d.hung {
		text = fmt.Sprintf("it did not end within %v", d.ended.Sub(d.began).Round(time.Second))
		if d.haunted {
			text += "; it may wait for a lock of the whole process that is held where virtual time stands, as was logged: then Network is for it, in place of Source"
		}
	}
	if d.log != "" {
		text += "\nthe end of its log:\n    " + strings.ReplaceAll(strings.TrimSpace(d.log), "\n", "\n    ")
	}
	return text
}

// take does with an operation, the nth, what a platform does.
func (d *delivery) take(op *host.Operation, n int, before func(int, *host.Operation) error) error {
	if before != nil {
		if err := before(n, op); err != nil {
			return err
		}
	}
	switch op.Kind {
	case host.OpCheckpoint:
		d.state = bytes.Clone(op.State)
	case host.OpWarning:
		if strings.Contains(op.Message, "rows were refused and are not delivered") {
			d.refused = op.Message
		}
	}
	return d.into.Write(op)
}
