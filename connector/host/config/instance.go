package config

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"time"
)

// An instance encodes a struct as the JSON values that a schema validates. For
// defaults, only panics is set. For a struct that a decoder has filled in, the
// instance also needs to know which fields were set.
type instance struct {
	panics *panics
	given  map[string]bool
	texts  map[string]string
	all    bool // treat every field as set: the value is an item of a default
}

// object returns the fields of a struct as the members of a JSON object. Fields
// without a value are omitted.
func (in *instance) object(fields []Field, v reflect.Value, path string) map[string]any {
	members := map[string]any{}
	for i := range fields {
		f := &fields[i]
		fv, at := v.FieldByIndex(f.index), join(path, f.Name)
		if in.isAbsent(f, fv, at) {
			continue
		}
		value := in.of(f, fv, at)
		if value == nil && f.reads && f.Kind != JSON {
			continue // a default that its type cannot encode
		}
		members[f.Name] = value
	}
	return members
}

// isAbsent reports whether a field has no value. A zero number is a value if the
// configuration sets it, or if it is the default.
func (in *instance) isAbsent(f *Field, v reflect.Value, path string) bool {
	switch v.Kind() {
	case reflect.String, reflect.Slice, reflect.Map, reflect.Pointer, reflect.Interface:
		return v.IsZero()
	case reflect.Struct:
		return v.IsZero() && f.Kind != Object
	}
	return v.IsZero() && !in.given[path] && !in.all && (f.omittable || f.Required)
}

// of returns the JSON value of a field's value.
func (in *instance) of(f *Field, v reflect.Value, path string) any {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	switch f.Kind {
	case Text:
		if f.Secret {
			return v.String()
		}
		if f.reads {
			return in.text(v, path)
		}
	case Duration:
		return time.Duration(v.Int()).String()
	case Time:
		return v.Interface().(time.Time).Format(time.RFC3339Nano)
	case Object:
		return in.object(f.Fields, v, path)
	case List:
		in = in.items(path)
		items := make([]any, v.Len())
		for i := range items {
			items[i] = in.of(f.Items, v.Index(i), fmt.Sprintf("%s[%d]", path, i))
		}
		return items
	case Map:
		in = in.items(path)
		members := map[string]any{}
		for k, e := range v.Seq2() {
			members[k.String()] = in.of(f.Items, e, join(path, k.String()))
		}
		return members
	}
	return in.json(v, path)
}

// items returns the instance that encodes the items of a list or map.
func (in *instance) items(path string) *instance {
	return &instance{panics: in.panics, given: in.given, texts: in.texts, all: !in.given[path]}
}

// text returns the text of a value that decodes itself from text. If the value
// cannot encode itself, text returns the text that it was decoded from, or nil
// if there is none.
func (in *instance) text(v reflect.Value, path string) any {
	pointer := shallowCopy(v).Addr().Interface()
	if u, ok := pointer.(*url.URL); ok {
		return u.String()
	}
	if m, ok := pointer.(encoding.TextMarshaler); ok {
		var text []byte
		err := errors.New("panic")
		in.panics.field(path, in.texts[path], func() { text, err = m.MarshalText() })
		if err == nil {
			return string(text)
		}
	}
	if text, ok := in.texts[path]; ok {
		return text
	}
	if v.Kind() == reflect.String {
		return v.String()
	}
	return nil
}

// json returns the JSON value of a value, or nil if it cannot be encoded.
func (in *instance) json(v reflect.Value, path string) any {
	var encoded []byte
	var err error
	if !in.panics.field(path, in.texts[path], func() { encoded, err = json.Marshal(shallowCopy(v).Addr().Interface()) }) || err != nil {
		return nil
	}
	value, err := jsonValue(encoded)
	if err != nil {
		return nil
	}
	return value
}
