package schema

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
)

// A Form says how much of a row is wanted.
type Form uint8

const (
	// Full is a whole row: what it leaves out is null at the destination.
	Full Form = iota
	// Partial is the primary key and the columns that change.
	Partial
	// Keys is the primary key alone; other columns are left out.
	Keys
)

// An Encoder turns the rows of one table into their canonical form: one JSON
// object, on one line, with the values as the package comment lists them. On
// the way it checks that the row fits the table, at a cost that is paid once
// for each Go type of row. It is safe for concurrent use.
type Encoder struct {
	table   *Table
	drop    func(column string) bool
	columns []*encoderColumn
	byName  map[string]*encoderColumn
	keyless bool

	lastPlan   atomic.Pointer[plan]
	plans      sync.Map // reflect.Type to *plan
	writers    sync.Pool
	rawReaders sync.Pool

	mu       sync.Mutex
	replaced map[string]int
}

// An encoderColumn is a declared column. The nil one stands for all that are
// not declared.
type encoderColumn struct {
	Column
	position int
	quoted   string // the name as JSON, with the colon
	drop     bool
}

// NewEncoder returns an encoder for rows of the table. Columns for which drop
// reports true are left out of every row, but for the primary key's, which
// can't be. A nil drop keeps all.
func NewEncoder(t *Table, drop func(column string) bool) *Encoder {
	if drop == nil {
		drop = func(string) bool { return false }
	}
	e := &Encoder{table: t, drop: drop, byName: make(map[string]*encoderColumn, len(t.Columns)), keyless: true}
	for i, c := range t.Columns {
		var name rowWriter
		name.string(c.Name)
		col := &encoderColumn{Column: c, position: i, quoted: string(name.b) + ":", drop: !c.PrimaryKey && drop(c.Name)}
		e.columns = append(e.columns, col)
		e.byName[c.Name] = col
		e.keyless = e.keyless && !c.PrimaryKey
	}
	return e
}

// Append appends the canonical form of a row to dst and returns the extended
// buffer. The row is a struct or a pointer to one, a map with string keys, or
// raw JSON (json.RawMessage or another []byte). A row that doesn't fit is a
// [*RowError], and dst is returned as it was.
func (e *Encoder) Append(dst []byte, row any, form Form) ([]byte, error) {
	if form != Full && e.keyless {
		return dst, e.rowError(fmt.Sprintf("%T", row), "the table has no primary key, so that no row of it can be named")
	}
	w, _ := e.writers.Get().(*rowWriter)
	if w == nil {
		w = new(rowWriter)
	}
	defer e.writers.Put(w)
	w.b, w.replaced, w.depth = dst, 0, 0
	err := e.row(w, row, form)
	b := w.b
	w.b = nil // dst is the caller's
	if err != nil {
		return dst, err
	}
	return b, nil
}

func (e *Encoder) row(w *rowWriter, row any, form Form) error {
	switch row := row.(type) {
	case nil:
		return e.rowError("nil", wantRow)
	case map[string]any:
		return e.mapRow(w, row, form)
	case []byte:
		return e.rawRow(w, row, form)
	}
	v := reflect.ValueOf(row)
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return e.rowError(v.Type().String(), "the pointer is nil")
		}
		v = v.Elem()
	}
	switch {
	case v.Kind() == reflect.Struct:
		return e.structRow(w, v, form)
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		return e.rawRow(w, v.Bytes(), form)
	case v.Kind() == reflect.Map && v.Type().Key().Kind() == reflect.String:
		m := make(map[string]any, v.Len())
		for k, value := range v.Seq2() {
			m[k.String()] = value.Interface()
		}
		return e.mapRow(w, m, form)
	}
	return e.rowError(v.Type().String(), wantRow)
}

const wantRow = "a row is a struct, a map with string keys, or raw JSON as []byte"

// mapRow writes declared columns in their order, then the others by name.
func (e *Encoder) mapRow(w *rowWriter, row map[string]any, form Form) error {
	w.b = append(w.b, '{')
	first, found := true, 0
	for _, c := range e.columns {
		v, ok := row[c.Name]
		if !ok {
			if c.PrimaryKey {
				return e.missingKey(c.Name)
			}
			continue
		}
		found++
		if c.drop || form == Keys && !c.PrimaryKey {
			continue
		}
		if !first {
			w.b = append(w.b, ',')
		}
		first = false
		w.b = append(w.b, c.quoted...)
		start := len(w.b)
		if err := w.value(c.Type, v); err != nil {
			return e.valueError(c.Name, c.Type, err)
		}
		if c.PrimaryKey && string(w.b[start:]) == "null" {
			return e.nullKey(c.Name)
		}
		e.noteReplaced(w, c.Name)
	}
	if found < len(row) && form != Keys {
		others := make([]string, 0, len(row)-found)
		for name := range row {
			if e.byName[name] == nil && !e.drop(name) {
				others = append(others, name)
			}
		}
		slices.Sort(others)
		for _, name := range others {
			if !first {
				w.b = append(w.b, ',')
			}
			first = false
			w.string(name)
			w.b = append(w.b, ':')
			if err := w.value(0, row[name]); err != nil {
				return e.valueError(name, 0, err)
			}
			e.noteReplaced(w, name)
		}
	}
	w.b = append(w.b, '}')
	return nil
}

func (e *Encoder) lookup(name []byte) *encoderColumn { return e.byName[string(name)] }

func (c *encoderColumn) isKey() bool { return c != nil && c.PrimaryKey }

func (c *encoderColumn) typ() Type {
	if c == nil {
		return 0
	}
	return c.Type
}

func (c *encoderColumn) name(undeclared []byte) string {
	if c == nil {
		return string(undeclared)
	}
	return c.Name
}

func (c *encoderColumn) dropped(e *Encoder, undeclared []byte) bool {
	if c == nil {
		return e.drop(string(undeclared))
	}
	return c.drop
}

// Replaced returns for each column in how many rows the encoder replaced bytes
// that were not UTF-8 by U+FFFD. Columns without any are not in it.
func (e *Encoder) Replaced() map[string]int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.replaced)
}

// noteReplaced books what the writer replaced to the column just written.
func (e *Encoder) noteReplaced(w *rowWriter, column string) {
	if w.replaced == 0 {
		return
	}
	w.replaced = 0
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.replaced == nil {
		e.replaced = map[string]int{}
	}
	e.replaced[column]++
}

// Check reports whether a row fits the table as the given form of a row, with
// the error that [Encoder.Append] would give. Rows in number want an Encoder.
func (t *Table) Check(row any, form Form) error {
	_, err := NewEncoder(t, nil).Append(nil, row, form)
	return err
}
