package connectortest

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
)

// knownTables are the tables of a program, by name. They supply the primary keys,
// which RECORD lines do not contain.
type knownTables map[string]*schema.Table

// newKnownTables parses the answer to the action "schema".
func newKnownTables(text []byte) (knownTables, error) {
	tables, err := stdin.ParseSchema(text)
	if err != nil {
		return nil, err
	}
	known := knownTables{}
	for _, t := range tables {
		known[t.String()] = t
	}
	return known, nil
}

// operation returns the operation of a line. It is valid until the next line is
// read.
//
// A program does not write the tables that it declares during a sync, so their
// primary keys are unknown. An update or a delete of such a table cannot be applied,
// and its operation has neither a table nor a row.
func (k knownTables) operation(line *stdin.Line) *host.Operation {
	switch line.Kind {
	case stdin.State:
		return &host.Operation{Kind: host.OpCheckpoint, State: line.State}
	case stdin.Log:
		return &host.Operation{Kind: host.OpWarning, Message: line.Message, Refused: parseRefused(line.Message)}
	}
	op := &host.Operation{
		Kind: map[stdin.Op]host.OperationKind{
			stdin.Upsert:   host.OpUpsert,
			stdin.Update:   host.OpUpdate,
			stdin.Delete:   host.OpDelete,
			stdin.Truncate: host.OpTruncate,
		}[line.Op],
		Table: &schema.Table{Schema: line.Schema, Name: line.Table},
		Row:   json.RawMessage(line.Row),
	}
	switch known := k[op.Table.String()]; {
	case known != nil:
		op.Table = known
	case line.Op == stdin.Update, line.Op == stdin.Delete:
		op.Table, op.Row = nil, nil
	}
	if line.Op == stdin.Truncate {
		op.Row = nil
	}
	return op
}

// parseRefused returns the refused rows that a LOG line reports, or nil. The wire
// carries only the message.
func parseRefused(message string) *host.RefusedRows {
	digits, _, _ := strings.Cut(message, " ")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return nil
	}
	first, ok := strings.CutPrefix(message, host.RefusedRows{Count: n}.String())
	if !ok {
		return nil
	}
	return &host.RefusedRows{Count: n, First: first}
}
