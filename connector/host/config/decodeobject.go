package config

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// object returns the JSON of an object, which may be the content of a string.
func (in input) object() jsontext.Value {
	if in.isText() {
		return jsontext.Value(in.text)
	}
	return in.raw
}

// object fills in a struct from a JSON object.
func (d *decoder) object(fields []Field, v reflect.Value, data jsontext.Value, path string) {
	members, ok := d.members(data, path)
	if !ok {
		return
	}
	for i := range fields {
		f := &fields[i]
		raw, ok := members[f.Name]
		delete(members, f.Name)
		if !ok || raw.Kind() == 'n' {
			continue
		}
		at := join(path, f.Name)
		if blank := string(raw) == `""`; blank && (f.Kind != Text || f.reads) {
			continue // the user left the field of the form empty
		} else if !blank {
			d.given[at] = true
		}
		d.value(f, v.FieldByIndex(f.index), raw, at)
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		d.unknown = append(d.unknown, join(path, strings.ToValidUTF8(name, "�")))
	}
}

// members returns the members of a JSON object. If the object is not valid, it
// reports that and returns the members before the mistake.
func (d *decoder) members(data jsontext.Value, path string) (map[string]jsontext.Value, bool) {
	if data.Kind() != '{' {
		d.report(path, "want a JSON object")
		return nil, false
	}
	members := map[string]jsontext.Value{}
	// Text that is not valid UTF-8 is rejected later, by an error that names the
	// field.
	dec := jsontext.NewDecoder(bytes.NewReader(data), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	_, err := dec.ReadToken()
	for err == nil && dec.PeekKind() != '}' {
		err = d.member(dec, members, path)
	}
	if err == nil {
		err = endOfObject(dec)
	}
	if err != nil {
		d.report(path, "want a JSON object, complete and without syntax errors")
	}
	return members, true
}

// member adds the next member of an object to members.
func (d *decoder) member(dec *jsontext.Decoder, members map[string]jsontext.Value, path string) error {
	token, err := dec.ReadToken()
	if err != nil {
		return err
	}
	name := token.String() // reading the value invalidates the token
	raw, err := dec.ReadValue()
	if err != nil {
		return err
	}
	if _, twice := members[name]; twice {
		d.report(join(path, name), "is given twice")
	}
	members[name] = raw.Clone()
	return nil
}

// endOfObject reads the end of an object. Nothing may follow it.
func endOfObject(dec *jsontext.Decoder) error {
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("text follows the object")
	}
	return nil
}
