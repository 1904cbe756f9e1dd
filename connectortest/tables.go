package connectortest

import (
	"encoding/json"

	"github.com/penstock-sdk/penstock/connector/host"
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
func (k knownTables) operation(line *stdin.Line) *host.Operation {
	switch line.Kind {
	case stdin.State:
		return &host.Operation{Kind: host.OpCheckpoint, State: line.State}
	case stdin.Log:
		return &host.Operation{Kind: host.OpWarning, Message: line.Message}
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
	if known := k[op.Table.String()]; known != nil {
		op.Table = known
	}
	if line.Op == stdin.Truncate {
		op.Row = nil
	}
	return op
}
