package connectortest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// sharedPart is the member of a state that belongs to no table.
const sharedPart = state.SharedName

// partsOf returns the members of a state. It returns nil if the state is not an
// object, which a program may write.
func partsOf(state json.RawMessage) map[string]json.RawMessage {
	var parts map[string]json.RawMessage
	if json.Unmarshal(state, &parts) != nil {
		return nil
	}
	return parts
}

// partOf returns the part of a table in a state, or nil.
func partOf(state json.RawMessage, t *schema.Table) json.RawMessage {
	parts := partsOf(state)
	if part, ok := parts[t.String()]; ok {
		return part
	}
	return parts[t.Name]
}

// positionOf returns what a connector has saved in a part, without the keys of the
// runtime, which begin with an underscore. The common cursor of partitions also does,
// but is a position of the connector. It returns "" if there is nothing.
func positionOf(part json.RawMessage) string {
	values := partsOf(part)
	maps.DeleteFunc(values, func(key string, _ json.RawMessage) bool {
		return strings.HasPrefix(key, "_") && !strings.HasPrefix(key, "_partitions")
	})
	if len(values) == 0 {
		return ""
	}
	text, _ := json.Marshal(values) // parsed from JSON
	return string(text)
}

// partNames returns the names under which a state may hold the part of a table: the
// full name, and the plain one unless several tables have it.
func partNames(t *schema.Table, all []*schema.Table) []string {
	names := []string{t.String()}
	same := 0
	for _, other := range all {
		if other.Name == t.Name {
			same++
		}
	}
	if same == 1 && t.Name != t.String() {
		names = append(names, t.Name)
	}
	return names
}

// withoutPart returns a state without the part of a table.
func withoutPart(state json.RawMessage, names []string) json.RawMessage {
	parts := partsOf(state)
	before := len(parts)
	maps.DeleteFunc(parts, func(name string, _ json.RawMessage) bool { return slices.Contains(names, name) })
	if len(parts) == before {
		return state
	}
	rest, _ := json.Marshal(parts) // parsed from JSON
	return rest
}
