package protocol

import (
	"maps"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// A TestRequest asks for the test with a name.
type TestRequest struct {
	Name          string
	Configuration map[string]string
}

// Append implements the message.
func (r *TestRequest) Append(b []byte) []byte {
	return appendMap(appendString(b, 1, r.Name), 2, r.Configuration)
}

// Parse decodes the message.
func (r *TestRequest) Parse(message []byte) error {
	return fields(message, func(f *field) error {
		switch {
		case f.number == 1 && f.isBytes():
			r.Name = f.string()
		case f.number == 2 && f.isBytes():
			return parseEntry(&r.Configuration, f.bytes)
		}
		return nil
	})
}

// A SchemaRequest asks for the tables.
type SchemaRequest struct{ Configuration map[string]string }

// Append implements the message.
func (r *SchemaRequest) Append(b []byte) []byte { return appendMap(b, 1, r.Configuration) }

// Parse decodes the message.
func (r *SchemaRequest) Parse(message []byte) error {
	return fields(message, func(f *field) error {
		if f.number == 1 && f.isBytes() {
			return parseEntry(&r.Configuration, f.bytes)
		}
		return nil
	})
}

// An UpdateRequest asks for a sync.
type UpdateRequest struct {
	Configuration map[string]string
	Selection     *Selection // nil if the request has none
	State         string     // the last checkpoint, or "" if the request has none
}

// Append implements the message.
func (r *UpdateRequest) Append(b []byte) []byte {
	b = appendMap(b, 1, r.Configuration)
	if r.Selection != nil {
		b = appendMessage(b, 2, r.Selection)
	}
	return appendString(b, 3, r.State)
}

// Parse decodes the message.
func (r *UpdateRequest) Parse(message []byte) error {
	return fields(message, func(f *field) error {
		switch {
		case f.number == 1 && f.isBytes():
			return parseEntry(&r.Configuration, f.bytes)
		case f.number == 2 && f.isBytes():
			if r.Selection == nil {
				r.Selection = new(Selection)
			}
			return r.Selection.Parse(f.bytes)
		case f.number == 3 && f.isBytes():
			r.State = f.string()
		}
		return nil
	})
}

// appendMap appends a map of strings, sorted by key.
func appendMap(b []byte, number protowire.Number, m map[string]string) []byte {
	for _, key := range slices.Sorted(maps.Keys(m)) {
		b = appendMessage(b, number, &stringEntry{key, m[key]})
	}
	return b
}

// A stringEntry is an entry of a map of strings.
type stringEntry struct{ key, value string }

func (e *stringEntry) Append(b []byte) []byte {
	return appendString(appendString(b, 1, e.key), 2, e.value)
}

// parseEntry adds an entry to a map of strings.
func parseEntry(m *map[string]string, entry []byte) error {
	var key, value string
	err := fields(entry, func(f *field) error {
		switch {
		case f.number == 1 && f.isBytes():
			key = f.string()
		case f.number == 2 && f.isBytes():
			value = f.string()
		}
		return nil
	})
	if *m == nil {
		*m = map[string]string{}
	}
	(*m)[key] = value
	return err
}
