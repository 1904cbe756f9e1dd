package singer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// A bookmark holds the part of the state that belongs to a stream. Meltano can lay a
// new state onto an old one: it then replaces strings, numbers and lists, but keeps
// the members of an old object that the new object lacks. A bookmark therefore says
// which of its members count, and holds everything that is nested as text:
//
//	{
//		"cursor":   "2026-01-02T03:04:05Z",   the values that people read and edit
//		"_plain":   ["cursor"],               their names; other members are leftovers
//		"_json":    "{\"orders\":{}}",        the rest of the part, without these values
//		"_version": 0                         the version of the part
//	}
//
// The names of the values do not begin with an underscore. A bookmark that a person
// has written has neither "_plain" nor "_json", and all of its members count.
const (
	plainName   = "_plain"
	jsonName    = "_json"
	versionName = "_version"
)

// bookmarkOf returns a bookmark that holds a part of a state. The part may be under one
// of the given names, which are those of the table. It also returns the version of the
// part.
func bookmarkOf(names []string, part []byte) (bookmark []byte, version string, err error) {
	all, err := readMembers(part)
	if err != nil {
		return nil, "", err
	}
	version = "0"
	all = slices.DeleteFunc(all, func(m member) bool {
		if m.name == versionName {
			version = string(m.value)
		}
		return m.name == versionName
	})
	var plain []member
	for i, m := range all {
		if slices.Contains(names, m.name) {
			// The values return to the first part.
			all[0], all[i] = m, all[0]
			if plain, all[0].value, err = splitPlain(m.value); err != nil {
				return nil, "", err
			}
			break
		}
	}
	b := []byte{'{'}
	var counted []string
	for _, m := range plain {
		counted = append(counted, m.name)
		b = append(append(append(appendQuoted(b, m.name), ':'), m.value...), ',')
	}
	b = append(appendList(append(b, `"`+plainName+`":`...), counted), `,"`+jsonName+`":`...)
	b = appendQuoted(b, objectOf(all))
	b = append(append(append(b, `,"`+versionName+`":`...), version...), '}')
	return b, version, nil
}

// splitPlain splits the part of a table into the values that a bookmark shows and an
// object with the others.
func splitPlain(part []byte) (plain []member, rest jsontext.Value, err error) {
	all, err := readMembers(part)
	if err != nil {
		return nil, nil, err
	}
	var others []member
	for _, m := range all {
		if isPlain(m) {
			plain = append(plain, m)
		} else {
			others = append(others, m)
		}
	}
	return plain, objectOf(others), nil
}

// isPlain reports whether every program that stores a state keeps a value exactly. A
// number with a fraction, or of more than 64 bits, may become a float. Some databases
// cannot hold a null character.
func isPlain(m member) bool {
	if m.name == "" || m.name[0] == '_' {
		return false
	}
	switch m.value.Kind() {
	case '"':
		return !bytes.Contains(m.value, []byte(`\u0000`))
	case 't', 'f':
		return true
	case '0':
		n, err := strconv.ParseInt(string(m.value), 10, 64)
		return err == nil && strconv.FormatInt(n, 10) == string(m.value)
	}
	return false
}

// parseBookmark returns the part of a state that a bookmark holds, or nil if it is
// empty. If a person has written the bookmark, the part gets the given name and, unless
// the bookmark has a version, the given version. Stale lists members that do not count.
func parseBookmark(bookmark []byte, name, version string) (part []byte, stale []string, err error) {
	if jsontext.Value(bookmark).Kind() == 'n' {
		return nil, nil, nil
	}
	all, err := readMembers(bookmark)
	if err != nil {
		return nil, nil, err
	}
	var parts, values []member
	var counted []string
	written := false
	for _, m := range all {
		switch m.name {
		case plainName:
			written = true
			if err := json.Unmarshal(m.value, &counted); err != nil {
				return nil, nil, fmt.Errorf("%s is not a list of names", plainName)
			}
		case jsonName:
			written = true
			if parts, err = readText(m.value); err != nil {
				return nil, nil, fmt.Errorf("%s: %w", jsonName, err)
			}
		case versionName:
			version = string(m.value)
		default:
			if m.value.Kind() != 'n' {
				values = append(values, m)
			}
		}
	}
	if written {
		values = slices.DeleteFunc(values, func(m member) bool {
			if !slices.Contains(counted, m.name) {
				stale = append(stale, m.name)
				return true
			}
			return false
		})
	}
	if parts, err = join(parts, values, name); err != nil {
		return nil, nil, err
	}
	return stateWith(parts, version), stale, nil
}

// readText returns the members of an object that is the text of a JSON string.
func readText(value []byte) ([]member, error) {
	var text string
	if err := json.Unmarshal(value, &text); err != nil {
		return nil, errors.New("it is not a string")
	}
	if !jsontext.Value(text).IsValid() {
		return nil, errors.New("its text is not valid JSON")
	}
	return readMembers([]byte(text))
}

// join returns parts to whose first one the values were added. If there are no parts,
// the values are a part with the given name.
func join(parts, values []member, name string) ([]member, error) {
	if len(values) == 0 {
		return parts, nil
	}
	if len(parts) == 0 {
		return []member{{name, objectOf(values)}}, nil
	}
	others, err := readMembers(parts[0].value)
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", jsonName, parts[0].name, err)
	}
	for _, m := range others {
		if !slices.ContainsFunc(values, func(v member) bool { return v.name == m.name }) {
			values = append(values, m)
		}
	}
	parts[0].value = objectOf(values)
	return parts, nil
}

// stateWith returns a state with the given parts and version, or nil if it is
// empty.
func stateWith(parts []member, version string) []byte {
	parts = slices.DeleteFunc(parts, func(m member) bool { return m.name == versionName })
	if len(parts) == 0 {
		return nil
	}
	if version != "" && version != "0" && version != "null" {
		parts = append(parts, member{versionName, jsontext.Value(version)})
	}
	return objectOf(parts)
}
