package schema

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/go-json-experiment/json/jsontext"
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

func (e *Encoder) structRow(w *rowWriter, v reflect.Value, form Form) error {
	p := e.planFor(v.Type())
	if p.err != nil {
		return p.err
	}
	if !v.CanAddr() {
		room := p.copies.Get().(*reflect.Value)
		defer func() {
			room.SetZero() // keeps nothing of the row alive
			p.copies.Put(room)
		}()
		room.Set(v)
		v = *room
	}
	fields := p.fields
	if form == Keys {
		fields = p.keys
	}
	w.b = append(w.b, '{')
	first := true
	for i := range fields {
		f := &fields[i]
		fv, ok := fieldByIndex(v, f.index)
		if ok && (f.omitEmpty && isEmpty(fv) || f.omitZero && isZero(fv)) {
			if f.key {
				return e.missingKey(f.name)
			}
			continue
		}
		if !ok && !f.key && form == Partial {
			continue // a nil embedded struct says nothing of its columns
		}
		if !first {
			w.b = append(w.b, ',')
		}
		first = false
		w.b = append(w.b, f.quoted...)
		start := len(w.b)
		if !ok {
			w.null()
		} else if err := f.write(w, fv); err != nil {
			return e.valueError(f.name, f.typ, err)
		}
		if f.key && string(w.b[start:]) == "null" {
			return e.nullKey(f.name)
		}
		if w.replaced > 0 {
			e.noteReplaced(w, f.name)
		}
	}
	w.b = append(w.b, '}')
	return nil
}

func (e *Encoder) planFor(t reflect.Type) *plan {
	if p := e.lastPlan.Load(); p != nil && p.typ == t {
		return p
	}
	p, ok := e.plans.Load(t)
	if !ok {
		p, _ = e.plans.LoadOrStore(t, e.compile(t))
	}
	e.lastPlan.Store(p.(*plan))
	return p.(*plan)
}

func (e *Encoder) compile(t reflect.Type) *plan {
	p := &plan{typ: t}
	p.copies.New = func() any { room := reflect.New(t).Elem(); return &room }
	fields, err := fieldsOf(t)
	if err != nil {
		p.err = e.rowError(t.String(), err.Error())
		return p
	}
	keys := map[string]bool{}
	for _, f := range fields {
		c := e.byName[f.column.Name]
		pf := planField{name: f.column.Name, typ: f.column.Type, index: f.index, omitEmpty: f.omitEmpty, omitZero: f.omitZero}
		switch {
		case c != nil:
			pf.quoted, pf.typ, pf.key = c.quoted, c.Type, c.PrimaryKey
			if c.drop {
				continue
			}
		case e.drop(f.column.Name):
			continue
		default:
			var quoted rowWriter
			quoted.string(f.column.Name)
			pf.quoted = string(quoted.b) + ":"
		}
		if pf.write, err = valueFunc(f.typ, pf.typ); err != nil {
			p.err = e.valueError(pf.name, pf.typ, misfitBecause(f.typ.String(), "it is the type of "+f.goName))
			return p
		}
		p.fields = append(p.fields, pf)
		if pf.key {
			keys[pf.name] = true
			p.keys = append(p.keys, pf)
		}
	}
	for _, c := range e.columns {
		if c.PrimaryKey && !keys[c.Name] {
			p.err = e.columnError(c.Name, t.String(), "the type has no field for this part of the primary key")
			return p
		}
	}
	return p
}

// rawRow appends the canonical form of a row that is raw JSON.
func (e *Encoder) rawRow(w *rowWriter, row []byte, form Form) error {
	r, _ := e.rawReaders.Get().(*rawReader)
	if r == nil {
		r = &rawReader{seen: make([]bool, len(e.columns))}
		r.dec = jsontext.NewDecoder(&r.src)
	}
	defer e.rawReaders.Put(r)
	r.src = *bytes.NewBuffer(row)
	r.dec.Reset(&r.src, rawOptions...)
	clear(r.seen)
	r.other = r.other[:0]

	if r.dec.PeekKind() != '{' {
		if !jsontext.Value(row).IsValid(rawOptions...) {
			return e.rowError("raw JSON", "the row is not valid JSON")
		}
		return e.rowError(kindOfJSON(row), "a row of raw JSON is an object")
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return e.rowError("raw JSON", "the row is not valid JSON")
	}
	broken := hasFlaws(row)
	w.b = append(w.b, '{')
	for first := true; r.dec.PeekKind() != '}'; {
		quoted, err := r.dec.ReadValue()
		if err != nil {
			return e.rowError("raw JSON", "the row is not valid JSON")
		}
		r.name, err = jsontext.AppendUnquote(r.name[:0], quoted)
		if err != nil && !broken {
			return e.rowError("raw JSON", "the row is not valid JSON")
		}
		if err != nil {
			w.replaced++ // in the name
		}
		c := e.lookup(r.name)
		if twice := r.mark(c); twice {
			return e.columnError(c.name(r.name), "raw JSON", "the row has the column twice")
		}
		if c.dropped(e, r.name) || form == Keys && !c.isKey() {
			if err := r.dec.SkipValue(); err != nil {
				return e.rowError("raw JSON", "the row is not valid JSON")
			}
			w.replaced = 0
			continue
		}
		if !first {
			w.b = append(w.b, ',')
		}
		first = false
		if c != nil {
			w.b = append(w.b, c.quoted...)
		} else {
			w.string(string(r.name))
			w.b = append(w.b, ':')
		}
		v, err := r.dec.ReadValue()
		if err != nil {
			return e.rowError("raw JSON", "the row is not valid JSON")
		}
		if err := w.validRaw(c.typ(), v, broken); err != nil {
			return e.valueError(c.name(r.name), c.typ(), err)
		}
		if c.isKey() && v.Kind() == 'n' {
			return e.nullKey(c.Name)
		}
		e.noteReplaced(w, c.name(r.name))
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return e.rowError("raw JSON", "the row is not valid JSON")
	}
	w.b = append(w.b, '}')
	for i, c := range e.columns {
		if c.PrimaryKey && !r.seen[i] {
			return e.missingKey(c.Name)
		}
	}
	if _, err := r.dec.ReadToken(); err != io.EOF {
		return e.rowError("raw JSON", "something follows the row's object")
	}
	return nil
}

func (e *Encoder) lookup(name []byte) *encoderColumn { return e.byName[string(name)] }

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

func (e *Encoder) rowError(got, problem string) error {
	return &RowError{Table: e.table.String(), Got: got, Problem: problem}
}

func (e *Encoder) columnError(column, got, problem string) error {
	return &RowError{Table: e.table.String(), Column: column, Got: got, Problem: problem}
}

// valueError adds table and column to what a rowWriter said.
func (e *Encoder) valueError(column string, want Type, err error) error {
	var v *valueError
	if !errors.As(err, &v) {
		return fmt.Errorf("table %s, column %s: %w", e.table, column, err)
	}
	return &RowError{Table: e.table.String(), Column: column, Want: want, Got: v.got, Problem: v.why, err: v.err}
}

func (e *Encoder) missingKey(column string) error {
	return e.columnError(column, "no value", "the row leaves out a part of the primary key")
}

func (e *Encoder) nullKey(column string) error {
	return e.columnError(column, "null", "a part of the primary key can't be null")
}
