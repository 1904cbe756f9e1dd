//go:build unix

package fivetran_test

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
)

// A warehouse holds the tables of a platform. It stores values as texts with their types.
type warehouse struct {
	// transactional makes the warehouse keep only what precedes a checkpoint. Otherwise, it
	// keeps everything that it receives.
	transactional bool
	declared      map[string]protocol.Table // by name
	several       bool                      // the tables have several schemas
	tables        map[string]map[string]map[string]string
	state         string // the last checkpoint
	pending       []rowChange
	records       int // the number of changes that were received
	messages      int
	warnings      []string
	tasks         []string
	last          string // the kind of the last message
}

// A rowChange is a change of a row that the platform has received.
type rowChange struct {
	table  string
	typ    protocol.RecordType
	values map[string]string // texts of values, by column
}

// newWarehouse returns an empty warehouse for the tables of a source.
func newWarehouse(known *protocol.SchemaResponse) *warehouse {
	w := &warehouse{transactional: true, declared: map[string]protocol.Table{}, tables: map[string]map[string]map[string]string{}}
	w.declare(&known.Tables)
	return w
}

// declare adds tables, or replaces them.
func (w *warehouse) declare(tables *protocol.Tables) {
	if list := tables.WithSchema; list != nil {
		w.several = true
		for _, s := range list.Schemas {
			for _, table := range s.Tables {
				w.declared[s.Name+"."+table.Name] = table
			}
		}
	}
	if list := tables.WithoutSchema; list != nil {
		for _, table := range list.Tables {
			w.declared[table.Name] = table
		}
	}
}

// take stores a message of a server.
func (w *warehouse) take(t testing.TB, m *protocol.UpdateResponse) {
	t.Helper()
	w.messages++
	switch {
	case m.Checkpoint != nil:
		w.checkpoint(*m.Checkpoint)
	case m.Warning != nil:
		w.last = "warning"
		w.warnings = append(w.warnings, *m.Warning)
	case m.Task != nil:
		w.last = "task"
		w.tasks = append(w.tasks, *m.Task)
	case m.SchemaChange != nil:
		w.last = "schema change"
		w.declare(m.SchemaChange)
	case m.Records != nil:
		for _, raw := range m.Records {
			w.record(t, raw)
		}
	default:
		require.FailNow(t, "a message of an unknown kind")
	}
}

// record stores a record of a server.
func (w *warehouse) record(t testing.TB, raw []byte) {
	t.Helper()
	var r protocol.Record
	require.NoError(t, r.Parse(raw))
	change := rowChange{table: r.Table, typ: r.Type, values: map[string]string{}}
	if w.several {
		require.NotEmpty(t, r.Schema)
		change.table = r.Schema + "." + r.Table
	} else {
		require.Empty(t, r.Schema)
	}
	require.Contains(t, w.declared, change.table)
	for i := range r.Values {
		v := &r.Values[i]
		require.NotContains(t, change.values, v.Name, "a column occurs twice")
		change.values[v.Name] = valueText(&v.Value)
	}
	w.change(change)
}

// change stores a change of a row.
func (w *warehouse) change(change rowChange) {
	w.last = "record"
	w.records++
	if w.transactional {
		w.pending = append(w.pending, change)
	} else {
		w.apply(change)
	}
}

// checkpoint stores a state and the changes before it.
func (w *warehouse) checkpoint(state string) {
	w.last = "checkpoint"
	w.state = state
	for _, change := range w.pending {
		w.apply(change)
	}
	w.pending = nil
}

// disconnect forgets what the platform loses with a connection.
func (w *warehouse) disconnect() { w.pending = nil }

func (w *warehouse) apply(change rowChange) {
	if w.tables[change.table] == nil {
		w.tables[change.table] = map[string]map[string]string{}
	}
	rows := w.tables[change.table]
	var key []string
	for _, column := range w.declared[change.table].Columns {
		if column.PrimaryKey {
			key = append(key, column.Name+" "+change.values[column.Name])
		}
	}
	id := strings.Join(key, ", ")
	if len(key) == 0 { // equal rows are different rows
		id = fmt.Sprint(change.values)
		n := 1
		for rows[id+" #"+strconv.Itoa(n)] != nil {
			n++
		}
		id += " #" + strconv.Itoa(n)
	}
	switch change.typ {
	case protocol.Upsert:
		rows[id] = change.values
	case protocol.Update:
		if rows[id] != nil {
			maps.Copy(rows[id], change.values)
		}
	case protocol.Delete:
		delete(rows, id)
	case protocol.TruncateTable:
		clear(rows)
	}
}

// counts returns the number of rows of each table.
func (w *warehouse) counts() map[string]int {
	counts := map[string]int{}
	for name, rows := range w.tables {
		counts[name] = len(rows)
	}
	return counts
}

// wantTables checks that a warehouse has the same tables as another.
func (w *warehouse) wantTables(t testing.TB, want *warehouse) {
	t.Helper()
	require.Equal(t, slices.Sorted(maps.Keys(want.tables)), slices.Sorted(maps.Keys(w.tables)))
	for name, rows := range want.tables {
		missing, differ := 0, 0
		for id, row := range rows {
			if got := w.tables[name][id]; got == nil {
				missing++
			} else if !maps.Equal(row, got) {
				if differ++; differ == 1 {
					require.Equal(t, row, got, "%s: the row with the key %s", name, id)
				}
			}
		}
		require.Zero(t, missing, "%s: missing rows", name)
		require.Len(t, w.tables[name], len(rows), name)
	}
}

// The texts of times. They have all digits.
const (
	dateText     = "2006-01-02"
	datetimeText = "2006-01-02T15:04:05.000000000"
)

// kindNames holds the type in the text of each kind of value.
var kindNames = map[protocol.ValueKind]string{
	protocol.BoolValue: "boolean", protocol.ShortValue: "short", protocol.IntValue: "int", protocol.LongValue: "long",
	protocol.FloatValue: "float", protocol.DoubleValue: "double", protocol.NaiveDateValue: "date",
	protocol.NaiveDatetimeValue: "datetime", protocol.UTCDatetimeValue: "instant", protocol.DecimalValue: "decimal",
	protocol.BinaryValue: "binary", protocol.StringValue: "string", protocol.JSONValue: "json", protocol.XMLValue: "xml",
}

// valueText returns the text of a value.
func valueText(v *protocol.Value) string {
	text := string(v.Bytes)
	switch v.Kind {
	case protocol.NullValue:
		return "null"
	case protocol.BoolValue:
		text = strconv.FormatBool(v.Int != 0)
	case protocol.ShortValue, protocol.IntValue, protocol.LongValue:
		text = strconv.FormatInt(v.Int, 10)
	case protocol.FloatValue, protocol.DoubleValue:
		text = strconv.FormatFloat(v.Float, 'g', -1, 64)
	case protocol.NaiveDateValue:
		text = v.Time.Format(datetimeText) // it has no time of day
	case protocol.NaiveDatetimeValue, protocol.UTCDatetimeValue:
		text = v.Time.In(time.UTC).Format(datetimeText)
	case protocol.BinaryValue:
		text = hex.EncodeToString(v.Bytes)
	}
	return kindNames[v.Kind] + " " + text
}
