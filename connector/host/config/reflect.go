package config

import (
	"fmt"
	"reflect"
	"runtime/debug"

	"github.com/invopop/jsonschema"

	"github.com/penstock-sdk/penstock/connector"
)

// reflectSchema returns the JSON Schema that follows from the types and tags of
// a connector's struct.
func reflectSchema(t reflect.Type) (s *jsonschema.Schema, err error) {
	defer func() {
		if cause := recover(); cause != nil { // the reflector panics to reject a type or a tag
			err = connector.Errorf(connector.Defect, "make the JSON Schema of %v: %w", t, &panicError{
				text:  fmt.Sprintf("panic in the reflector, or in a method that it calls: %v", cause),
				stack: string(debug.Stack()),
			})
		}
	}()
	reflector := &jsonschema.Reflector{
		Anonymous:                 true,
		ExpandedStruct:            true,
		DoNotReference:            true,
		AllowAdditionalProperties: true,
		Mapper: func(inner reflect.Type) *jsonschema.Schema {
			if inner == t {
				return nil // its fields are the configuration, even if it has methods
			}
			return mapType(inner)
		},
	}
	s = reflector.ReflectFromType(t)
	s.Definitions = nil
	return s, nil
}

// A schemaWriter is a type that writes its own JSON Schema.
type schemaWriter interface{ JSONSchema() *jsonschema.Schema }

var schemaWriterType = reflect.TypeFor[schemaWriter]()

// mapType returns the schema of a type that the reflector would describe wrongly,
// or nil for all other types.
func mapType(t reflect.Type) *jsonschema.Schema {
	switch t {
	case secretType:
		return &jsonschema.Schema{Type: "string", Format: "password", WriteOnly: true}
	case durationType:
		return &jsonschema.Schema{Type: "string", Examples: []any{"30s", "1h30m"}}
	case timeType:
		return &jsonschema.Schema{Type: "string", Format: "date-time"}
	case jsonNumberType:
		return &jsonschema.Schema{Type: "number"}
	case urlType:
		return &jsonschema.Schema{Type: "string", Format: "uri"}
	case rawMessageType, rawValueType:
		return &jsonschema.Schema{ContentMediaType: "application/json"} // of text: see decoder.json
	}
	switch {
	case readsText(t):
		return &jsonschema.Schema{Type: "string"}
	case readsItself(t) && !t.Implements(schemaWriterType):
		return &jsonschema.Schema{} // its fields do not show what it decodes
	}
	return nil
}
