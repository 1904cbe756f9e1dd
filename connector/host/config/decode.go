package config

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

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

// A problem is something wrong with one field of a configuration.
type problem struct {
	path    string // empty for the configuration as a whole
	text    string // names what the field takes, never a value
	field   *Field // nil if the path leads to none
	missing bool   // the field is required and not given
	inItem  bool   // the field is within an item of a list or map
}

func (p problem) String() string {
	path := strings.ToValidUTF8(p.path, "�")
	if path == "" {
		path = "configuration"
	}
	return path + ": " + p.text
}

// overlaps reports whether the problems are about the same field, or about one
// within the other.
func (p problem) overlaps(q problem) bool {
	return isWithin(p.path, q.path) || isWithin(q.path, p.path)
}

func isWithin(inner, outer string) bool {
	rest, ok := strings.CutPrefix(inner, outer)
	return ok && (outer == "" || rest == "" || rest[0] == '.' || rest[0] == '[')
}

// A decoder fills a configuration's fields and collects what is wrong. Its
// messages name fields, never values.
type decoder struct {
	problems []problem
	unknown  []string
	given    map[string]bool   // fields that were not left to their defaults
	texts    map[string]string // the text or JSON of fields that read themselves
	panics   *panics
}

func newDecoder(p *panics) *decoder {
	return &decoder{given: map[string]bool{}, texts: map[string]string{}, panics: p}
}

// instance returns the instance for what the decoder has filled.
func (d *decoder) instance() *instance {
	return &instance{given: d.given, texts: d.texts, panics: d.panics}
}

func (d *decoder) report(path, format string, args ...any) {
	d.problems = append(d.problems, problem{path: path, text: fmt.Sprintf(format, args...)})
}

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

// value sets v from one JSON value. It never writes through a pointer, map or
// slice that is there already: that is the default's, which others share.
func (d *decoder) value(f *Field, v reflect.Value, raw jsontext.Value, path string) {
	if v.Kind() == reflect.Pointer {
		fresh := reflect.New(v.Type().Elem())
		if !v.IsNil() {
			fresh.Elem().Set(v.Elem())
		}
		d.value(f, fresh.Elem(), raw, path)
		v.Set(fresh)
		return
	}
	text, isText := "", raw.Kind() == '"'
	if isText {
		unquoted, err := jsontext.AppendUnquote(nil, raw)
		if err != nil || !utf8.Valid(unquoted) {
			d.report(path, "want valid text")
			return
		}
		text = string(unquoted)
	}
	switch f.Kind {
	case Text:
		d.text(f, v, raw, text, path)
	case Duration:
		d.duration(v, text, path)
	case Time:
		d.time(v, text, path)
	case Integer:
		d.integer(v, raw, text, path)
	case Number:
		d.number(v, raw, text, path)
	case Bool:
		d.boolean(v, raw, text, path)
	case Bytes:
		d.bytes(v, raw, path)
	case List:
		d.list(f, v, raw, text, path)
	case Map, Object:
		if isText {
			raw = jsontext.Value(text)
		}
		if f.Kind == Object {
			d.object(f.Fields, v, raw, path)
		} else {
			d.mapping(f, v, raw, path)
		}
	case JSON:
		d.json(f, v, raw, text, path)
	}
}

// text sets a string. A number or a bool that stands where text is wanted is
// its own text.
func (d *decoder) text(f *Field, v reflect.Value, raw jsontext.Value, text, path string) {
	switch raw.Kind() {
	case '"':
	case '0', 't', 'f':
		text = string(raw)
	default:
		if !reflect.PointerTo(f.base).Implements(jsonUnmarshalerType) {
			d.report(path, "want %s", nounOf(f))
			return
		}
	}
	if !f.reads {
		v.SetString(text)
		return
	}
	fresh := reflect.New(v.Type())
	var err error
	if !d.panics.field(path, text, func() { err = readText(fresh, raw, text) }) {
		return
	}
	if err != nil {
		d.report(path, "want %s", nounOf(f))
		return
	}
	d.texts[path] = text
	v.Set(fresh.Elem())
}

