package main

import (
	"encoding/json"
	"strings"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
)

// cursorOf returns a table's cursor from a state, or "" if the state has no member with
// the table's name.
func cursorOf(state []byte, t *warehouse.Table) string {
	var parts map[string]json.RawMessage
	if json.Unmarshal(state, &parts) != nil {
		return ""
	}
	name := t.Source[strings.LastIndexByte(t.Source, '.')+1:]
	part, ok := parts[name]
	if !ok {
		return ""
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(part, &members) == nil {
		if cursor, ok := members["cursor"]; ok {
			part = cursor
		}
	}
	return strings.Trim(string(part), `"`)
}
