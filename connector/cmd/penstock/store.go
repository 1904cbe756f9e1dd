package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/penstock-sdk/penstock/internal/atomicfile"
)

// An unstoredValue is the new value of a field that the file takes from the environment.
// It is sent instead of the old value. Once the field has any other value, that value is
// sent.
type unstoredValue struct {
	path       []string
	old, value string
}

// current updates a configuration with the unstored values.
func (r *run) current(configuration map[string]string) {
	for _, unstored := range r.unstored {
		if sentValue(configuration, unstored.path) == unstored.old {
			// The only error is a value that should be an object and is not.
			// The connector reports it.
			_ = replaceSent(configuration, unstored.path, unstored.value)
		}
	}
}

// sentValue returns the value of a field as it is sent, or "" if it is missing.
func sentValue(configuration map[string]string, path []string) string {
	value := configuration[path[0]]
	for _, name := range path[1:] {
		var members map[string]json.RawMessage
		_ = json.Unmarshal([]byte(value), &members) // a value that is not an object has no members
		raw := members[name]
		value = string(raw)
		var text string
		if json.Unmarshal(raw, &text) == nil {
			value = text
		}
	}
	return value
}

// replaceSent replaces a field in a configuration as it is sent, where objects are text.
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

// storePath writes a field's new value to the configuration file. The rest of the file
// does not change. If the file takes the field from environment variables, storePath
// keeps the value in memory and returns the names of the variables.
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
		old, err = notObject.text, nil // a variable holds the object around the field
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
		return "", fmt.Errorf("%s: the value contains ${…}, which would be read back as an environment variable", r.configurationPath)
	}
	if err := atomicfile.WriteSecret(path, replacedText, mode); err != nil {
		return "", err
	}
	if known { // otherwise the user has edited the file, which watch must notice
		r.configured = replacedText
	}
	return "", nil
}

// keepUnstored keeps the new value of a field that the file's text takes from the
// environment, together with the value in the environment.
func (r *run) keepUnstored(text []byte, field []string, value string) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return fmt.Errorf("%s: want a JSON object of strings and objects%s", r.configurationPath, invalidAt(err))
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