func nounOf(f *Field) string {
	switch {
	case f.base == urlType:
		return "a URL"
	case f.reads:
		return fmt.Sprintf("a %v", f.base)
	}
	return "text"
}

// readText lets a value read itself.
func readText(pointer reflect.Value, raw jsontext.Value, text string) error {
	if u, ok := pointer.Interface().(*url.URL); ok {
		parsed, err := url.Parse(strings.TrimSpace(text))
		if err == nil {
			*u = *parsed
		}
		return err
	}
	if _, ok := pointer.Interface().(json.Unmarshaler); ok {
		// It may take text that its UnmarshalText does not.
		if err := json.Unmarshal(raw, pointer.Interface()); err == nil {
			return nil
		}
	}
	return pointer.Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text))
}

func (d *decoder) duration(v reflect.Value, text, path string) {
	length, err := time.ParseDuration(strings.TrimSpace(text))
	if err != nil {
		d.report(path, `want a duration with its unit, such as "30s" or "1h30m"`)
		return
	}
	v.SetInt(int64(length))
}

func (d *decoder) time(v reflect.Value, text, path string) {
	text = strings.TrimSpace(text)
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		at, err = time.Parse(time.DateOnly, text)
	}
	if err != nil {
		d.report(path, `want a time such as "2006-01-02T15:04:05Z" or a date such as "2006-01-02"`)
		return
	}
	v.Set(reflect.ValueOf(at))
}

// integer sets a whole number from its JSON form or from text.
func (d *decoder) integer(v reflect.Value, raw jsontext.Value, text, path string) {
	digits, err := plainDigits(numeral(raw, text))
	if t := v.Type(); v.CanUint() {
		var n uint64
		if err == nil {
			n, err = strconv.ParseUint(digits, 10, t.Bits())
		}
		if err != nil {
			d.report(path, "want a whole number that is not negative%s", outOfRange(err))
			return
		}
		v.SetUint(n)
	} else {
		var n int64
		if err == nil {
			n, err = strconv.ParseInt(digits, 10, t.Bits())
		}
		if err != nil {
			d.report(path, "want a whole number%s", outOfRange(err))
			return
		}
		v.SetInt(n)
	}
}

func (d *decoder) number(v reflect.Value, raw jsontext.Value, text, path string) {
	if v.Type() == jsonNumberType {
		digits := jsontext.Value(numeral(raw, text))
		if digits.Kind() != '0' || !digits.IsValid() || hasHugeNumber(digits) {
			d.report(path, "want a number in range")
			return
		}
		v.SetString(string(digits))
		return
	}
	n, err := strconv.ParseFloat(numeral(raw, text), v.Type().Bits())
	if err != nil || n-n != 0 { // not a number, or infinite
		d.report(path, "want a number%s", outOfRange(err))
		return
	}
	v.SetFloat(n)
}

func (d *decoder) boolean(v reflect.Value, raw jsontext.Value, text, path string) {
	b, err := strconv.ParseBool(numeral(raw, text))
	if err != nil || raw.Kind() == '0' {
		d.report(path, "want true or false")
		return
	}
	v.SetBool(b)
}

// numeral returns what a JSON value or the text within it spells.
func numeral(raw jsontext.Value, text string) string {
	if raw.Kind() != '"' {
		text = string(raw)
	}
	return strings.TrimSpace(text)
}

func outOfRange(err error) string {
	if errors.Is(err, strconv.ErrRange) {
		return " in range"
	}
	return ""
}

func (d *decoder) bytes(v reflect.Value, raw jsontext.Value, path string) {
	var b []byte
	if err := json.Unmarshal(raw, &b); err != nil {
		d.report(path, "want base64")
		return
	}
	v.SetBytes(b)
}

