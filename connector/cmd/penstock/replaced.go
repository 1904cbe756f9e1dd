package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/internal/atomicfile"
)

// A replacer takes over the values of the configuration that the source replaces
// during a run: it stores them in the file, and has further requests send them.
// No text that it returns holds a value. It is not safe for concurrent use.
type replacer struct {
	run       *run
	connector *connector
	rotates   map[string]bool     // the fields that may be replaced, by dotted name; nil until the spec is known
	within    map[string][]string // the path of each field that is within an object
	early     map[string]string   // values that came before the spec
	warnings  []string            // that were not printed yet
}

// An unstoredValue is a new value of a field that the file takes from the
// environment. It is sent as long as the field has the old one.
type unstoredValue struct {
	path       []string
	old, value string
}

// replaced stores new values. It is called before the next line of the connector
// is read.
func (r *replacer) replaced(secrets map[string]string) error {
	if r.rotates == nil {
		if r.early == nil {
			r.early = map[string]string{}
		}
		maps.Copy(r.early, secrets)
		return nil
	}
	var refused []string
	for _, field := range slices.Sorted(maps.Keys(secrets)) {
		if !r.rotates[field] {
			refused = append(refused, field)
			continue
		}
		path := r.within[field]
		if path == nil {
			path = []string{field}
		}
		variables, err := r.run.storePath(path, secrets[field])
		if err == nil {
			err = replaceSent(r.connector.secrets, path, secrets[field])
		}
		if err != nil {
			return fmt.Errorf("store the new value of field %s, which the source replaced: %w", field, err)
		}
		if variables != "" {
			r.warnings = append(r.warnings, fmt.Sprintf("the source replaced the value of field %[1]s, and the new value could not be stored: %[2]s takes the field from the environment variable %[3]s; write a value into %[2]s in its place, and new ones are stored there",
				field, r.run.configurationPath, variables))
		}
	}
	if len(refused) > 0 {
		return fmt.Errorf(`the connector replaced the value of field %s, which its spec does not mark "x-rotates": true`, strings.Join(refused, ", "))
	}
	return nil
}

// learn takes over which fields may be replaced from the connector's spec, which
// is nil if it has none, and stores the values that came with the spec.
func (r *replacer) learn(spec []byte) error {
	r.rotates, r.within = map[string]bool{}, map[string][]string{}
	r.learnProperties(spec, nil)
	early := r.early
	r.early = nil
	return r.replaced(early)
}

// learnProperties takes over the properties of the schema of an object at a path.
// A name with a dot in it wins over a field within an object of the same dotted
// name. Schemas that are not valid have no properties: checkConfiguration reports
// the error of a spec.
func (r *replacer) learnProperties(schema []byte, path []string) {
	var s struct {
		Properties map[string]json.RawMessage `json:"properties"`
		OneOf      []json.RawMessage          `json:"oneOf"` // an object or null
	}
	_ = json.Unmarshal(schema, &s)
	for _, choice := range s.OneOf {
		r.learnProperties(choice, path)
	}
	names := slices.Sorted(maps.Keys(s.Properties))
	for _, name := range names {
		r.learnProperties(s.Properties[name], append(slices.Clip(path), name))
	}
	for _, name := range names {
		var property struct {
			Rotates bool `json:"x-rotates"`
		}
		at := append(slices.Clip(path), name)
		field := strings.Join(at, ".")
		r.rotates[field] = json.Unmarshal(s.Properties[name], &property) == nil && property.Rotates
		r.within[field] = at
	}
}

// unread returns the warnings that were not printed yet.
func (r *replacer) unread() []string {
	warnings := r.warnings
	r.warnings = nil
	return warnings
}

// current replaces the values of a configuration that the environment holds and
// the source has replaced since.
func (r *run) current(configuration map[string]string) {
	for _, unstored := range r.unstored {
		if sentValue(configuration, unstored.path) == unstored.old {
			// If the configuration has something else in the place of an
			// object, the connector says so.
			_ = replaceSent(configuration, unstored.path, unstored.value)
		}
	}
}

// sentValue returns a field of a configuration as it is sent, "" if it is missing.
func sentValue(configuration map[string]string, path []string) string {
	value := configuration[path[0]]
	for _, name := range path[1:] {
		var members map[string]json.RawMessage
		_ = json.Unmarshal([]byte(value), &members) // what is no object has no members
		raw := members[name]
		value = string(raw)
		var text string
		if json.Unmarshal(raw, &text) == nil {
			value = text
		}
	}
	return value
}

// replaceSent replaces a field of a configuration as it is sent, in which objects
// are text.
func replaceSent(configuration map[string]string, path []string, value string) error {
	if len(path) > 1 {
		_, object, err := setPath(textOrEmptyObject(configuration[path[0]]), path[1:], value)
		if err != nil {
			return err
		}
		value = string(object)
	}
	configuration[path[0]] = value
	return nil
}

