package schema

import (
	"reflect"
	"slices"
	"sync"
	"unsafe"
)

// A plan describes how one encoder writes rows of one struct type.
type plan struct {
	encoder *Encoder
	typ     reflect.Type
	fields  []planField // of a Full or Partial row
	keys    []planField // of the primary key
	err     error       // if not nil, no row of the type fits
	badName error       // if not nil, only the primary keys of rows fit
	copies  sync.Pool   // of *reflect.Value: addressable copies of rows passed by value
}

// A planField describes how one struct field is written.
type planField struct {
	column    *encoderColumn
	member    memberText
	index     []int
	direct    directField
	write     writeFunc
	goType    string
	key       bool
	checked   bool // as in encoderColumn
	omitEmpty bool
	omitZero  bool
}

// newPlan returns the plan for rows of the struct type t. If no row of the type
// can fit the encoder's table, the plan's err is set.
func newPlan(e *Encoder, t reflect.Type) *plan {
	p := &plan{encoder: e, typ: t}
	p.copies.New = func() any { room := reflect.New(t).Elem(); return &room }
	fields, err := fieldsOf(t)
	if err != nil {
		p.err = e.rowError(t.String(), err.Error())
		return p
	}
	var names undeclaredSet
	names.reset()
	for _, f := range fields {
		if e.drops(f.column.Name) {
			continue
		}
		pf, err := newPlanField(e, t, f)
		if err != nil {
			p.err = err
			return p
		}
		if e.byName[f.column.Name] == nil && p.badName == nil {
			if problem := names.deliver(names.column(f.column.Name), e); problem != "" {
				p.badName = e.columnError(f.column.Name, t.String(), problem)
			}
		}
		p.fields = append(p.fields, pf)
		if pf.key {
			p.keys = append(p.keys, pf)
		}
	}
	for _, c := range e.columns {
		if c.PrimaryKey && !slices.ContainsFunc(p.keys, func(f planField) bool { return f.column.Name == c.Name }) {
			p.err = e.columnError(c.Name, t.String(), "the type has no field for this part of the primary key")
			return p
		}
	}
	return p
}

// newPlanField returns the plan for one field of the row type t. The table's declaration of the
// column, if there is one, takes precedence over the field's own.
func newPlanField(e *Encoder, t reflect.Type, f field) (planField, error) {
	c := e.byName[f.column.Name]
	var typ Type
	if c != nil {
		typ = c.Type
	} else {
		undeclared := f.column
		undeclared.PrimaryKey = false // the table decides
		c = newEncoderColumn(undeclared, -1)
		typ = undeclaredType(f.typ, c.Type)
	}
	pf := planField{
		column: c, member: c.member, key: c.PrimaryKey, checked: c.checked,
		index: f.index, goType: f.typ.String(), omitEmpty: f.omitEmpty, omitZero: f.omitZero,
	}
	var err error
	if pf.write, err = valueFunc(f.typ, typ); err != nil {
		return pf, e.valueError(c.Name, c.Type, misfitBecause(pf.goType, "it is the type of the field "+f.goName))
	}
	if !f.omitEmpty && !f.omitZero {
		column := c.Column
		column.Type = typ
		pf.direct = newDirectField(t, f.index, column)
	}
	return pf, nil
}

// write appends the canonical form of the row v, a value of the plan's type.
func (p *plan) write(w *rowWriter, v reflect.Value, form Form) error {
	if p.err != nil {
		return p.err
	}
	if !v.CanAddr() {
		room := p.copies.Get().(*reflect.Value)
		defer func() {
			room.SetZero() // the pool must not keep the row's memory alive
			p.copies.Put(room)
		}()
		room.Set(v)
		v = *room
	}
	fields := p.fields
	switch {
	case form == Keys:
		fields = p.keys
	case p.badName != nil:
		return p.badName
	}
	address := unsafe.Pointer(v.UnsafeAddr())
	open := len(w.b)
	for i := range fields {
		f := &fields[i]
		var fv reflect.Value
		ok := true
		if f.direct.kind == notDirect {
			fv, ok = fieldByIndex(v, f.index)
			if ok && (f.omitEmpty && isEmpty(fv) || f.omitZero && isZero(fv)) {
				if f.key {
					return p.encoder.missingKey(f.column.Name)
				}
				continue
			}
			if !ok && !f.key && form == Partial {
				continue // the embedded struct is nil
			}
		}
		w.b = f.member.append(w.b)
		if f.direct.kind != notDirect {
			if b, ok := f.direct.appendPlain(w.b, address); ok {
				w.b = b
				continue
			}
		}
		start := len(w.b)
		var err error
		switch {
		case f.direct.kind != notDirect:
			err = f.direct.write(w, address)
		case !ok:
			w.null()
		default:
			err = f.write(w, fv)
		}
		if err != nil {
			return p.encoder.valueError(f.column.Name, f.column.Type, err)
		}
		if w.notes != 0 || f.checked {
			if err := p.encoder.settle(w, f.column, "", start, f.goType); err != nil {
				return err
			}
		}
	}
	w.closeObject(open)
	return nil
}

// fieldByIndex is like [reflect.Value.FieldByIndex], except that it reports
// false if an embedded pointer on the way is nil.
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