// list sets a slice or an array from a JSON array, or from text that holds one
// or words between commas.
func (d *decoder) list(f *Field, v reflect.Value, raw jsontext.Value, text, path string) {
	items := []jsontext.Value{}
	text = strings.TrimSpace(text)
	switch {
	case raw.Kind() == '"' && !strings.HasPrefix(text, "["):
		for word := range strings.SplitSeq(text, ",") {
			if word = strings.TrimSpace(word); word != "" {
				quoted, _ := jsontext.AppendQuote(nil, word) // valid UTF-8
				items = append(items, quoted)
			}
		}
	case raw.Kind() == '"':
		raw = jsontext.Value(text)
		fallthrough
	default:
		var elements []json.RawMessage
		if raw.Kind() != '[' || json.Unmarshal(raw, &elements) != nil {
			d.report(path, "want a list: a JSON array, or words between commas")
			return
		}
		for _, e := range elements {
			items = append(items, jsontext.Value(e))
		}
	}
	list := reflect.New(v.Type()).Elem()
	if v.Kind() == reflect.Slice {
		list.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	} else if len(items) != v.Len() {
		d.report(path, "want exactly %d items", v.Len())
		return
	}
	for i, item := range items {
		d.item(f.Items, list.Index(i), item, fmt.Sprintf("%s[%d]", path, i))
	}
	v.Set(list)
}

// mapping sets a map from a JSON object.
func (d *decoder) mapping(f *Field, v reflect.Value, raw jsontext.Value, path string) {
	members, ok := d.members(raw, path)
	if !ok {
		return
	}
	t := v.Type()
	m := reflect.MakeMapWithSize(t, len(members))
	for _, name := range slices.Sorted(maps.Keys(members)) {
		elem := reflect.New(t.Elem()).Elem()
		at := join(path, name)
		if !utf8.ValidString(name) {
			d.report(at, "want a name in valid UTF-8")
			continue
		}
		d.item(f.Items, elem, members[name], at)
		m.SetMapIndex(reflect.ValueOf(name).Convert(t.Key()), elem)
	}
	v.Set(m)
}

// item sets an item of a list or map, which is always given.
func (d *decoder) item(f *Field, v reflect.Value, raw jsontext.Value, path string) {
	d.given[path] = true
	d.value(f, v, raw, path)
}

// json sets a value that can be any JSON, or that reads itself from JSON.
func (d *decoder) json(f *Field, v reflect.Value, raw jsontext.Value, text, path string) {
	isText := raw.Kind() == '"'
	if isText && (f.base == rawMessageType || f.base == rawValueType) {
		raw, isText = jsontext.Value(text), false
	}
	if !raw.IsValid() || hasHugeNumber(raw) {
		d.report(path, "want valid JSON, with numbers in range")
		return
	}
	fresh := reflect.New(v.Type()) // a default may be a pointer that others share
	var err error
	returned := d.panics.field(path, string(raw)+" "+text, func() {
		err = json.Unmarshal(raw, fresh.Interface())
		if err != nil && isText && f.reads && jsontext.Value(text).IsValid() && !hasHugeNumber(jsontext.Value(text)) {
			err = json.Unmarshal([]byte(text), fresh.Interface())
		}
	})
	switch {
	case !returned:
	case err == nil:
		d.texts[path] = string(raw)
		v.Set(fresh.Elem())
	case f.reads:
		d.report(path, "want a %v", f.base)
	default:
		d.report(path, "want valid JSON, with numbers in range")
	}
}

// hasHugeNumber reports whether valid JSON has a number whose exponent makes
// it too long to expand.
func hasHugeNumber(raw jsontext.Value) bool {
	dec := jsontext.NewDecoder(bytes.NewReader(raw))
	for {
		token, err := dec.ReadToken()
		if err != nil {
			return false // the end
		}
		if token.Kind() == '0' && hasHugeExponent(token.String()) {
			return true
		}
	}
}
