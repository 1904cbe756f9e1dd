package connectortest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
)

// An outputReader reads the lines of a process that syncs. It knows the tables,
// because a record does not say what its key is.
type outputReader struct{ tables map[string]*schema.Table }

// newOutputReader returns a reader for the tables of the answer to a request
// for the schema.
func newOutputReader(answer []byte) (*outputReader, error) {
	var object struct {
		Schemas map[string]struct {
			Tables map[string]struct {
				Columns map[string]struct {
					Type       schema.Type `json:"type"`
					PrimaryKey bool        `json:"primary_key"`
				} `json:"columns"`
			} `json:"tables"`
		} `json:"schemas"`
	}
	if err := json.Unmarshal(answer, &object); err != nil {
		return nil, err
	}
	r := &outputReader{tables: map[string]*schema.Table{}}
	for schemaName, s := range object.Schemas {
		for name, declared := range s.Tables {
			t := &schema.Table{Schema: schemaName, Name: name}
			for _, column := range slices.Sorted(maps.Keys(declared.Columns)) {
				c := declared.Columns[column]
				t.Columns = append(t.Columns, schema.Column{Name: column, Type: c.Type, PrimaryKey: c.PrimaryKey})
			}
			r.tables[t.String()] = t
		}
	}
	if len(r.tables) == 0 {
		return nil, errors.New("the schema has no tables")
	}
	return r, nil
}

// An outputLine is a line that a sync writes.
type outputLine struct {
	Type   string                                `json:"type"`
	Op     string                                `json:"op"`
	Record map[string]map[string]json.RawMessage `json:"record"`
	State  json.RawMessage                       `json:"state"`
	Log    struct{ Level, Message string }       `json:"log"`
}

// apply delivers what a line says to a platform, and returns the line's type.
func (r *outputReader) apply(d *Destination, text []byte) (typ string, err error) {
	var line outputLine
	if err := json.Unmarshal(text, &line); err != nil {
		return "", fmt.Errorf("it is no JSON object of the protocol: %w", err)
	}
	switch line.Type {
	case "STATE":
		return line.Type, d.Write(&connector.Operation{Kind: connector.OpCheckpoint, State: line.State})
	case "LOG":
		return line.Type, d.Write(&connector.Operation{Kind: connector.OpWarning, Message: line.Log.Message})
	case "RECORD":
		return line.Type, r.record(d, &line)
	}
	return "", fmt.Errorf("there is no type %q", line.Type)
}

func (r *outputReader) record(d *Destination, line *outputLine) error {
	kind, ok := map[string]connector.OperationKind{
		"":         connector.OpUpsert,
		"UPDATE":   connector.OpUpdate,
		"DELETE":   connector.OpDelete,
		"TRUNCATE": connector.OpTruncate,
	}[line.Op]
	if !ok {
		return fmt.Errorf("there is no op %q", line.Op)
	}
	for schemaName, rows := range line.Record {
		for name, row := range rows {
			op := &connector.Operation{Kind: kind, Table: &schema.Table{Schema: schemaName, Name: name}, Row: row}
			if known := r.tables[op.Table.String()]; known != nil {
				op.Table = known
			}
			if kind == connector.OpTruncate {
				op.Row = nil
			}
			if err := d.Write(op); err != nil {
				return err
			}
		}
	}
	return nil
}
