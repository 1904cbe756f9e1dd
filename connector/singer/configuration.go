package singer

import (
	"bytes"
	"maps"
	"slices"

	"encoding/json"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
)

// readConfiguration reads the files of a configuration and merges them. It returns nil
// if there are none.
func readConfiguration(paths []string) ([]byte, error) {
	var merged []byte
	for i, path := range paths {
		next, err := host.ReadObject(path)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			merged = next
			continue
		}
		if merged, err = mergeObjects(merged, next); err != nil {
			return nil, connector.Errorf(connector.Configuration, "file %s: merge it with the files before it: %w", path, err)
		}
	}
	return merged, nil
}

// mergeObjects returns the members of two JSON objects. If both have a member, the
// later one wins, except that two objects are merged in turn.
func mergeObjects(earlier, later []byte) ([]byte, error) {
	var merged, more map[string]json.RawMessage
	if err := json.Unmarshal(earlier, &merged); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(later, &more); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(more)) {
		value := more[name]
		if isObject(merged[name]) && isObject(value) {
			var err error
			if value, err = mergeObjects(merged[name], value); err != nil {
				return nil, err
			}
		}
		merged[name] = value
	}
	return json.Marshal(merged)
}

// isObject reports whether a JSON value is an object.
func isObject(value []byte) bool {
	return jsontext.Value(bytes.TrimSpace(value)).Kind() == '{'
}
