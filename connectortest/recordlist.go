package connectortest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// A recordList is an array of JSON objects in a response.
type recordList struct {
	path    string // names of members, separated by dots; "" for the whole body
	records []map[string]any
}

// recordLists returns the arrays of objects in a JSON value that are not inside of
// another array.
func recordLists(v any, path string) (lists []recordList) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			lists = append(lists, recordLists(v[name], memberPath(path, name))...)
		}
	case []any:
		list := recordList{path: path}
		for _, element := range v {
			if record, ok := element.(map[string]any); ok {
				list.records = append(list.records, record)
			}
		}
		if len(list.records) > 0 {
			lists = append(lists, list)
		}
	}
	return lists
}

// objectsIn calls do for each JSON object in a value, at any depth.
func objectsIn(v any, do func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		do(v)
		for _, member := range v {
			objectsIn(member, do)
		}
	case []any:
		for _, element := range v {
			objectsIn(element, do)
		}
	}
}

// recordText returns a record in a form that equal records share.
func recordText(record map[string]any) string {
	text, _ := json.Marshal(record) // parsed from JSON
	return string(text)
}

func memberPath(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// scalarText returns a scalar JSON value as text, and false for null, objects and
// arrays. A number and a string with its digits have the same text, because connectors
// turn one into the other.
func scalarText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		if v {
			return "true", true
		}
		return "false", true
	}
	return "", false
}

// memberOf returns a member of an object, as encoding/json finds it: by its exact name
// or, if there is none, without regard to case.
func memberOf(object map[string]any, name string) (any, bool) {
	if v, ok := object[name]; ok {
		return v, true
	}
	for other, v := range object {
		if strings.EqualFold(other, name) {
			return v, true
		}
	}
	return nil, false
}

// hasValue reports whether a member is more than null or empty.
func hasValue(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case string:
		return v != ""
	case []any:
		return len(v) > 0
	case map[string]any:
		return len(v) > 0
	}
	return true
}
