package config

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/connector"
)

// Decode returns a copy of the form's connector whose fields are filled from a
// configuration, a JSON object. Fields that the configuration does not name
// keep their defaults, and so do fields whose value is null, or an empty string
// where the field is not text. An empty configuration, or null, names no field.
// Decode never writes to the values that defaults point to.
//
// Platforms hand over maps of strings, so text is converted to what the field
// takes: a number, a bool, a duration such as "1h30m", a time in the format of
// RFC 3339 or a date, a list (a JSON array, or words between commas), an
// object or map (a JSON object), or a type that reads itself from text.
//
// The result must follow the JSON Schema that [Form.Spec] returns, and then
// the connector's Validate method if it has one.
//
// Unknown are the dotted names of members that no field has; they are not an
// error. An error is an [*connector.Error] of kind Configuration that lists
// every problem, field by field. It holds names of the configuration and no
// values, except where the text of Validate's own error does: hide the secrets
// that [Secrets] returns before you show it. If a default or a tag of the
// connector is not valid, the error is one of kind Defect.
//
// A panic in Validate, or in a method by which a field's type reads or writes
// itself, is an error of kind Defect as well, which says "panic in Validate: "
// or "panic in field proxy: " and what the panic says, unless that holds a part
// of the field's value. The text does not hold the stack: an error in the chain
// has a method Stack() string, which errors.As finds by an interface with that
// method.
//
// The copy and the unknown names are returned beside an error, too; the copy is
// filled as far as possible.
func (f *Form) Decode(configuration []byte) (c connector.Connector, unknown []string, err error) {
	v := shallowCopy(f.defaults)
	c, _ = v.Addr().Interface().(connector.Connector) // as the one given to FormOf is
	d := newDecoder(&panics{})
	if text := bytes.TrimSpace(configuration); len(text) > 0 && string(text) != "null" {
		d.object(f.fields, v, jsontext.Value(text), "")
	}
	rules, err := f.rules()
	if err != nil {
		return c, d.unknown, err
	}
	broken, err := f.broken(rules, v, d.instance())
	if err == nil {
		err = d.panics.err()
	}
	if err != nil {
		return c, d.unknown, err
	}
	problems := d.problems
	for _, p := range broken {
		// A field that could not be read is not also missing.
		if !slices.ContainsFunc(d.problems, p.overlaps) {
			problems = append(problems, p)
		}
	}
	var lines []string
	for _, p := range problems {
		lines = append(lines, p.String())
	}
	if validator, ok := c.(connector.Validator); ok && len(problems) == 0 {
		var err error
		if !d.panics.call("Validate", "", func() { err = validator.Validate() }) {
			return c, d.unknown, d.panics.err()
		}
		if err != nil {
			lines = append(lines, err.Error())
		}
	}
	if len(lines) > 0 {
		text := strings.ReplaceAll(strings.Join(lines, "; "), "\n", "; ")
		return c, d.unknown, &connector.Error{Kind: connector.Configuration, Err: errors.New(text)}
	}
	return c, d.unknown, nil
}
