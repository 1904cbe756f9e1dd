package connectortest

import (
	"encoding/json"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
)

// knownTables are those of a process that syncs, by name: a record does not say
// what its key is.
type knownTables map[string]*schema.Table

// newKnownTables reads the answer to a request for the schema.
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

// operation returns what a line asks a platform to do. It is good as long as the
// line.
func (k knownTables) operation(line *stdin.Line) *connector.Operation {
	switch line.Kind {
	case stdin.State:
		return &connector.Operation{Kind: connector.OpCheckpoint, State: line.State}
	case stdin.Log:
		return &connector.Operation{Kind: connector.OpWarning, Message: line.Message}
	}
	op := &connector.Operation{
		Kind: map[stdin.Op]connector.OperationKind{
			stdin.Upsert:   connector.OpUpsert,
			stdin.Update:   connector.OpUpdate,
			stdin.Delete:   connector.OpDelete,
			stdin.Truncate: connector.OpTruncate,
		}[line.Op],
		Table: &schema.Table{Schema: line.Schema, Name: line.Table},
		Row:   json.RawMessage(line.Row),
	}
	if known := k[op.Table.String()]; known != nil {
		op.Table = known
	}
	if line.Op == stdin.Truncate {
		op.Row = nil
	}
	return op
}
