package stdin

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// A Kind is the kind of a line.
type Kind int

// The kinds of lines.
const (
	// Record is an operation on a table: Op, Schema, Table and Row.
	Record Kind = iota + 1
	// State is a checkpoint: State.
	State
	// Log is a message for the platform's user: Level and Message.
	Log
	// Secrets holds new values of the configuration: Secrets.
	Secrets
)

// An Op is the operation of a record.
type Op int

// The operations of records. A RECORD line without "op" is an upsert.
const (
	// Upsert inserts a row, or replaces the row with the same primary key.
	Upsert Op = iota + 1
	// Update changes the given columns of the row with the given primary key.
	Update
	// Delete removes the row with the given primary key.
	Delete
	// Truncate removes all rows of the table.
	Truncate
)

var ops = map[string]Op{"UPDATE": Update, "DELETE": Delete, "TRUNCATE": Truncate, "UPSERT": Upsert}

// String returns the operation as the protocol spells it.
func (o Op) String() string {
	for name, op := range ops {
		if op == o {
			return name
		}
	}
	return fmt.Sprintf("Op(%d)", int(o))
}

// A Line is a line of an answer. The slices of a line that [Reader.Next] returns are
// valid until the next call of Next. The strings and Secrets remain valid.
type Line struct {
	// Kind is the kind of the line, which determines the fields that are set.
	Kind Kind
	// Op, Schema, Table and Row describe a record. Row is a JSON object. An Op
	// of zero is written as an upsert.
	Op            Op
	Schema, Table string
	Row           []byte
	// State is the state of a checkpoint, a JSON object.
	State []byte
	// Level and Message describe a log line. Level is "INFO", "WARNING" or
	// "SEVERE".
	Level, Message string
	// Secrets holds the new values of configuration fields that the source has
	// replaced, by the name of the field. A value is the content of a JSON
	// string, or the JSON text of any other value. Store the values before you
	// read the next line, send them in all further requests, and never print
	// them.
	Secrets map[string]string
}

// take sets the line from the members that its type requires.
func (l *Line) take(typ, op string, inner *Line) error {
	switch typ {
	case "RECORD":
		if inner.Row == nil {
			return errors.New("it is a RECORD line without a record")
		}
		l.Kind, l.Op = Record, Upsert
		if op != "" {
			if l.Op = ops[op]; l.Op == 0 {
				return fmt.Errorf("unknown op %q", op)
			}
		}
		l.Schema, l.Table, l.Row = inner.Schema, inner.Table, inner.Row
	case "STATE":
		if inner.State == nil {
			return errors.New("it is a STATE line without a state")
		}
		l.Kind, l.State = State, inner.State
	case "LOG":
		switch inner.Level {
		case "INFO", "WARNING", "SEVERE":
		default:
			return fmt.Errorf("it is a LOG line of level %q; want INFO, WARNING or SEVERE", inner.Level)
		}
		l.Kind, l.Level, l.Message = Log, inner.Level, inner.Message
	case "SECRETS":
		if inner.Secrets == nil {
			return errors.New("it is a SECRETS line without secrets")
		}
		l.Kind, l.Secrets = Secrets, inner.Secrets
	case "":
		return errors.New("it has no type")
	default:
		return fmt.Errorf("unknown type %q", typ)
	}
	return nil
}

// Append appends the line in the form of the protocol, with its line end, to b and
// returns the extended buffer. Row and State must be JSON objects on one line,
// which Append does not check. Text that is not valid UTF-8 is replaced by U+FFFD.
// Secrets are written as text, sorted by name.
func (l *Line) Append(b []byte) []byte {
	switch l.Kind {
	case Record:
		b = appendRecordStart(b, l.Op, l.Schema, l.Table)
		b = append(b, l.Row...)
		b = append(b, recordEnd...)
	case State:
		b = append(b, stateStart...)
		b = append(b, l.State...)
		b = append(b, stateEnd...)
	case Log:
		b = append(b, `{"type":"LOG","log":{"level":`...)
		b = append(rawjson.AppendString(b, l.Level), `,"message":`...)
		b = append(rawjson.AppendString(b, l.Message), "}}"...)
	case Secrets:
		b = append(b, `{"type":"SECRETS","secrets":{`...)
		for i, field := range slices.Sorted(maps.Keys(l.Secrets)) {
			b = append(rawjson.AppendString(rawjson.AppendComma(b, i), field), ':')
			b = rawjson.AppendString(b, l.Secrets[field])
		}
		b = append(b, "}}"...)
	}
	return append(b, '\n')
}

const (
	recordEnd  = "}}}"
	stateStart = `{"type":"STATE","state":`
	stateEnd   = "}"
)

// appendRecordStart appends the part of a RECORD line before the row.
func appendRecordStart(b []byte, op Op, schemaName, table string) []byte {
	b = append(b, `{"type":"RECORD",`...)
	if op != 0 && op != Upsert {
		b = append(b, `"op":"`+op.String()+`",`...)
	}
	b = append(rawjson.AppendString(append(b, `"record":{`...), schemaName), `:{`...)
	return append(rawjson.AppendString(b, table), ':')
}
