package config

import (
	"bytes"
	"reflect"
	"strings"
	"sync"

	"github.com/invopop/jsonschema"
	validator "github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/penstock-sdk/penstock/connector"
)

// A Form is the configuration of a connector as data. Make one with [FormOf].
// It does not change and is safe for concurrent use.
type Form struct {
	// Fields are the fields of the configuration, in the order of the struct,
	// those of embedded structs in their place. Do not change them.
	Fields []Field

	fields   []Field       // as built, even if a caller changes Fields
	defaults reflect.Value // a struct: the connector as it was given to FormOf
	schema   *jsonschema.Schema
	encoded  func() ([]byte, error)
	rules    func() (*validator.Schema, error) // the schema compiled, once the defaults have passed
}

// FormOf returns the form of a connector: its struct's exported fields, with
// what c holds as their defaults. It keeps a shallow copy of c, so that later
// changes to c's fields have no effect.
//
// The error is an [*connector.Error] of kind Defect that lists every field
// that cannot be configuration and every mistake in a tag, each with the
// field's Go name, such as shop.Connector.PageSize. The package comment
// describes the types and tags that fields can have. A panic in a method of a
// field's type, such as JSONSchema or MarshalText, is such a mistake; its stack
// is in the error as in those of [Form.Decode].
func FormOf(c connector.Connector) (*Form, error) {
	v := reflect.ValueOf(c)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return nil, connector.Errorf(connector.Defect, "a connector is a pointer to a struct, not a %T", c)
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
	f.encoded = sync.OnceValues(f.encode)
	f.rules = sync.OnceValues(f.compile)
	return f, nil
}

// compile returns the schema in the form that validates, once the connector's
// own defaults have passed it. Compiling is slow, so it
// happens at the first Decode.
func (f *Form) compile() (*validator.Schema, error) {
	encoded, err := f.encoded()
	if err != nil {
		return nil, err
	}
	document, err := validator.UnmarshalJSON(bytes.NewReader(encoded))
	if err != nil {
		return nil, connector.Errorf(connector.Defect, "read the JSON Schema of %v: %w", f.defaults.Type(), err)
	}
	compiler := validator.NewCompiler()
	compiler.DefaultDraft(validator.Draft2020)
	compiler.AssertFormat()
	if err := compiler.AddResource("configuration.json", document); err != nil {
		return nil, connector.Errorf(connector.Defect, "read the JSON Schema of %v: %w", f.defaults.Type(), err)
	}
	rules, err := compiler.Compile("configuration.json")
	if err != nil {
		return nil, connector.Errorf(connector.Defect, "%v: the jsonschema tags do not make a valid JSON Schema: %w", f.defaults.Type(), err)
	}
	return rules, f.checkDefaults(rules)
}

// checkDefaults returns an error that lists the defaults that break the rules
// of their own fields. Secrets are exempt: a secret has no default, so
// one that the connector holds was set by a test or a program that configures
// it in code.
func (f *Form) checkDefaults(rules *validator.Schema) error {
	p := &panics{}
	broken, err := f.broken(rules, f.defaults, &instance{panics: p})
	if err == nil {
		err = p.err()
	}
	if err != nil {
		return err
	}
	var problems []string
	for _, p := range broken {
		if p.field != nil && (!p.missing || p.inItem) && !p.field.holdsSecret() {
			problems = append(problems, p.field.goName+": the default is not valid: "+p.text+"; change it in the connector that is given to Main, or change the field's tag")
		}
	}
	if len(problems) > 0 {
		return connector.Errorf(connector.Defect, "%s", strings.Join(problems, "; "))
	}
	return nil
}