// storePath writes a field's new value to the configuration's file. The rest of
// the file stays as it is. If the file takes the field from environment variables,
// it is not written, and storePath returns their names.
func (r *run) storePath(field []string, value string) (variables string, err error) {
	path := r.configurationPath
	text, mode := []byte("{}\n"), fs.FileMode(0o600)
	switch info, err := os.Stat(path); {
	case err == nil:
		mode = info.Mode().Perm()
		if text, err = os.ReadFile(path); err != nil {
			return "", err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	known := bytes.Equal(text, r.configured) || r.configured == nil
	old, replacedText, err := setPath(text, field, value)
	var notObject *notObjectError
	if errors.As(err, &notObject) && variable.MatchString(notObject.text) {
		old, err = notObject.text, nil // the object around the field
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", r.configurationPath, err)
	}
	var names []string
	for _, match := range variable.FindAllStringSubmatch(old, -1) {
		names = append(names, match[1])
	}
	if len(names) > 0 {
		if err := r.keepUnstored(text, field, value); err != nil {
			return "", err
		}
		return strings.Join(names, ", "), nil
	}
	if variable.MatchString(value) {
		return "", fmt.Errorf("%s: the value holds ${…}, which the file would take for an environment variable", r.configurationPath)
	}
	if err := atomicfile.Write(path, replacedText, mode); err != nil {
		return "", err
	}
	if known { // else someone else has edited it since, which watch must see
		r.configured = replacedText
	}
	return "", nil
}

// keepUnstored keeps the new value of a field that the file's text takes from the
// environment, together with the value that it has there.
func (r *run) keepUnstored(text []byte, field []string, value string) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return fmt.Errorf("%s: %w", r.configurationPath, err)
	}
	sent, err := fieldText(members[field[0]])
	if err != nil {
		return err
	}
	if r.unstored == nil {
		r.unstored = map[string]unstoredValue{}
	}
	old := sentValue(map[string]string{field[0]: sent}, field)
	r.unstored[strings.Join(field, ".")] = unstoredValue{path: field, old: old, value: value}
	return nil
}

// A notObjectError reports a member that is not an object although a field is
// within it. Its message does not hold the member's text.
type notObjectError struct{ name, text string }

func (e *notObjectError) Error() string { return "field " + e.name + " is not a JSON object" }

// setPath is setMember for a member within objects, which are added if they are
// missing. An object that is written as text stays text.
func setPath(text []byte, path []string, value string) (old string, changed []byte, err error) {
	if len(path) == 1 {
		return setMember(text, path[0], value)
	}
	changed, err = editMember(text, path[0], func(raw []byte) (edited []byte, err error) {
		switch {
		case raw == nil || string(raw) == "null":
			raw = []byte("{}")
		case raw[0] == '"':
			var inner string
			if err := json.Unmarshal(raw, &inner); err != nil {
				return nil, &notObjectError{name: path[0]}
			}
			object := textOrEmptyObject(inner)
			if v := jsontext.Value(object); v.Kind() != '{' || !v.IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) {
				return nil, &notObjectError{path[0], inner}
			}
			if old, object, err = setPath(object, path[1:], value); err != nil {
				return nil, err
			}
			return quote(string(object))
		case raw[0] != '{':
			return nil, &notObjectError{name: path[0]}
		}
		old, edited, err = setPath(raw, path[1:], value)
		return edited, err
	})
	return old, changed, err
}

// textOrEmptyObject returns an object that is text. Blank text is an object
// without members.
func textOrEmptyObject(text string) []byte {
	if strings.TrimSpace(text) == "" {
		return []byte("{}")
	}
	return []byte(text)
}

// setMember returns the text of a JSON object in which a member has another
// value, and the member's old value, which is "" if it was missing.
func setMember(text []byte, name, value string) (old string, changed []byte, err error) {
	quoted, err := quote(value)
	if err != nil {
		return "", nil, err
	}
	changed, err = editMember(text, name, func(raw []byte) ([]byte, error) {
		if raw == nil {
			return quoted, nil
		}
		if err := json.Unmarshal(raw, &old); err != nil {
			return nil, fmt.Errorf("field %s is not a string", name)
		}
		return quoted, nil
	})
	return old, changed, err
}

func quote(value string) ([]byte, error) {
	quoted, err := jsontext.AppendQuote(nil, value)
	if err != nil {
		return nil, errors.New("the value is not valid UTF-8")
	}
	return quoted, nil
}

// editMember returns the text of a JSON object in which a member has the value
// that edit makes of its old one, which is nil if it was missing. The rest of the
// text stays as it is.
func editMember(text []byte, name string, edit func(raw []byte) ([]byte, error)) ([]byte, error) {
	// Both as encoding/json, which reads the file.
	dec := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if dec.PeekKind() != '{' {
		return nil, errors.New("want a JSON object of strings and objects")
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, errNotJSON(dec)
	}
	var changed []byte
	found, copied := false, 0 // bytes of text
	begin, first, last := int(dec.InputOffset()), -1, 0
	for dec.PeekKind() == '"' {
		token, err := dec.ReadToken()
		if err != nil {
			return nil, errNotJSON(dec)
		}
		member := token.String()
		if first < 0 {
			first = begin + bytes.IndexByte(text[begin:], '"')
		}
		raw, err := dec.ReadValue()
		if err != nil {
			return nil, errNotJSON(dec)
		}
		last = int(dec.InputOffset())
		if member != name {
			continue
		}
		found = true // and if it comes twice, the last one counts
		edited, err := edit(raw)
		if err != nil {
			return nil, err
		}
		changed = append(append(changed, text[copied:last-len(raw)]...), edited...)
		copied = last
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, errNotJSON(dec)
	}
	if !found {
		edited, err := edit(nil)
		if err != nil {
			return nil, err
		}
		member, err := jsontext.AppendQuote(nil, name)
		if err != nil {
			return nil, errors.New("the name of the field is not valid UTF-8")
		}
		member = append(append(member, ": "...), edited...)
		if first < 0 {
			last = begin
		} else {
			member = append([]byte(","+string(text[begin:first])), member...)
		}
		changed, copied = append(bytes.Clone(text[:last]), member...), last
	}
	return append(changed, text[copied:]...), nil
}

// errNotJSON says where a text is not JSON. It quotes nothing, for the text holds
// secrets.
func errNotJSON(dec *jsontext.Decoder) error {
	return fmt.Errorf("it is not valid JSON after byte %d", dec.InputOffset())
}
