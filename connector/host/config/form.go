package config

import (
	"iter"
	"reflect"
	"strings"
	"sync"

	"github.com/invopop/jsonschema"

	"github.com/penstock-sdk/penstock/connector"
)

// A Form describes the configuration of a connector as data. [FormOf] returns
// one. A Form is immutable and safe for concurrent use.
type Form struct {
	// Fields holds the fields of the configuration in the order of the struct.
	// The fields of an embedded struct take its place. Do not change them.
	Fields []Field

	fields   []Field       // as built, in case a caller changes Fields
	names    fieldNames    // of fields
	defaults reflect.Value // the struct of the connector passed to FormOf
	schema   *jsonschema.Schema
	encoded  func() ([]byte, error)
	rules    func() (*rule, error) // the compiled schema, once the defaults have passed it
}

// FormOf returns the form of a connector. Its fields are the exported fields of
// the struct that c points to, and the values in c are their defaults. FormOf
// keeps a shallow copy of c, so that later changes to the fields of c have no
// effect.
//
// The error is an [*connector.Error] of kind Defect. It lists every field that
// cannot be configuration and every mistake in a tag, each with the field's Go
// name, such as shop.Connector.PageSize. The package comment describes the types
// and tags that fields may have. A panic in a method of a field's type, such as
// JSONSchema or MarshalText, counts as a mistake. Its stack is available as
// [Form.Decode] describes.
func FormOf(c connector.Connector) (*Form, error) {
	v := reflect.ValueOf(c)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return nil, connector.Errorf(connector.Defect, "a connector must be a pointer to a struct, not a %T", c)
	}
	return formOfStruct(v.Elem())
}

func formOfStruct(v reflect.Value) (*Form, error) {
	f := &Form{defaults: shallowCopy(v)}
	t := f.defaults.Type()
	b := builder{connector: t}
	f.fields = b.fieldsOf(t, place{goName: t.String(), at: []int{}})
	if err := b.err(); err != nil {
		return nil, err
	}
	schema, err := reflectSchema(t)
	if err != nil {
		return nil, err
	}
	b.finish(schema, f.fields, f.defaults)
	if err := b.err(); err != nil {
		return nil, err
	}
	f.Fields, f.schema = f.fields, schema
	f.names = namesOf(f.fields, fieldNames{})
	f.encoded = sync.OnceValues(f.encode)
	f.rules = sync.OnceValues(f.compile)
	return f, nil
}

// compile returns the compiled schema, once the connector's own defaults have
// passed it. It runs at the first Decode, since many runs of a connector decode nothing.
func (f *Form) compile() (*rule, error) {
	encoded, err := f.encoded()
	if err != nil {
		return nil, err
	}
	rules, err := compileRules(encoded)
	if err != nil {
		return nil, connector.Errorf(connector.Defect, "%v: the jsonschema tags do not form a valid JSON Schema: %w", f.defaults.Type(), err)
	}
	return rules, f.checkDefaults(rules)
}

// checkDefaults returns an error that lists the defaults that break the rules of
// their own fields. Secrets are exempt. A secret has no default, so a secret in
// the connector was set by a test, or by a program that configures it in code.
func (f *Form) checkDefaults(rules *rule) error {
	p := &panics{}
	broken := f.broken(rules, f.defaults, &instance{panics: p})
	if err := p.err(); err != nil {
		return err
	}
	var problems []string
	for _, p := range broken {
		if p.field != nil && (!p.missing || p.inItem) && !p.field.holdsSecret() {
			problems = append(problems, p.field.goName+": the default is not valid: "+p.text+"; change it in the connector passed to Main, or change the field's tag")
		}
	}
	if len(problems) > 0 {
		return connector.Errorf(connector.Defect, "%s", strings.Join(problems, "; "))
	}
	return nil
}

// Walk iterates over the fields of the form in order, with the dotted name of
// each, such as "proxy.password". It visits the members of an Object instead of
// the Object. The exception is an Object behind a pointer: Walk visits the
// Object itself, because it may be absent. Every field that Walk visits
// supports [Field.Get], [Field.With] and [Field.Without].
func (f *Form) Walk() iter.Seq2[string, Field] {
	return func(yield func(string, Field) bool) { walk(f.fields, "", yield) }
}

// Lookup returns the field with the given dotted name. Unlike [Form.Walk], it also finds
// the fields within an optional object, such as "proxy.password" within a pointer to a
// struct. It returns false if there is no such field.
func (f *Form) Lookup(name string) (Field, bool) { return lookup(f.fields, name) }

func lookup(fields []Field, name string) (Field, bool) {
	for _, f := range fields {
		if f.Name == name {
			return f, true
		}
		if rest, within := strings.CutPrefix(name, f.Name+"."); within && f.Kind == Object {
			if found, ok := lookup(f.Fields, rest); ok {
				return found, true
			}
		}
	}
	return Field{}, false
}

// walk calls yield for each field. It reports whether yield wants more fields.
func walk(fields []Field, prefix string, yield func(string, Field) bool) bool {
	for _, f := range fields {
		path := join(prefix, f.Name)
		if f.Kind == Object && f.typ.Kind() == reflect.Struct {
			if !walk(f.Fields, path, yield) {
				return false
			}
			continue
		}
		if !yield(path, f) {
			return false
		}
	}
	return true
}
