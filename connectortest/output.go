package connectortest

import (
	"encoding/json"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/answer"
	"github.com/penstock-sdk/penstock/schema"
)

// knownTables are those of a process that syncs, by name: a record does not say
// what its key is.
type knownTables map[string]*schema.Table

// newKnownTables reads the answer to a request for the schema.
func newKnownTables(text []byte) (knownTables, error) {
	tables, err := answer.ParseSchema(text)
	if err != nil {
		return nil, err
	}
	known := knownTables{}
	for _, t := range tables {
		known[t.String()] = t
	}
	return known, nil
}

// deliver gives a platform what a line says.
func (k knownTables) deliver(d *Destination, line *answer.Line) error {
	switch line.Kind {
	case answer.State:
		return d.Write(&connector.Operation{Kind: connector.OpCheckpoint, State: line.State})
	case answer.Log:
		return d.Write(&connector.Operation{Kind: connector.OpWarning, Message: line.Message})
	}
	op := &connector.Operation{
		Kind: map[answer.Op]connector.OperationKind{
			answer.Upsert:   connector.OpUpsert,
			answer.Update:   connector.OpUpdate,
			answer.Delete:   connector.OpDelete,
			answer.Truncate: connector.OpTruncate,
		}[line.Op],
		Table: &schema.Table{Schema: line.Schema, Name: line.Table},
		Row:   json.RawMessage(line.Row),
	}
	if known := k[op.Table.String()]; known != nil {
		op.Table = known
	}
	if line.Op == answer.Truncate {
		op.Row = nil
	}
	return d.Write(op)
}
