package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/connector"
)

// Spec returns the JSON Schema (draft 2020-12) of the configuration on one
// line. Platforms build a form from it. The same connector always yields the
// same bytes. The error is an [*connector.Error] of kind Defect.
func (f *Form) Spec() ([]byte, error) {
	encoded, err := f.encoded()
	return bytes.Clone(encoded), err
}

func (f *Form) encode() ([]byte, error) {
	var encoded []byte
	var err error
	p := &panics{} // in values of schemas that types write themselves
	if !p.call(fmt.Sprintf("the JSON Schema of %v", f.defaults.Type()), "", func() { encoded, err = json.Marshal(f.schema) }) {
		return nil, p.err()
	}
	if err != nil {
		return nil, connector.Errorf(connector.Defect, "encode the JSON Schema of %v: %w", f.defaults.Type(), err)
	}
	v := jsontext.Value(encoded)
	if err := v.Compact(); err != nil {
		return nil, connector.Errorf(connector.Defect, "encode the JSON Schema of %v: %w", f.defaults.Type(), err)
	}
	return v, nil
}

// SpecWith is like [Form.Spec], but adds the keywords of a platform. It calls
// extend for each field, with the field's dotted name. The members that extend
// returns are set in the field's schema and replace members of the same name. A
// nil value removes a member.
//
// SpecWith visits the fields in the order of the form, and the members of an
// object before the object. The items of a list or map have its name with "[]"
// appended. At the end, extend is called for the schema as a whole, with an empty
// name and the zero Field.
func (f *Form) SpecWith(extend func(name string, field Field) map[string]any) ([]byte, error) {
	spec, err := f.Spec()
	if err != nil {
		return nil, err
	}
	if spec, err = extendObject(spec, f.fields, "", extend); err == nil {
		spec, err = setMembers(spec, extend("", Field{}))
	}
	if err != nil {
		return nil, connector.Errorf(connector.Defect, "extend the JSON Schema of %v: %w", f.defaults.Type(), err)
	}
	return spec, nil
}

// extendObject extends the properties of the schema of an object.
func extendObject(schema []byte, fields []Field, prefix string, extend func(string, Field) map[string]any) ([]byte, error) {
	properties, err := member(schema, "properties")
	if err != nil || properties == nil {
		return schema, err
	}
	properties, err = editMembers(properties, func(name string, property []byte) ([]byte, error) {
		for _, f := range fields {
			if f.Name == name {
				return extendField(property, f, join(prefix, name), extend)
			}
		}
		return property, nil
	}, nil)
	if err != nil {
		return nil, err
	}
	return setMember(schema, "properties", properties)
}

// extendField extends the schema of a field and of the fields or items within it.
func extendField(schema []byte, f Field, name string, extend func(string, Field) map[string]any) ([]byte, error) {
	var err error
	switch f.Kind {
	case Object:
		schema, err = extendObject(schema, f.Fields, name, extend)
	case List:
		schema, err = extendItems(schema, "items", f, name, extend)
	case Map:
		schema, err = extendItems(schema, "additionalProperties", f, name, extend)
	}
	if err != nil {
		return nil, err
	}
	return setMembers(schema, extend(name, f))
}

// extendItems extends the schema of the items of a list or map, which is the value
// of the given keyword.
func extendItems(schema []byte, keyword string, f Field, name string, extend func(string, Field) map[string]any) ([]byte, error) {
	items, err := member(schema, keyword)
	if err != nil || f.Items == nil || len(items) == 0 || items[0] != '{' {
		return schema, err
	}
	if items, err = extendField(items, *f.Items, name+"[]", extend); err != nil {
		return nil, err
	}
	return setMember(schema, keyword, items)
}

// setMembers sets members of a schema. A nil value removes a member.
func setMembers(schema []byte, members map[string]any) ([]byte, error) {
	if len(members) > 0 && string(schema) == "true" { // the schema of any value
		schema = []byte("{}")
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		var value []byte
		var err error
		if members[name] != nil {
			value, err = json.Marshal(members[name])
		}
		if err == nil {
			schema, err = setMember(schema, name, value)
		}
		if err != nil {
			return nil, err
		}
	}
	return schema, nil
}
