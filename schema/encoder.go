package schema

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
)

// An Encoder checks rows against their table and encodes them in their
// canonical form, a JSON object on a single line (see the package
// documentation). It analyzes each Go row type once. An Encoder is safe for
// concurrent use.
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

// NewEncoder returns an encoder for rows of the table t. The caller must not
// modify t afterwards.
//
// The encoder omits the columns for which drop returns true. It never omits the
// columns of the primary key. If drop is nil, it omits no columns. Drop must be
// safe for concurrent use if the encoder is used concurrently.
func NewEncoder(t *Table, drop func(column string) bool) *Encoder {
	if drop == nil {
		drop = func(string) bool { return false }
	}
	e := &Encoder{table: t, drop: drop, byName: make(map[string]*encoderColumn, len(t.Columns)), keyless: true}
	for i, c := range t.Columns {
		col := &encoderColumn{Column: c, position: i, quoted: quotedName(c.Name), drop: !c.PrimaryKey && drop(c.Name)}
		e.columns = append(e.columns, col)
		e.byName[c.Name] = col
		e.keyless = e.keyless && !c.PrimaryKey
	}
	return e
}

// Append appends the canonical form of a row to dst and returns the extended
// buffer. The row must be a struct, a pointer to a struct, a map with string
// keys, raw JSON in a json.RawMessage or other []byte, or a [*Row]. Append does
// not modify the row.
//
// If the row does not fit the table, Append returns dst unchanged and a
// [*RowError]. It is an error to use [Partial] or [Keys] if the table has no
// primary key.
func (e *Encoder) Append(dst []byte, row any, form Form) ([]byte, error) {
	if form != Full && e.keyless {
		return dst, e.rowError(fmt.Sprintf("%T", row), "the table has no primary key, so its rows cannot be updated or deleted")
	}
	w, _ := e.writers.Get().(*rowWriter)
	if w == nil {
		w = new(rowWriter)
	}
	defer e.writers.Put(w)
	w.b, w.replaced, w.depth = dst, 0, 0
	err := e.row(w, row, form)
	b := w.b
	w.b = nil // the caller owns dst
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
	case *Row:
		if row != nil {
			return e.cellRow(w, row, form)
		}
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
		return e.planFor(v.Type()).write(w, v, form)
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

const wantRow = "a row must be a struct, a map with string keys, raw JSON as a []byte, or a *schema.Row"

// mapRow appends the declared columns in the order of their declaration, then
// the other columns sorted by name.
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
		for _, name := range e.undeclared(row, len(row)-found) {
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

// undeclared returns the names of the at most n columns of the row that are
// neither declared nor dropped, in ascending order.
func (e *Encoder) undeclared(row map[string]any, n int) []string {
	names := make([]string, 0, n)
	for name := range row {
		if e.byName[name] == nil && !e.drop(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// planFor returns the plan for rows of the struct type t. Most encoders only
// ever see one type, so the plan used last is tried first.
func (e *Encoder) planFor(t reflect.Type) *plan {
	if p := e.lastPlan.Load(); p != nil && p.typ == t {
		return p
	}
	p, ok := e.plans.Load(t)
	if !ok {
		p, _ = e.plans.LoadOrStore(t, newPlan(e, t))
	}
	e.lastPlan.Store(p.(*plan))
	return p.(*plan)
}

// rawRow appends the canonical form of a row that is raw JSON.
func (e *Encoder) rawRow(w *rowWriter, row []byte, form Form) error {
	r, _ := e.rawReaders.Get().(*rawReader)
	if r == nil {
		r = newRawReader(e)
	}
	defer e.rawReaders.Put(r)
	return r.write(w, row, form)
}

// drops reports whether the column with the given name is omitted from rows.
func (e *Encoder) drops(name string) bool {
	if c := e.byName[name]; c != nil {
		return c.drop
	}
	return e.drop(name)
}

// Replaced returns, for each column, the number of rows in which the encoder
// replaced bytes that were not UTF-8 with U+FFFD. The map has no entries for
// columns without replacements.
func (e *Encoder) Replaced() map[string]int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.replaced)
}

// noteReplaced counts a row for the column that w wrote last if w replaced
// bytes in it.
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

func (e *Encoder) rowError(got, problem string) error {
	return &RowError{Table: e.table.String(), Got: got, Problem: problem}
}

func (e *Encoder) columnError(column, got, problem string) error {
	return &RowError{Table: e.table.String(), Column: column, Got: got, Problem: problem}
}

// valueError adds the table and the column to the error of a rowWriter.
func (e *Encoder) valueError(column string, want Type, err error) error {
	var v *valueError
	if !errors.As(err, &v) {
		return fmt.Errorf("table %s, column %s: %w", e.table, column, err)
	}
	return &RowError{Table: e.table.String(), Column: column, Want: want, Got: v.got, Problem: v.why, err: v.err}
}

func (e *Encoder) missingKey(column string) error {
	return e.columnError(column, "no value", "the row omits a part of the primary key")
}

func (e *Encoder) nullKey(column string) error {
	return e.columnError(column, "null", "a part of the primary key cannot be null")
}
