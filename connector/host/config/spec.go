package connector

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/invopop/jsonschema"
	validator "github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// Spec returns the JSON Schema (draft 2020-12) of a connector's
// configuration, from which platforms make a form. It is one line.
//
// It is derived from the struct's exported fields: names come from json tags,
// and what a person reads or a rule demands from the jsonschema tags of
// github.com/invopop/jsonschema, such as
// `jsonschema:"title=Base URL,format=uri,description=Where the API is"`. On
// top of that:
//
//   - a field without title gets one from its name;
//   - what the given connector holds is the default;
//   - a field is required if it has no default and is not a bool, a pointer,
//     or tagged omitempty, omitzero; required text is not empty;
//   - a [Secret] is marked as a password to be written and not read, and has
//     no default;
//   - a time.Duration is text such as "1h30m", a time.Time an RFC 3339 one.
//
// A field that can't be configuration has to be tagged `json:"-"`; the error
// names it.
func Spec(c Connector) ([]byte, error) {
	s, err := specOf(c)
	if err != nil {
		return nil, err
	}
	encoded, err := json.Marshal(s)
	if err != nil {
		return nil, Errorf(Defect, "spec: %w", err)
	}
	v := jsontext.Value(encoded)
	if err := v.Compact(); err != nil {
		return nil, Errorf(Defect, "spec: %w", err)
	}
	return v, nil
}

func specOf(c Connector) (*jsonschema.Schema, error) {
	if _, err := freshCopy(c); err != nil {
		return nil, err
	}
	defaults := reflect.ValueOf(c).Elem()
	if err := checkConfigurable(defaults.Type(), defaults.Type().String(), nil); err != nil {
		return nil, &Error{Kind: Defect, Err: err}
	}
	reflector := &jsonschema.Reflector{
		Anonymous:                 true,
		ExpandedStruct:            true,
		DoNotReference:            true,
		AllowAdditionalProperties: true,
		Mapper:                    mapType,
	}
	s := reflector.ReflectFromType(defaults.Type())
	s.Definitions = nil
	finishSpec(s, defaults)
	return s, nil
}

// mapType gives the types a schema that a struct's reflection would miss.
func mapType(t reflect.Type) *jsonschema.Schema {
	switch t {
	case secretType:
		return &jsonschema.Schema{Type: "string", Format: "password", WriteOnly: true}
	case durationType:
		return &jsonschema.Schema{Type: "string", Examples: []any{"30s", "1h30m"}}
	case timeType:
		return &jsonschema.Schema{Type: "string", Format: "date-time"}
	}
	if reflect.PointerTo(t).Implements(textUnmarshalerType) {
		return &jsonschema.Schema{Type: "string"}
	}
	return nil
}

// checkConfigurable names the first field that no configuration can fill.
func checkConfigurable(t reflect.Type, path string, within []reflect.Type) error {
	if t == timeType || t == secretType || t == rawMessageType || readsText(t) {
		return nil
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return checkConfigurable(t.Elem(), path, within)
	case reflect.Struct:
		if slices.Contains(within, t) {
			return fmt.Errorf("%s: a configuration can't contain itself: tag the field `json:\"-\"`", path)
		}
		for _, f := range configFields(t) {
			if err := checkConfigurable(f.typ, path+"."+t.FieldByIndex(f.index).Name, append(within, t)); err != nil {
				return err
			}
		}
	case reflect.Func, reflect.Chan, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer, reflect.Uintptr:
		return fmt.Errorf("%s: a %v can't be configuration: tag the field `json:\"-\"`, or make it unexported", path, t)
	case reflect.Interface:
		if t.NumMethod() > 0 {
			return fmt.Errorf("%s: a %v can't be configuration: tag the field `json:\"-\"`, or make it unexported", path, t)
		}
	}
	return nil
}

// finishSpec adds titles, defaults and what is required to the schema of a
// struct.
func finishSpec(s *jsonschema.Schema, defaults reflect.Value) {
	tagged := map[string]bool{} // required by the author's own word
	for _, f := range configFields(defaults.Type()) {
		if hasTagOption(f.tag.Get("jsonschema"), "required") {
			tagged[f.name] = true
		}
	}
	s.Required = nil
	for _, f := range configFields(defaults.Type()) {
		property, ok := s.Properties.Get(f.name)
		if !ok {
			continue
		}
		if property.Title == "" {
			property.Title = titleOf(f.name)
		}
		fallback := defaults.FieldByIndex(f.index)
		if tagged[f.name] || isRequired(&f, fallback) {
			s.Required = append(s.Required, f.name)
			if property.Type == "string" && property.MinLength == nil {
				one := uint64(1)
				property.MinLength = &one
			}
		}
		if value, ok := defaultOf(fallback); ok && property.Default == nil {
			property.Default = value
		}
		inner := fallback
		if inner.Kind() == reflect.Pointer {
			if inner.IsNil() {
				inner = reflect.New(inner.Type().Elem())
			}
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct && property.Properties != nil && !readsText(inner.Type()) {
			finishSpec(property, inner)
		}
	}
}

func isRequired(f *configField, fallback reflect.Value) bool {
	switch f.typ.Kind() {
	case reflect.Bool, reflect.Pointer, reflect.Interface:
		return false
	case reflect.Struct:
		if f.typ != timeType && !readsText(f.typ) {
			return false // its own fields say what they require
		}
	}
	return !f.optional() && fallback.IsZero()
}

// defaultOf returns what a field holds as it stands in the schema.
func defaultOf(v reflect.Value) (any, bool) {
	if v.IsZero() || len(secretsIn(nil, v, 0)) > 0 {
		return nil, false
	}
	if v.Kind() == reflect.Struct && !readsText(v.Type()) {
		return nil, false // its own fields have defaults
	}
	return instanceOf(v), true
}

func hasTagOption(tag, name string) bool {
	for option := range strings.SplitSeq(tag, ",") {
		if option == name {
			return true
		}
	}
	return false
}

// titleOf makes "API key" of neither, but "Api key" of "api_key": a title for
// a field whose author gave none.
func titleOf(name string) string {
	words := strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == '.' {
			return ' '
		}
		return r
	}, name)
	first, size := utf8.DecodeRuneInString(words)
	return string(unicode.ToUpper(first)) + words[size:]
}

