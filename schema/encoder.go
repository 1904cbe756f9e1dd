package schema

import (
	"errors"
	"fmt"
	"reflect"
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
	keys    []*encoderColumn // of the primary key

	names    atomic.Pointer[undeclaredNames] // nil until a row has an undeclared column
	lastPlan atomic.Pointer[plan]
	plans    sync.Map // reflect.Type to *plan
	writers  sync.Pool

	mu       sync.Mutex
	replaced map[string]int
	nulled   map[string]Nulled
}

// NewEncoder returns an encoder for rows of the table t. The caller must not
// modify t afterwards.
//
// The encoder omits the columns for which drop returns true. It never omits the
// columns of the primary key. If drop is nil, it omits no columns. The
// function must be safe for concurrent use if the encoder is used concurrently.
func NewEncoder(t *Table, drop func(column string) bool) *Encoder {
	if drop == nil {
		drop = func(string) bool { return false }
	}
	e := &Encoder{table: t, drop: drop, byName: make(map[string]*encoderColumn, len(t.Columns))}
	for i, c := range t.Columns {
		col := newEncoderColumn(c, i)
		col.drop = !c.PrimaryKey && drop(c.Name)
		e.columns = append(e.columns, col)
		e.byName[c.Name] = col
		if c.PrimaryKey {
			e.keys = append(e.keys, col)
		}
	}
	return e
}

// Append appends the canonical form of a row to dst and returns the extended
// buffer. The row must be a struct, a pointer to a struct, a map with string
// keys, raw JSON in a json.RawMessage or other []byte, or a [*Row]. Append does
// not modify the row. It may overwrite the bytes between the length of dst and its
// capacity.
//
// If the row does not fit the table, Append returns dst unchanged and a
// [*RowError]. The package documentation lists the values and names that do not
// fit. It is an error to use [Partial] or [Keys] if the table has no primary key.
func (e *Encoder) Append(dst []byte, row any, form Form) ([]byte, error) {
	if form != Full && len(e.keys) == 0 {
		return dst, e.rowError(fmt.Sprintf("%T", row), "the table has no primary key, so its rows cannot be updated or deleted")
	}
	if r, ok := row.(*Row); ok && r != nil {
		r.writer.reset(dst, e.table.Unfit)
		err := e.cellRow(&r.writer, r, form)
		return r.writer.take(dst, err)
	}
	w, _ := e.writers.Get().(*rowWriter)
	if w == nil {
		w = new(rowWriter)
	}
	w.reset(dst, e.table.Unfit)
	err := e.row(w, row, form)
	dst, err = w.take(dst, err)
	e.writers.Put(w) // if a method of the row panics, the writer is garbage
	return dst, err
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
	for n := 0; v.Kind() == reflect.Pointer && n < maxPointers; n++ {
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
	if w.raws == nil {
		w.raws = newRawReader(e)
	}
	return w.raws.write(w, row, form)
}

// drops reports whether the column with the given name is omitted from rows.
func (e *Encoder) drops(name string) bool {
	if c := e.byName[name]; c != nil {
		return c.drop
	}
	return e.drop(name)
}

// settle completes the value of a column, which w has appended at start. It
// checks what depends on the column rather than on its type alone, and counts
// what was altered. It must be called for a column that is checked, and for any
// column if w has notes. If c is nil, the column is undeclared and has the given
// name. The argument got is the type of the value, for an error.
func (e *Encoder) settle(w *rowWriter, c *encoderColumn, undeclared string, start int, got string) error {
	n, nulled := w.notes, w.nulled
	w.notes, w.nulled = 0, nil
	name := c.name(undeclared)
	if c != nil && c.checked {
		if err := c.check(w.b[start:], n); err != nil {
			fault := err.(*valueError)
			fault.got = got
			if !fault.unfit || w.policy != NullUnfit || c.PrimaryKey {
				return e.valueError(name, c.Type, fault)
			}
			w.b = append(w.b[:start], "null"...)
			n, nulled = n|nulledValue, fault
		}
	}
	if c.isKey() && string(w.b[start:]) == "null" {
		switch {
		case nulled != nil:
			return e.valueError(name, c.Type, nulled)
		case n&zeroTime != 0:
			return e.columnError(name, got, "a zero time is null, and a part of the primary key cannot be null")
		}
		return e.nullKey(name)
	}
	if n&(replacedText|nulledValue) != 0 {
		e.count(name, c.typ(), n, nulled)
	}
	return nil
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
	return &RowError{Table: e.table.String(), Column: column, Want: want, Got: v.got, Problem: v.problem(), Path: v.path, err: v.err}
}

func (e *Encoder) missingKey(column string) error {
	return e.columnError(column, "no value", "the row omits a part of the primary key")
}

func (e *Encoder) nullKey(column string) error {
	return e.columnError(column, "null", "a part of the primary key cannot be null")
}
