package connectortest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/internal/tableuse"
)

// A delivery is the outcome of a sync that the suite has run.
type delivery struct {
	platform    *Platform
	err         error
	state       json.RawMessage // of the last checkpoint
	log         string
	began       time.Time
	ended       time.Time
	timedOut    bool                // the sync was ended because it took too long
	quiet       time.Duration       // the sync was ended because it had made no progress for so long
	endless     bool                // the suite has the option Endless
	unsaved     []string            // warnings about tables without a saved position
	toldToEnd   bool                // the sync was ended because it was quiet
	neverSaved  bool                // the sync had made no checkpoint by then
	realTime    bool                // virtual time has stalled before
	refused     []*host.RefusedRows // that the connector ignored
	stoppedLate bool                // the sync was canceled and did not stop in time
	leaked      []string            // stacks of goroutines that the sync left behind
	// completed holds the number of checkpoints up to the end of each table that the
	// connector has read while it continued to read others. It is empty for programs.
	completed map[string]int
	// ends holds the tables whose end was reported, and whether they were read to the
	// end. It is empty for programs.
	ends map[string]bool
	// use describes how the sync has used its tables. It is empty for programs.
	use tableuse.Sync
}

var (
	errTimeout = errors.New("connectortest: the sync took too long")
	errCut     = errors.New("connectortest: the sync was cut off here")
)

// failure returns the sync's error for a report, with the end of its log.
func (d *delivery) failure() string {
	text := d.err.Error()
	if !errors.As(d.err, new(*exitError)) { // a process does not report the kind
		text += fmt.Sprintf(" (kind %v)", connector.KindOf(d.err))
	}
	if d.timedOut {
		text = d.hang()
		if d.realTime {
			text += "; it may be waiting for a process-wide lock that a goroutine in virtual time holds, because virtual time has stopped (see the log); if so, use Network instead of Source"
		}
	}
	if d.log != "" {
		text += "\nthe end of its log:\n    " + strings.ReplaceAll(strings.TrimSpace(d.log), "\n", "\n    ")
	}
	return text
}

// end records the end of a table.
func (d *delivery) end(op *host.Operation) {
	if d.ends == nil {
		d.ends = map[string]bool{}
	}
	d.ends[op.Table.String()] = op.Err == nil
	if op.Err != nil {
		return
	}
	if d.completed == nil {
		d.completed = map[string]int{}
	}
	d.completed[op.Table.String()] = d.platform.checkpointCount()
}

// hang describes a sync that took too long.
func (d *delivery) hang() string {
	switch took := d.ended.Sub(d.began).Round(time.Second); {
	case d.quiet > 0:
		return fmt.Sprintf("it delivered nothing new for %v, after %d rows; %s", d.quiet.Round(time.Second), d.rows(), endlessHint)
	case d.endless:
		return fmt.Sprintf("it did not end within %v, because it was never quiet for as long as the option Endless says", took)
	default:
		return fmt.Sprintf("it did not end within %v; %s", took, endlessHint)
	}
}

// rows returns the number of operations other than checkpoints.
func (d *delivery) rows() int {
	return len(d.platform.operations()) - len(d.platform.States())
}

// write applies operation n to the platform.
func (d *delivery) write(op *host.Operation, n int, before func(int, *host.Operation) error) error {
	if before != nil {
		if err := before(n, op); err != nil {
			return err
		}
	}
	if op.Kind == host.OpCheckpoint {
		d.state = bytes.Clone(op.State)
	}
	if op.Kind == host.OpWarning && strings.Contains(op.Message, "had saved a position in the table") {
		d.unsaved = append(d.unsaved, op.Message)
	}
	if op.Refused != nil {
		d.refused = append(d.refused, op.Refused)
	}
	return d.platform.Write(op)
}