// validate holds a configuration against the connector's own schema and
// returns what is wrong with it, a message for each field.
func validate(defaults, configured Connector, given map[string]bool) ([]string, error) {
	compiled, err := compiledSpec(defaults)
	if err != nil {
		return nil, err
	}
	err = compiled.Validate(structInstance(reflect.ValueOf(configured).Elem(), "", given))
	if err == nil {
		return nil, nil
	}
	failed, ok := err.(*validator.ValidationError)
	if !ok {
		return nil, Errorf(Defect, "validate the configuration: %w", err)
	}
	problems := flatten(nil, failed)
	slices.Sort(problems)
	return slices.Compact(problems), nil
}

func compiledSpec(c Connector) (*validator.Schema, error) {
	encoded, err := Spec(c)
	if err != nil {
		return nil, err
	}
	document, err := validator.UnmarshalJSON(strings.NewReader(string(encoded)))
	if err != nil {
		return nil, Errorf(Defect, "spec: %w", err)
	}
	compiler := validator.NewCompiler()
	compiler.DefaultDraft(validator.Draft2020)
	compiler.AssertFormat()
	if err := compiler.AddResource("configuration.json", document); err != nil {
		return nil, Errorf(Defect, "spec: %w", err)
	}
	compiled, err := compiler.Compile("configuration.json")
	if err != nil {
		return nil, Errorf(Defect, "spec: the jsonschema tags make no valid JSON Schema: %w", err)
	}
	return compiled, nil
}

// flatten turns the tree of a validation's errors into messages.
func flatten(problems []string, e *validator.ValidationError) []string {
	for _, cause := range e.Causes {
		problems = flatten(problems, cause)
	}
	if len(e.Causes) > 0 {
		return problems
	}
	field := strings.Join(e.InstanceLocation, ".")
	if missing, ok := e.ErrorKind.(*kind.Required); ok {
		for _, name := range missing.Missing {
			problems = append(problems, join(field, name)+": is required")
		}
		return problems
	}
	return append(problems, field+": "+complaint(e.ErrorKind))
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
	}
	return "breaks the rule " + strings.Join(rule.KeywordPath(), "/")
}

// instanceOf returns a configuration's value as the JSON value that a schema
// speaks of. Fields that hold nothing are left out: they are absent, not empty.
func instanceOf(v reflect.Value) any {
	t := v.Type()
	switch {
	case t == secretType:
		return v.String()
	case t == durationType:
		return time.Duration(v.Int()).String()
	case t == timeType:
		return v.Interface().(time.Time).Format(time.RFC3339Nano)
	case t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return instanceOf(v.Elem())
	case readsText(t):
		return jsonValue(v)
	}
	switch t.Kind() {
	case reflect.Struct:
		return structInstance(v, "", nil)
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return jsonValue(v)
		}
		items := make([]any, v.Len())
		for i := range items {
			items[i] = instanceOf(v.Index(i))
		}
		return items
	case reflect.Map:
		members := map[string]any{}
		for k, e := range v.Seq2() {
			members[k.String()] = instanceOf(e)
		}
		return members
	}
	return jsonValue(v)
}

// structInstance returns the members of a struct that hold something. A number
// that is zero does so if it was given, or if it is the default.
func structInstance(v reflect.Value, path string, given map[string]bool) map[string]any {
	members := map[string]any{}
	for _, f := range configFields(v.Type()) {
		fv, fieldPath := v.FieldByIndex(f.index), join(path, f.name)
		switch fv.Kind() {
		case reflect.String, reflect.Slice, reflect.Map, reflect.Pointer, reflect.Interface:
			if fv.IsZero() {
				continue
			}
		case reflect.Struct:
			if fv.IsZero() && readsText(fv.Type()) {
				continue
			}
			if !readsText(fv.Type()) {
				members[f.name] = structInstance(fv, fieldPath, given)
				continue
			}
		default:
			if fv.IsZero() && !given[fieldPath] && (f.optional() || isRequired(&f, fv)) {
				continue
			}
		}
		members[f.name] = instanceOf(fv)
	}
	return members
}

func jsonValue(v reflect.Value) any {
	encoded, err := json.Marshal(v.Interface())
	if err != nil {
		return nil
	}
	value, err := validator.UnmarshalJSON(strings.NewReader(string(encoded)))
	if err != nil {
		return nil
	}
	return value
}
