package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// A replacer takes over the values of the configuration that the source replaces
// during a run: it stores them in the file, and has further requests send them.
// No text that it returns holds a value. It is not safe for concurrent use.
type replacer struct {
	run       *run
	connector *connector
	rotates   map[string]bool   // the fields that may be replaced; nil until the spec is known
	early     map[string]string // values that came before the spec
	warnings  []string          // that were not printed yet
}

// An unstoredValue is a new value of a field that the file takes from the
// environment. It is sent as long as the field has the old one.
type unstoredValue struct{ old, value string }

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
		r.connector.secrets[field] = secrets[field]
		variables, err := r.run.storeField(field, secrets[field])
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
	var s struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	_ = json.Unmarshal(spec, &s) // checkConfiguration reports the error
	r.rotates = map[string]bool{}
	for name, text := range s.Properties {
		var property struct {
			Rotates bool `json:"x-rotates"`
		}
		r.rotates[name] = json.Unmarshal(text, &property) == nil && property.Rotates
	}
	early := r.early
	r.early = nil
	return r.replaced(early)
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
	for field, unstored := range r.unstored {
		if configuration[field] == unstored.old {
			configuration[field] = unstored.value
		}
	}
}

// storeField writes a field's new value to the configuration's file. The rest of
// the file stays as it is. If the file takes the field from environment variables,
// it is not written, and storeField returns their names.
func (r *run) storeField(field, value string) (variables string, err error) {
	path := r.configurationPath
	text, mode := []byte("{}\n"), fs.FileMode(0o600)
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // a symbolic link stays one
	}
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
	old, replacedText, err := setMember(text, field, value)
	if err != nil {
		return "", fmt.Errorf("%s: %w", r.configurationPath, err)
	}
	var names []string
	for _, match := range variable.FindAllStringSubmatch(old, -1) {
		names = append(names, match[1])
	}
	if len(names) > 0 {
		expanded, err := expand(old)
		if err != nil {
			return "", err
		}
		if r.unstored == nil {
			r.unstored = map[string]unstoredValue{}
		}
		r.unstored[field] = unstoredValue{old: expanded, value: value}
		return strings.Join(names, ", "), nil
	}
	if variable.MatchString(value) {
		return "", fmt.Errorf("%s: the value holds ${…}, which the file would take for an environment variable", r.configurationPath)
	}
	if err := writeFile(path, replacedText, mode); err != nil {
		return "", err
	}
	if known { // else someone else has edited it since, which watch must see
		r.configured = replacedText
	}
	return "", nil
}

// setMember returns the text of a JSON object in which a member has another
// value, and the member's old value, which is "" if it was missing.
func setMember(text []byte, name, value string) (old string, _ []byte, err error) {
	quoted, err := jsontext.AppendQuote(nil, value)
	if err != nil {
		return "", nil, errors.New("the value is not valid UTF-8")
	}
	// Both as encoding/json, which reads the file.
	dec := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if dec.PeekKind() != '{' {
		return "", nil, errors.New("want a JSON object of strings")
	}
	if _, err := dec.ReadToken(); err != nil {
		return "", nil, errNotJSON(dec)
	}
	var changed []byte
	found, copied := false, 0 // bytes of text
	begin, first, last := int(dec.InputOffset()), -1, 0
	for dec.PeekKind() == '"' {
		token, err := dec.ReadToken()
		if err != nil {
			return "", nil, errNotJSON(dec)
		}
		member := token.String()
		if first < 0 {
			first = begin + bytes.IndexByte(text[begin:], '"')
		}
		raw, err := dec.ReadValue()
		if err != nil {
			return "", nil, errNotJSON(dec)
		}
		last = int(dec.InputOffset())
		if member != name {
			continue
		}
		found = true // and if it comes twice, the last one counts
		if err := json.Unmarshal(raw, &old); err != nil {
			return "", nil, fmt.Errorf("field %s is not a string", name)
		}
		changed = append(append(changed, text[copied:last-len(raw)]...), quoted...)
		copied = last
	}
	if _, err := dec.ReadToken(); err != nil {
		return "", nil, errNotJSON(dec)
	}
	if !found {
		member, err := jsontext.AppendQuote(nil, name)
		if err != nil {
			return "", nil, errors.New("the name of the field is not valid UTF-8")
		}
		member = append(append(member, ": "...), quoted...)
		if first < 0 {
			last = begin
		} else {
			member = append([]byte(","+string(text[begin:first])), member...)
		}
		changed, copied = append(bytes.Clone(text[:last]), member...), last
	}
	return old, append(changed, text[copied:]...), nil
}

// errNotJSON says where a text is not JSON. It quotes nothing, for the text holds
// secrets.
func errNotJSON(dec *jsontext.Decoder) error {
	return fmt.Errorf("it is not valid JSON after byte %d", dec.InputOffset())
}
