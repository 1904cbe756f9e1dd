package connectortest

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/penstock-sdk/penstock/connector/host"
)

// A syncProgress is how far a sync has come.
type syncProgress struct {
	began       time.Time
	delivered   bool            // an operation other than a checkpoint has arrived
	checkpoints int             // that have arrived
	uncovered   bool            // such an operation has arrived since the last checkpoint
	state       json.RawMessage // of the last checkpoint
}

// add adds an operation. It reports whether the sync has come further.
func (p *syncProgress) add(op *host.Operation, volatile map[string]map[string]bool) bool {
	switch op.Kind {
	case host.OpUpsert, host.OpUpdate, host.OpDelete, host.OpTruncate, host.OpSchemaChange:
		p.delivered, p.uncovered = true, true
		return true
	case host.OpCheckpoint:
		further := p.uncovered || p.state != nil && !p.reached(op.State, p.began, volatile)
		p.checkpoints++
		p.uncovered, p.state = false, bytes.Clone(op.State)
		return further
	}
	return false
}

// reached reports whether the last state equals that of another sync, which began at
// the given time.
func (p *syncProgress) reached(state json.RawMessage, began time.Time, volatile map[string]map[string]bool) bool {
	if bytes.Equal(p.state, state) {
		return true
	}
	compare := stateComparison{volatile: volatile, elapsed: time.Since(began) + time.Second}
	return p.state != nil && compare.difference(string(state), string(p.state)) == ""
}
