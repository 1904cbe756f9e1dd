package connector

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Configure returns a copy of c whose fields are filled from secrets, the
// JSON object that holds a configuration. Fields that it doesn't name keep what
// they have in c. The error is an [*Error] of kind [Configuration] that lists
// everything that is wrong, field by field; [Run] and the rest of this package
// use Configure, so a connector need not.
//
// Platforms hand over maps of strings, so a string is converted to what the
// field wants: a number, a bool, a duration such as "1h30m", a time in the
// format of RFC 3339 or a date, a list (a JSON array or words between commas),
// a struct or a map (a JSON object), or a type that reads itself from text. An
// empty string stands for a field that nobody filled in, unless the field is
// a string.
//
// The result is then held against the JSON Schema that [Spec] returns, and
// given to the connector's Validate if it has one.
func Configure(c Connector, secrets []byte) (Connector, error) {
	fresh, _, err := configure(c, secrets, new(redactor))
	return fresh, err
}

// configure is Configure, which also tells the redactor of the secrets before
// anything can go wrong with them, and returns the names that no field has.
// The copy is returned beside an error, too, filled as far as possible.
func configure(c Connector, secrets []byte, redact *redactor) (fresh Connector, unknown []string, err error) {
	fresh, err = freshCopy(c)
	if err != nil {
		return nil, nil, err
	}
	v := reflect.ValueOf(fresh).Elem()
	d := configDecoder{given: map[string]bool{}}
	if len(secrets) > 0 && string(secrets) != "null" {
		d.object(v, secrets, "")
	}
	redact.add(secretsIn(nil, v, 0))
	problems := d.problems
	broken, err := validate(c, fresh, d.given)
	if err != nil {
		return fresh, d.unknown, err
	}
	for _, p := range broken {
		// A field that could not be read is not also missing.
		field, _, _ := strings.Cut(p, ":")
		if !slices.ContainsFunc(d.problems, func(q string) bool { return strings.HasPrefix(q, field+":") || strings.HasPrefix(q, field+"[") }) {
			problems = append(problems, p)
		}
	}
	if len(problems) == 0 {
		if validator, ok := fresh.(Validator); ok {
			if err := validator.Validate(); err != nil {
				problems = append(problems, err.Error())
			}
		}
	}
	if len(problems) > 0 {
		text := strings.ReplaceAll(strings.Join(problems, "; "), "\n", "; ")
		return fresh, d.unknown, &Error{Kind: Configuration, Err: errors.New(redact.text(text))}
	}
	return fresh, d.unknown, nil
}

// freshCopy returns a connector of the same type with the same values.
func freshCopy(c Connector) (Connector, error) {
	v := reflect.ValueOf(c)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return nil, Errorf(Defect, "a connector is a pointer to a struct, not a %T", c)
	}
	fresh := reflect.New(v.Type().Elem())
	fresh.Elem().Set(v.Elem())
	return fresh.Interface().(Connector), nil
}

// A configField is a field of the connector's struct that is configuration.
type configField struct {
	name  string
	index []int
	typ   reflect.Type
	tag   reflect.StructTag
}

// optional reports whether the json tag says that the field may be left out.
func (f *configField) optional() bool {
	_, options, _ := strings.Cut(f.tag.Get("json"), ",")
	for option := range strings.SplitSeq(options, ",") {
		if option == "omitempty" || option == "omitzero" {
			return true
		}
	}
	return false
}

// configFields returns the configuration's fields of a struct type, with those
// of embedded structs in their place.
func configFields(t reflect.Type) []configField {
	var fields []configField
	for sf := range t.Fields() {
		name, _, _ := strings.Cut(sf.Tag.Get("json"), ",")
		if sf.Tag.Get("json") == "-" || !sf.IsExported() && !sf.Anonymous {
			continue
		}
		if sf.Anonymous && name == "" {
			if embedded := sf.Type; embedded.Kind() == reflect.Struct && !readsText(embedded) {
				for _, inner := range configFields(embedded) {
					inner.index = append(slices.Clone(sf.Index), inner.index...)
					fields = append(fields, inner)
				}
				continue
			}
			if !sf.IsExported() {
				continue
			}
		}
		if name == "" {
			name = sf.Name
		}
		fields = append(fields, configField{name: name, index: sf.Index, typ: sf.Type, tag: sf.Tag})
	}
	return fields
}

