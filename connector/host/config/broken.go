package config

import (
	"cmp"
	"reflect"
	"slices"

	validator "github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/penstock-sdk/penstock/connector"
)

// broken returns the rules that a struct breaks, sorted and without duplicates.
func (f *Form) broken(rules *validator.Schema, v reflect.Value, in *instance) ([]problem, error) {
	err := rules.Validate(in.object(f.fields, v, ""))
	if err == nil {
		return nil, nil
	}
	failed, ok := err.(*validator.ValidationError)
	if !ok {
		return nil, connector.Errorf(connector.Defect, "validate the configuration: %w", err)
	}
	problems := f.flatten(nil, failed)
	slices.SortFunc(problems, func(a, b problem) int { return cmp.Compare(a.String(), b.String()) })
	return slices.Compact(problems), nil
}

// flatten turns the tree of a validation's errors into problems.
func (f *Form) flatten(problems []problem, e *validator.ValidationError) []problem {
	for _, cause := range e.Causes {
		problems = f.flatten(problems, cause)
	}
	if len(e.Causes) > 0 {
		return problems
	}
	if missing, ok := e.ErrorKind.(*kind.Required); ok {
		for _, name := range missing.Missing {
			p := f.locate(append(slices.Clip(e.InstanceLocation), name))
			p.text, p.missing = "is required", true
			problems = append(problems, p)
		}
		return problems
	}
	p := f.locate(e.InstanceLocation)
	p.text = complaint(e.ErrorKind)
	return append(problems, p)
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
