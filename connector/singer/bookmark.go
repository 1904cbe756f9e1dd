package singer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/penstock-sdk/penstock/internal/pasted"
	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// A bookmark holds the part of the state that belongs to a stream. Meltano can merge a
// new state into an old one: it then replaces strings, numbers and lists, but keeps
// the members of an old object that the new object lacks. A bookmark therefore lists
// the members that count, and holds everything that is nested as text:
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
	all, err := rawjson.Members(part)
	if err != nil {
		return nil, "", err
	}
	version = "0"
	all = slices.DeleteFunc(all, func(m rawjson.Member) bool {
		if m.Name == versionName {
			version = string(m.Value)
		}
		return m.Name == versionName
	})
	var plain []rawjson.Member
	for i, m := range all {
		if slices.Contains(names, m.Name) {
			// The values return to the first part.
			all[0], all[i] = m, all[0]
			if plain, all[0].Value, err = splitPlain(m.Value); err != nil {
				return nil, "", err
			}
			break
		}
	}
	b := []byte{'{'}
	var counted []string
	for _, m := range plain {
		counted = append(counted, m.Name)
		b = append(append(append(rawjson.AppendString(b, m.Name), ':'), m.Value...), ',')
	}
	b = append(rawjson.AppendStrings(append(b, `"`+plainName+`":`...), counted), `,"`+jsonName+`":`...)
	b = rawjson.AppendString(b, rawjson.Object(all))
	b = append(append(append(b, `,"`+versionName+`":`...), version...), '}')
	return b, version, nil
}

// splitPlain splits the part of a table into the values that a bookmark shows and an
// object with the others.
func splitPlain(part []byte) (plain []rawjson.Member, rest rawjson.Value, err error) {
	all, err := rawjson.Members(part)
	if err != nil {
		return nil, nil, err
	}
	var others []rawjson.Member
	for _, m := range all {
		if isPlain(m) {
			plain = append(plain, m)
		} else {
			others = append(others, m)
		}
	}
	return plain, rawjson.Object(others), nil
}

// maxInteger is the greatest integer below which a float holds every integer. Programs
// that read every number as a float, such as jq and those in JavaScript, round greater
// ones.
const maxInteger = 1 << 53

// isPlain reports whether every program that stores a state keeps a value exactly. A
// number with a fraction may be spelled in another way. Some databases cannot hold a
// null character.
func isPlain(m rawjson.Member) bool {
	if m.Name == "" || m.Name[0] == '_' || strings.Contains(m.Name, "\x00") {
		return false
	}
	switch {
	case m.Value.IsString():
		return !bytes.Contains(m.Value, []byte(`\u0000`))
	case m.Value.IsBool():
		return true
	case m.Value.IsNumber():
		n, err := strconv.ParseInt(string(m.Value), 10, 64)
		return err == nil && -maxInteger < n && n < maxInteger && strconv.FormatInt(n, 10) == string(m.Value)
	}
	return false
}

// parseBookmark returns the part of a state that a bookmark holds, or nil if it is
// empty. If a person has written the bookmark, the part gets the given name and, unless
// the bookmark has a version, the given version. The result stale lists members that do
// not count.
func parseBookmark(bookmark []byte, name, version string) (part []byte, stale []string, err error) {
	if rawjson.Value(bookmark).IsNull() {
		return nil, nil, nil
	}
	all, err := rawjson.Members(bookmark)
	if err != nil {
		return nil, nil, err
	}
	var parts, values []rawjson.Member
	var counted []string
	written := false
	for _, m := range all {
		switch m.Name {
		case plainName:
			written = true
			if err := json.Unmarshal(m.Value, &counted); err != nil {
				return nil, nil, fmt.Errorf("%s is not a list of names", plainName)
			}
		case jsonName:
			written = true
			if parts, err = readText(m.Value); err != nil {
				return nil, nil, fmt.Errorf("%s: %w", jsonName, err)
			}
		case versionName:
			version = string(m.Value)
		default:
			if !m.Value.IsNull() {
				values = append(values, m)
			}
		}
	}
	if written {
		values = slices.DeleteFunc(values, func(m rawjson.Member) bool {
			if !slices.Contains(counted, m.Name) {
				stale = append(stale, m.Name)
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
func readText(value []byte) ([]rawjson.Member, error) {
	var text string
	if err := json.Unmarshal(value, &text); err != nil {
		return nil, errors.New("it is not a string")
	}
	if !rawjson.Value(text).IsValid() {
		return nil, errors.New("its text is not valid JSON")
	}
	return rawjson.Members([]byte(text))
}

// join returns parts to whose first one the values were added. If there are no parts,
// the values are a part with the given name.
func join(parts, values []rawjson.Member, name string) ([]rawjson.Member, error) {
	if len(values) == 0 {
		return parts, nil
	}
	if len(parts) == 0 {
		return []rawjson.Member{{Name: name, Value: rawjson.Object(values)}}, nil
	}
	others, err := rawjson.Members(parts[0].Value)
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", jsonName, pasted.Label(parts[0].Name), err)
	}
	for _, m := range others {
		if !slices.ContainsFunc(values, func(v rawjson.Member) bool { return v.Name == m.Name }) {
			values = append(values, m)
		}
	}
	parts[0].Value = rawjson.Object(values)
	return parts, nil
}

// stateWith returns a state with the given parts and version, or nil if it is
// empty.
func stateWith(parts []rawjson.Member, version string) []byte {
	parts = slices.DeleteFunc(parts, func(m rawjson.Member) bool { return m.Name == versionName })
	if len(parts) == 0 {
		return nil
	}
	if version != "" && version != "0" && version != "null" {
		parts = append(parts, rawjson.Member{Name: versionName, Value: rawjson.Value(version)})
	}
	return rawjson.Object(parts)
}
