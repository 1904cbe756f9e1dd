package config

import (
	"bytes"
	"cmp"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	validator "github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/penstock-sdk/penstock/connector"
)

// broken returns the rules that a struct breaks, sorted, each once.
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

// locate returns a problem that is still without text at a place in the
// configuration.
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
			p.path = join(p.path, name) // within a value that can be any JSON
		}
		if p.field != nil {
			fields = p.field.Fields
		}
	}
	return p
}

func fieldNamed(fields []Field, name string) *Field {
	for i := range fields {
		if fields[i].Name == name {
			return &fields[i]
		}
	}
	return nil
}

// complaint says what a rule wants, without the value that broke it.
func complaint(rule validator.ErrorKind) string {
	switch k := rule.(type) {
	case *kind.Type:
		return "want " + strings.Join(k.Want, " or ")
	case *kind.Enum:
		words := make([]string, len(k.Want))
		for i, w := range k.Want {
			words[i] = fmt.Sprint(w)
		}
		return "want one of " + strings.Join(words, ", ")
	case *kind.Format:
		return "want a valid " + k.Want
	case *kind.Pattern:
		return "want text that matches " + k.Want
	case *kind.MinLength:
		if k.Want == 1 {
			return "is required"
		}
		return fmt.Sprintf("want at least %d characters", k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("want at most %d characters", k.Want)
	case *kind.Minimum:
		return "want at least " + k.Want.RatString()
	case *kind.Maximum:
		return "want at most " + k.Want.RatString()
	case *kind.ExclusiveMinimum:
		return "want more than " + k.Want.RatString()
	case *kind.ExclusiveMaximum:
		return "want less than " + k.Want.RatString()
	case *kind.MultipleOf:
		return "want a multiple of " + k.Want.RatString()
	case *kind.MinItems:
		return fmt.Sprintf("want at least %d items", k.Want)
	case *kind.MaxItems:
		return fmt.Sprintf("want at most %d items", k.Want)
	case *kind.UniqueItems:
		return "want items that differ"
	}
	return "breaks the rule " + strings.Join(rule.KeywordPath(), "/")
}

// An instance makes the JSON values that a schema speaks of. One for defaults
// has panics alone; after a decoder has filled a struct, it needs to know what
// was given.
type instance struct {
	panics *panics
	given  map[string]bool
	texts  map[string]string
	all    bool // everything was given: the value is an item of a default
}

// object returns the members of a struct that hold something: fields that do
// not are absent, not empty.
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
			continue // a default that its type can't write
		}
		members[f.Name] = value
	}
	return members
}

// isAbsent reports whether a field holds nothing. A number that is zero holds
// something if it was given, or if it is the default.
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

// items returns the instance for the items of a list or map.
func (in *instance) items(path string) *instance {
	return &instance{panics: in.panics, given: in.given, texts: in.texts, all: !in.given[path]}
}

// text returns what a value that reads itself from text writes, or else the
// text that it has read. It returns nil if there is neither.
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

// json returns what a value writes as JSON, or nil if it can't.
func (in *instance) json(v reflect.Value, path string) any {
	var encoded []byte
	var err error
	if !in.panics.field(path, in.texts[path], func() { encoded, err = json.Marshal(shallowCopy(v).Addr().Interface()) }) || err != nil {
		return nil
	}
	value, err := validator.UnmarshalJSON(bytes.NewReader(encoded))
	if err != nil {
		return nil
	}
	return value
}
