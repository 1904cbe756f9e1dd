package config

import (
	"cmp"
	"reflect"
	"slices"
)

// broken returns the rules that a struct breaks, sorted and without duplicates.
func (f *Form) broken(rules *rule, v reflect.Value, in *instance) []problem {
	var problems []problem
	for _, failed := range rules.check(in.object(f.fields, v, "")) {
		p := f.locate(failed.location)
		p.text, p.missing = failed.text, failed.missing
		problems = append(problems, p)
	}
	slices.SortFunc(problems, func(a, b problem) int { return cmp.Compare(a.String(), b.String()) })
	return slices.Compact(problems)
}

// locate returns a problem at a location in the configuration. The caller sets
// its text.
func (f *Form) locate(location []string) problem {
	var p problem
	fields := f.fields
	for i, name := range location {
		switch {
		case i == 0 || p.field != nil && p.field.Kind == Object:
			p.path, p.field = join(p.path, name), fieldNamed(fields, name)
		case p.field != nil && p.field.Kind == List:
			p.path, p.field, p.inItem = p.path+"["+name+"]", p.field.Items, true
		case p.field != nil && p.field.Kind == Map:
			p.path, p.field, p.inItem = join(p.path, name), p.field.Items, true
		default:
			p.path = join(p.path, name) // within a value that may be any JSON
		}
		if p.field != nil {
			fields = p.field.Fields
		}
	}
	return p
}

// fieldNamed returns the field with the given name, or nil.
func fieldNamed(fields []Field, name string) *Field {
	for i := range fields {
		if fields[i].Name == name {
			return &fields[i]
		}
	}
	return nil
}
