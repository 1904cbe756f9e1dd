package schema

import (
	"reflect"
	"slices"
)

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
		if w.notes != 0 || c.checked {
			if err := e.settle(w, c, "", start, goType(v)); err != nil {
				return err
			}
		}
	}
	if found < len(row) && form != Keys {
		if err := e.undeclared(w, row, first); err != nil {
			return err
		}
	}
	w.b = append(w.b, '}')
	return nil
}

// undeclared appends the columns of the row that are neither declared nor
// dropped, in ascending order of their names.
func (e *Encoder) undeclared(w *rowWriter, row map[string]any, first bool) error {
	names := w.names[:0]
	for name := range row {
		if e.byName[name] == nil && !e.drop(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	defer clear(names) // a pooled writer must not keep the row's memory alive
	if w.names = names; cap(names) > keptMembers {
		w.names = nil
	}
	for _, name := range names {
		u := w.undeclared.column(name)
		if problem := w.undeclared.deliver(u, e); problem != "" {
			return e.columnError(name, "a map", problem)
		}
		if !first {
			w.b = append(w.b, ',')
		}
		first = false
		w.b = append(w.b, u.quoted...)
		start := len(w.b)
		v := row[name]
		if err := w.value(0, v); err != nil {
			return e.valueError(name, 0, err)
		}
		if w.notes != 0 {
			if err := e.settle(w, nil, name, start, goType(v)); err != nil {
				return err
			}
		}
	}
	return nil
}

// goType returns the name of the Go type of v, for an error.
func goType(v any) string {
	if v == nil {
		return "nil"
	}
	return reflect.TypeOf(v).String()
}
