package config

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/connector"
)

// Decode returns a copy of the form's connector whose fields are filled in from
// a configuration, which is a JSON object. A field keeps its default if the
// configuration omits it or sets it to null. A field that does not hold text
// also keeps its default if it is set to an empty string. An empty
// configuration, or null, sets no field. Decode never writes to the values that
// defaults point to.
//
// Some platforms send every value as a string, so Decode converts text to the
// type of the field: a number, a bool, a duration such as "1h30m", a time in
// the format of RFC 3339 or a date, a list (a JSON array or comma-separated
// words), an object or map (a JSON object), or a type with an UnmarshalText
// method.
//
// The result is validated against the JSON Schema that [Form.Spec] returns, and
// then by the connector's Validate method, if it has one.
//
// The result unknown has the dotted names of the members that match no field. They
// are not an error. A name that is longer than 40 bytes, has other characters than
// letters, digits and "_-.$", or looks like a key is replaced by "[not shown]":
// a person may have pasted a key in its place.
//
// The error is an [*connector.Error]. If the configuration is not valid, its
// kind is Configuration, and it lists every problem by field. It contains names
// of fields but no values of the configuration, except for the text of an error
// that Validate returns: remove the secrets that [Secrets] returns before you
// show it. Names that the configuration itself chooses, such as those in a map,
// are shown like unknown names. If a default or a tag of the connector is not
// valid, the kind is Defect.
//
// If Validate panics, or if a method that converts a field from or to text or
// JSON panics, the kind is also Defect. The error says "panic in Validate: " or
// "panic in field proxy: " and the text of the panic, which is omitted if it
// contains part of the field's value. The error does not contain the stack. To
// get it, use errors.As to find an error with the method Stack() string.
//
// Decode returns the copy and the unknown names even if it returns an error.
// The copy is then filled in as far as possible.
func (f *Form) Decode(configuration []byte) (c connector.Connector, unknown []string, err error) {
	v := shallowCopy(f.defaults)
	c, _ = v.Addr().Interface().(connector.Connector) // FormOf accepts connectors only
	d := newDecoder(&panics{names: f.names})
	if text := bytes.TrimSpace(configuration); len(text) > 0 && string(text) != "null" {
		d.object(f.fields, v, jsontext.Value(text), "")
	}
	for i, name := range d.unknown {
		d.unknown[i] = f.names.shown(name)
	}
	rules, err := f.rules()
	if err != nil {
		return c, d.unknown, err
	}
	broken := f.broken(rules, v, d.instance())
	if err := d.panics.err(); err != nil {
		return c, d.unknown, err
	}
	if problems := f.names.merge(d.problems, broken); len(problems) > 0 {
		return c, d.unknown, invalid(problems...)
	}
	return c, d.unknown, d.validate(c)
}

// merge returns the problems of decoding, followed by the broken rules
// that they do not explain: a field that could not be decoded is not also
// missing.
func (n fieldNames) merge(decoding, broken []problem) []string {
	var lines []string
	for _, p := range decoding {
		lines = append(lines, n.line(p))
	}
	for _, p := range broken {
		if !slices.ContainsFunc(decoding, p.overlaps) {
			lines = append(lines, n.line(p))
		}
	}
	return lines
}

// validate calls the connector's Validate method, if it has one.
func (d *decoder) validate(c connector.Connector) error {
	validator, ok := c.(connector.Validator)
	if !ok {
		return nil
	}
	var err error
	if !d.panics.call("Validate", "", func() { err = validator.Validate() }) {
		return d.panics.err()
	}
	if err != nil {
		return invalid(err.Error())
	}
	return nil
}

// invalid returns the error for a configuration that is not valid. Lines of a problem stay
// lines: a secret in them, such as base64, is masked before they become one.
func invalid(problems ...string) error {
	return &connector.Error{Kind: connector.Configuration, Err: errors.New(strings.Join(problems, "; "))}
}
