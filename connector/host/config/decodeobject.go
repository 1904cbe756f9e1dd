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

// object fills a struct from a JSON object.
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
			continue // a form's field that nobody filled in
		} else if !blank {
			d.given[at] = true
		}
		d.value(f, v.FieldByIndex(f.index), raw, at)
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		d.unknown = append(d.unknown, join(path, strings.ToValidUTF8(name, "�")))
	}
}

// members returns the members of a JSON object. It reports an object that is
// not valid, and returns the members that come before the mistake.
func (d *decoder) members(data jsontext.Value, path string) (map[string]jsontext.Value, bool) {
	if data.Kind() != '{' {
		d.report(path, "want a JSON object")
		return nil, false
	}
	members := map[string]jsontext.Value{}
	// The fields refuse text that is not UTF-8, so that the error names them.
	dec := jsontext.NewDecoder(bytes.NewReader(data), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	_, err := dec.ReadToken()
	for err == nil && dec.PeekKind() != '}' {
		var name jsontext.Token
		if name, err = dec.ReadToken(); err != nil {
			break
		}
		text := name.String()
		var raw jsontext.Value
		if raw, err = dec.ReadValue(); err != nil {
			break
		}
		if _, twice := members[text]; twice {
			d.report(join(path, text), "is given twice")
		}
		members[text] = raw.Clone()
	}
	if err == nil {
		_, err = dec.ReadToken()
	}
	if err == nil {
		if _, end := dec.ReadToken(); !errors.Is(end, io.EOF) {
			err = errors.New("text after the object")
		}
	}
	if err != nil {
		d.report(path, "want a JSON object, complete and without syntax errors")
	}
	return members, true
}
