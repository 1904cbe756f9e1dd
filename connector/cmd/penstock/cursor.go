package main

import (
	"encoding/json"
	"strings"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
)

// cursorOf returns where a state is in a table, if it says so by the table's name.
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