// A configDecoder fills a configuration's fields and collects what is wrong.
// Its messages name fields, never values.
type configDecoder struct {
	problems []string
	unknown  []string
	given    map[string]bool // fields that were not left to their defaults
}

func (d *configDecoder) report(path, format string, args ...any) {
	d.problems = append(d.problems, path+": "+fmt.Sprintf(format, args...))
}

// object fills a struct from a JSON object.
func (d *configDecoder) object(v reflect.Value, data []byte, path string) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		d.report(strings.TrimSuffix("secrets."+path, "."), "want a JSON object")
		return
	}
	for _, f := range configFields(v.Type()) {
		raw, ok := members[f.name]
		delete(members, f.name)
		if ok && jsontext.Value(raw).Kind() != 'n' && string(raw) != `""` {
			d.given[join(path, f.name)] = true
		}
		if ok && jsontext.Value(raw).Kind() != 'n' {
			d.value(v.FieldByIndex(f.index), jsontext.Value(raw), join(path, f.name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		d.unknown = append(d.unknown, join(path, name))
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

var (
	durationType        = reflect.TypeFor[time.Duration]()
	timeType            = reflect.TypeFor[time.Time]()
	rawMessageType      = reflect.TypeFor[json.RawMessage]()
	textUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
	jsonUnmarshalerType = reflect.TypeFor[json.Unmarshaler]()
)

// readsText reports whether values of the type read themselves from text or
// from JSON.
func readsText(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return t == timeType || p.Implements(textUnmarshalerType) || p.Implements(jsonUnmarshalerType)
}

// value sets v from one JSON value. It never writes through a pointer, map or
// slice that is there already: that is the default's, which others share.
func (d *configDecoder) value(v reflect.Value, raw jsontext.Value, path string) {
	text, isText := "", raw.Kind() == '"'
	if isText {
		if err := json.Unmarshal(raw, &text); err != nil {
			d.report(path, "want valid text")
			return
		}
	}
	t := v.Type()
	switch {
	case t.Kind() == reflect.Pointer:
		if isText && text == "" && t.Elem().Kind() != reflect.String {
			return
		}
		fresh := reflect.New(t.Elem())
		d.value(fresh.Elem(), raw, path)
		v.Set(fresh)
		return
	case t.Kind() == reflect.String && !readsText(t):
		d.text(v, raw, path)
		return
	case isText && text == "":
		return // a form's field that nobody filled in
	case t == durationType:
		length, err := time.ParseDuration(strings.TrimSpace(text))
		if err != nil {
			d.report(path, `want a duration with its unit, such as "30s" or "1h30m"`)
			return
		}
		v.SetInt(int64(length))
		return
	case t == timeType:
		at, err := parseTime(strings.TrimSpace(text))
		if err != nil {
			d.report(path, `want a time such as "2006-01-02T15:04:05Z" or a date such as "2006-01-02"`)
			return
		}
		v.Set(reflect.ValueOf(at))
		return
	case t == rawMessageType:
		if isText {
			raw = jsontext.Value(text)
		}
		if !raw.IsValid() {
			d.report(path, "want valid JSON")
			return
		}
		v.SetBytes(raw.Clone())
		return
	case readsText(t):
		fresh := reflect.New(t)
		err := json.Unmarshal(raw, fresh.Interface())
		if err != nil && isText {
			err = json.Unmarshal([]byte(text), fresh.Interface())
		}
		if err != nil {
			d.report(path, "want a %v", t)
			return
		}
		v.Set(fresh.Elem())
		return
	}
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		if isText {
			raw = jsontext.Value(text)
		}
		if raw.Kind() != '{' || !raw.IsValid() {
			d.report(path, "want a JSON object")
		} else if t.Kind() == reflect.Struct {
			d.object(v, []byte(raw), path)
		} else {
			d.mapping(v, raw, path)
		}
	case reflect.Slice:
		d.list(v, raw, text, path)
	case reflect.Interface:
		if err := json.Unmarshal(raw, v.Addr().Interface()); err != nil {
			d.report(path, "want JSON for a %v", t)
		}
	default:
		d.scalar(v, raw, text, path)
	}
}

// text sets a string. A number or a bool that stands where text is wanted is
// its own text.
func (d *configDecoder) text(v reflect.Value, raw jsontext.Value, path string) {
	switch raw.Kind() {
	case '"':
		var text string
		_ = json.Unmarshal(raw, &text) // valid: the request was read strictly
		v.SetString(text)
	case '0', 't', 'f':
		v.SetString(string(raw))
	default:
		d.report(path, "want text")
	}
}

// scalar sets a bool or a number from its JSON form or from text.
func (d *configDecoder) scalar(v reflect.Value, raw jsontext.Value, text, path string) {
	if raw.Kind() != '"' {
		text = string(raw)
	}
	text = strings.TrimSpace(text)
	switch t := v.Type(); t.Kind() {
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil || raw.Kind() == '0' {
			d.report(path, "want true or false")
			return
		}
		v.SetBool(b)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, t.Bits())
		if err != nil {
			d.report(path, "want a whole number%s", outOfRange(err))
			return
		}
		v.SetInt(n)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n, err := strconv.ParseUint(text, 10, t.Bits())
		if err != nil {
			d.report(path, "want a whole number that is not negative%s", outOfRange(err))
			return
		}
		v.SetUint(n)
	case reflect.Float32, reflect.Float64:
		f, err := strconv.ParseFloat(text, t.Bits())
		if err != nil || f != f || f-f != 0 {
			d.report(path, "want a number%s", outOfRange(err))
			return
		}
		v.SetFloat(f)
	default:
		d.report(path, "a field of type %v can't be configured: tag it `json:\"-\"`", t)
	}
}

func outOfRange(err error) string {
	if errors.Is(err, strconv.ErrRange) {
		return " in range"
	}
	return ""
}

// list sets a slice from a JSON array, or from text that holds one or words
// between commas.
func (d *configDecoder) list(v reflect.Value, raw jsontext.Value, text, path string) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		var b []byte
		if err := json.Unmarshal(raw, &b); err != nil {
			d.report(path, "want base64")
			return
		}
		v.SetBytes(b)
		return
	}
	var items []json.RawMessage
	if raw.Kind() == '"' {
		text = strings.TrimSpace(text)
		if strings.HasPrefix(text, "[") {
			raw = jsontext.Value(text)
		} else {
			for word := range strings.SplitSeq(text, ",") {
				quoted, _ := json.Marshal(strings.TrimSpace(word))
				items = append(items, quoted)
			}
		}
	}
	if items == nil {
		if err := json.Unmarshal(raw, &items); err != nil {
			d.report(path, "want a list: a JSON array, or words between commas")
			return
		}
	}
	list := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, item := range items {
		d.value(list.Index(i), jsontext.Value(item), fmt.Sprintf("%s[%d]", path, i))
	}
	v.Set(list)
}

func (d *configDecoder) mapping(v reflect.Value, raw jsontext.Value, path string) {
	var members map[string]json.RawMessage
	t := v.Type()
	if err := json.Unmarshal(raw, &members); err != nil || t.Key().Kind() != reflect.String {
		d.report(path, "want a JSON object")
		return
	}
	m := reflect.MakeMapWithSize(t, len(members))
	for _, name := range slices.Sorted(maps.Keys(members)) {
		elem := reflect.New(t.Elem()).Elem()
		d.value(elem, jsontext.Value(members[name]), join(path, name))
		m.SetMapIndex(reflect.ValueOf(name).Convert(t.Key()), elem)
	}
	v.Set(m)
}

func parseTime(text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		at, err = time.Parse(time.DateOnly, text)
	}
	return at, err
}
