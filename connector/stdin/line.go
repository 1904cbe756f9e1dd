package stdin

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// A Kind says what a line of an answer is.
type Kind int

// The kinds of lines.
const (
	Record Kind = iota + 1
	State
	Log
	Secrets
)

// An Op says what a record does to a table.
type Op int

// The operations of records. A line without "op" is an upsert.
const (
	Upsert Op = iota + 1
	Update
	Delete
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

// A Line is a line of an answer. Its slices are valid until the next line is
// read; its Secrets remain valid.
type Line struct {
	Kind Kind
	// Op, Schema, Table and Row are those of a record. Row is a JSON object. An
	// Op of zero is written as an upsert.
	Op            Op
	Schema, Table string
	Row           []byte
	// State is the state of a checkpoint, a JSON object.
	State []byte
	// Level and Message are those of a log line: "INFO", "WARNING" or "SEVERE".
	Level, Message string
	// Secrets are the new values of the fields of the configuration that the
	// source replaced. A JSON string is unquoted, any other value is its JSON
	// text. Store them before the next line is read, send them in all further
	// requests, and never print them.
	Secrets map[string]string
}

// take fills the line with what its type wants of its members.
func (l *Line) take(typ, op string, inner *Line) error {
	switch typ {
	case "RECORD":
		if inner.Row == nil {
			return errors.New("it is a RECORD without a record")
		}
		l.Kind, l.Op = Record, Upsert
		if op != "" {
			if l.Op = ops[op]; l.Op == 0 {
				return fmt.Errorf("there is no op %q", op)
			}
		}
		l.Schema, l.Table, l.Row = inner.Schema, inner.Table, inner.Row
	case "STATE":
		if inner.State == nil {
			return errors.New("it is a STATE without a state")
		}
		l.Kind, l.State = State, inner.State
	case "LOG":
		switch inner.Level {
		case "INFO", "WARNING", "SEVERE":
		default:
			return fmt.Errorf("it is a LOG of the level %q; want INFO, WARNING or SEVERE", inner.Level)
		}
		l.Kind, l.Level, l.Message = Log, inner.Level, inner.Message
	case "SECRETS":
		if inner.Secrets == nil {
			return errors.New("it is a SECRETS without secrets")
		}
		l.Kind, l.Secrets = Secrets, inner.Secrets
	case "":
		return errors.New("it has no type")
	default:
		return fmt.Errorf("there is no type %q", typ)
	}
	return nil
}

// Append appends the line as the protocol has it, with its line end, to b and
// returns the extended buffer. Row and State have to be JSON objects on one
// line: Append does not check them. Text that is not UTF-8 is replaced by
// U+FFFD. Secrets are written as text, in the order of their names.
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
		b = append(appendQuoted(b, l.Level), `,"message":`...)
		b = append(appendQuoted(b, l.Message), "}}"...)
	case Secrets:
		b = append(b, `{"type":"SECRETS","secrets":{`...)
		for i, field := range slices.Sorted(maps.Keys(l.Secrets)) {
			b = append(appendQuoted(comma(b, i), field), ':')
			b = appendQuoted(b, l.Secrets[field])
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

// appendRecordStart appends what stands before the row of a record.
func appendRecordStart(b []byte, op Op, schemaName, table string) []byte {
	b = append(b, `{"type":"RECORD",`...)
	if op != 0 && op != Upsert {
		b = append(b, `"op":"`+op.String()+`",`...)
	}
	b = append(appendQuoted(append(b, `"record":{`...), schemaName), `:{`...)
	return append(appendQuoted(b, table), ':')
}

func comma(b []byte, i int) []byte {
	if i > 0 {
		return append(b, ',')
	}
	return b
}

// appendQuoted appends a JSON string. Messages may quote what a source sent, so
// bytes that are not UTF-8 are replaced.
func appendQuoted(b []byte, s string) []byte {
	quoted, err := jsontext.AppendQuote(b, s)
	if err != nil {
		quoted, _ = jsontext.AppendQuote(b, strings.ToValidUTF8(s, "\uFFFD"))
	}
	return quoted
}
