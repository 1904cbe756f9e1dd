package schema

import (
	"reflect"
	"sync"
)

// A plan is how rows of one struct type are written to one table.
type plan struct {
	typ    reflect.Type
	fields []planField // of a Full or Partial row
	keys   []planField // of the primary key
	err    error       // why no row of the type fits
	copies sync.Pool   // of *reflect.Value: room for rows that have no address
}

type planField struct {
	name      string
	quoted    string // the name as JSON, with the colon
	typ       Type
	index     []int
	write     writeFunc
	key       bool
	omitEmpty bool
	omitZero  bool
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

// fieldByIndex is reflect's FieldByIndex, but that a nil embedded pointer on
// the way gives no field.
func fieldByIndex(v reflect.Value, index []int) (reflect.Value, bool) {
	if len(index) == 1 {
		return v.Field(index[0]), true
	}
	for i, x := range index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return reflect.Value{}, false
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v, true
}
